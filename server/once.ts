/**
 * Requests with an `Idempotency-Key`: a repetition gets the first answer again, as it was, whatever its
 * headers say. A stream cannot be kept: its request is answered anew, about the run that it moved.
 */
import { z } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { idempotencyKeyForm } from '../src/index.ts';
import type { ProblemCode } from './problems.ts';
import type { Env } from './router.ts';

/** The header as the contract describes it; it is read before any schema. */
export const keyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(idempotencyKeyForm)
    .optional()
    .describe(
      'Made up once for each request: 8 to 64 letters, digits, "_" and "-". For 24 hours the same request with it gets the same answer, with `Idempotency-Replayed: true` and whatever `Accept` and `Prefer` say then: JSON, with the id of the run, whose events can be followed. Only what was answered with a stream is answered anew, as they say, and moves nothing.',
    ),
});

/** What a route that takes the header may answer. */
export const keyProblems: readonly ProblemCode[] = [
  'idempotency_key_invalid',
  'idempotency_key_reused',
  'request_in_progress',
];

/** What was answered, as it is kept. */
interface Kept {
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers with what was answered before under the request's key, or lets it through to its route. */
export const once: MiddlewareHandler<Env> = async (c, next) => {
  // Of two headers the values stand in one, with a comma, which no key has.
  const key = c.req.header('idempotency-key');
  if (key === undefined) return next();
  const body = await c.req.text();
  const route = `${c.req.method} ${c.req.path}`;
  const { text, replayed } = await c.get('runtime').once({ route, key, body }, async (keyed) => {
    c.set('runtime', keyed);
    await next();
    return responseOf(c.res);
  });
  if (!replayed || text === undefined) return;
  const kept = JSON.parse(text) as Kept;
  return c.body(kept.body, kept.status, {
    ...kept.headers,
    'Idempotency-Replayed': 'true',
  });
};

/** The headers that are part of an answer. The others are about the request that got it: its id, its page's origin. */
const ownHeaders = ['content-type', 'location', 'content-location', 'preference-applied'];

async function responseOf(response: Response) {
  const type = response.headers.get('content-type') ?? '';
  // A stream is no answer that could be given again; that it was given is kept, and of which run.
  if (!/^application\/(problem\+)?json/.test(type)) return { isFinal: response.ok };
  const body = await response.clone().text();
  const status = response.status as ContentfulStatusCode;
  const headers = Object.fromEntries(
    ownHeaders.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const text = JSON.stringify({ status, headers, body } satisfies Kept);
  return { text, isFinal: response.ok || isFinal(JSON.parse(body).code) };
}

/** Refusals that stay what they are: nothing that anybody else does makes the request succeed. */
const finalCodes: ReadonlySet<ProblemCode> = new Set([
  'answer_ambiguous',
  'answer_conflict',
  'answer_invalid',
  'body_invalid',
  'message_invalid',
  'question_expired',
  'question_not_open',
  'run_finished',
]);

function isFinal(code: ProblemCode): boolean {
  return finalCodes.has(code);
}
