/** Gives each request an id, and tells of it once it was answered: never of what it said. */
import { randomBytes } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';

/** A request that was answered. A stream counts as answered when it begins. */
export interface AnsweredRequest {
  /** What the client sent as X-Request-Id if it is usable, else one that was made; answered back. */
  readonly requestId: string;
  readonly method: string;
  /** The pattern, such as `/runs/:id`; undefined where there is no such route. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
  /** The run that it was about, where there is one. */
  readonly runId: string | undefined;
}

const usable = /^[A-Za-z0-9_-]{8,64}$/;

/** @param tell is told of each request */
export function identified(tell?: (request: AnsweredRequest) => void): MiddlewareHandler {
  return async (c, next) => {
    const startedAt = performance.now();
    // An app around this one may have given it one already.
    const given = requestIdOf(c) ?? c.req.header('x-request-id') ?? '';
    const requestId = usable.test(given) ? given : `req_${randomBytes(12).toString('hex')}`;
    c.set('requestId', requestId);
    await next();
    c.header('X-Request-Id', requestId);
    // Of the last one that was asked: those behind it match too, and had no part in it.
    const route = routePath(c);
    tell?.({
      requestId,
      method: c.req.method,
      route: route.endsWith('*') ? undefined : route,
      status: c.res.status,
      ms: Math.round((performance.now() - startedAt) * 10) / 10,
      runId: c.get('runId') ?? (route.includes('/runs/:id') ? runIdIn(c) : undefined),
    });
  };
}

/** The id that a request was given; undefined before it was. */
export function requestIdOf(c: Context): string | undefined {
  return c.get('requestId');
}

/** Notes which run a request is about. */
export function about<T extends { readonly id: string }>(c: Context, run: T): T {
  c.set('runId', run.id);
  return run;
}

/** Only what looks like the id of a run: a path may hold anything. */
function runIdIn(c: Context): string | undefined {
  return /\/runs\/(run_[0-9a-f]{1,64})(?:\/|$)/.exec(c.req.path)?.[1];
}
