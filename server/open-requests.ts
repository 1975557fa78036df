/** Counts what is open: requests, by tenant, and streams among them, which stay open for long. */
import type { Context, MiddlewareHandler } from 'hono';
import { DefinitionError } from '../src/index.ts';
import { HttpError } from './problems.ts';

export interface StreamOptions {
  /**
   * A stream that says nothing for so many milliseconds says that it is alive. Default: 15,000; at most
   * 30,000, for `cadenza/client` takes one for dead that is silent for 45,000.
   */
  readonly heartbeatMs?: number;
  /**
   * A client that takes nothing for so many milliseconds is dropped. Default: 30,000. Systems take up to
   * some 1.5 MB ahead of it, so one that takes less than that in all this time is dropped, too.
   */
  readonly stallMs?: number;
  /** How many streams may be open at once. Default: 500. */
  readonly max?: number;
}

/** A request that is open. */
interface Place {
  isStream: boolean;
  /** Whether it stays open when its answer has begun. */
  isKept: boolean;
  /** Gives it up; a second time does nothing. */
  leave(): void;
}

/** In place of a tenant's name. */
const byToken = Symbol('by token');

/** The requests that are open, and how streams are kept. */
export class OpenRequests {
  readonly heartbeatMs: number;
  readonly stallMs: number;
  readonly #streamsMax: number;
  /** Undefined: half as many as streams, for tenants that have a name. */
  readonly #perTenant: number | undefined;
  /** By the name of the tenant. */
  readonly #counts = new Map<string | symbol, number>();
  #streams = 0;

  /** @throws DefinitionError `limit_unusable` */
  constructor(
    { heartbeatMs = 15_000, stallMs = 30_000, max = 500 }: StreamOptions = {},
    perTenant?: number,
  ) {
    checkTime('streams.heartbeatMs', heartbeatMs, silenceMs);
    checkTime('streams.stallMs', stallMs, longestMs);
    checkCount('streams.max', max);
    checkCount('requestsPerTenant', perTenant);
    this.heartbeatMs = heartbeatMs;
    this.stallMs = stallMs;
    this.#streamsMax = max;
    this.#perTenant = perTenant;
  }

  /**
   * Counts a request until it is answered, and a stream until it ends.
   *
   * @throws HttpError `too_many_requests`
   */
  counted(): MiddlewareHandler {
    return this.#counting((c) => {
      const tenantId: string | undefined = c.get('tenantId');
      return this.#enter(tenantId ?? '', tenantId === undefined ? Infinity : this.#half);
    });
  }

  /**
   * Counts requests of whoever bears a token, all together: until it was read, nobody knows whose it is.
   *
   * @throws HttpError `too_many_requests`
   */
  countedByToken(): MiddlewareHandler {
    return this.#counting(() => this.#enter(byToken, this.#half));
  }

  /**
   * Makes room for the stream that a request asks for.
   *
   * @throws HttpError `too_many_streams`
   */
  checkStream(c: Context): void {
    const max = this.#streamsMax;
    if (this.#streams >= max) {
      throw new HttpError(
        'too_many_streams',
        `${max} streams are open, which is as many as may be. Nothing was changed: try again in a moment.`,
      );
    }
    this.#streams += 1;
    placeOf(c).isStream = true;
  }

  /** Keeps the place of a stream until it is given up. */
  keep(c: Context): () => void {
    const place = placeOf(c);
    place.isKept = true;
    return place.leave;
  }

  get #half(): number {
    return Math.ceil(this.#streamsMax / 2);
  }

  #counting(enter: (c: Context) => Place): MiddlewareHandler {
    return async (c, next) => {
      const place = enter(c);
      c.set('place', place);
      try {
        await next();
      } finally {
        if (!place.isKept) place.leave();
      }
    };
  }

  #enter(name: string | symbol, byDefault: number): Place {
    const max = this.#perTenant ?? byDefault;
    const count = this.#counts.get(name) ?? 0;
    if (count >= max) {
      throw new HttpError(
        'too_many_requests',
        `${count} ${name === byToken ? 'requests by token' : 'of your requests and streams'} are open, which is as many as may be. Nothing was changed: try again when one has ended.`,
      );
    }
    this.#counts.set(name, count + 1);
    let isOpen = true;
    const place: Place = {
      isStream: false,
      isKept: false,
      leave: () => {
        if (!isOpen) return;
        isOpen = false;
        if (place.isStream) this.#streams -= 1;
        const left = (this.#counts.get(name) ?? 1) - 1;
        if (left > 0) this.#counts.set(name, left);
        else this.#counts.delete(name);
      },
    };
    return place;
  }
}

/** So long a stream may be silent, in milliseconds: clients wait somewhat longer before they give it up. */
const silenceMs = 30_000;

/** The longest time that setTimeout can wait. */
const longestMs = 2_147_483_647;

function checkTime(what: string, ms: number, most: number): void {
  if (Number.isInteger(ms) && ms >= 1 && ms <= most) return;
  throw new DefinitionError(
    'limit_unusable',
    `An app has ${what} ${ms}. Use whole milliseconds from 1 to ${most}.`,
  );
}

function checkCount(what: string, count = 0): void {
  if (Number.isInteger(count) && count >= 0) return;
  throw new DefinitionError('limit_unusable', `An app has ${what} ${count}. Use a whole number.`);
}

function placeOf(c: Context): Place {
  return c.get('place');
}
