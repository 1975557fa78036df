/**
 * Answers a request once, however often it is sent: whoever repeats it under its key is told what was
 * answered, also after a restart, and no crash in between makes it start two runs.
 */
import { createHash } from 'node:crypto';
import { RequestError } from './errors.ts';
import type { Known } from './identity.ts';
import { idempotencyKeyForm } from './ids.ts';
import type { KeyedRequest, KeyedRun } from './stores/keyed.ts';
import type { TenantStore } from './stores/tenant-store.ts';

/** A request that may be sent again. */
export interface RepeatableRequest {
  /** What is asked for: the same key may stand for another request elsewhere. */
  readonly route: string;
  /** Made up by whoever asks, once for each request: 8 to 64 letters, digits, "_" and "-". */
  readonly key: string;
  /** All that the request says; a repetition says the same. */
  readonly body: string;
}

/** What is answered. */
export interface Response {
  /** Absent where it cannot be given again, such as a stream: a repetition is answered anew. */
  readonly text?: string;
  /** False if it may be another one in a moment: then the key is given up, unless it started a run. */
  readonly isFinal: boolean;
}

/** A request with what is known of it, for the call that starts or moves its run. */
export interface Started {
  readonly request: KeyedRequest;
  /** The run that it started or moved before. */
  readonly run?: KeyedRun;
  /** Notes which run it is about. */
  note(run: KeyedRun): void;
}

/** The requests of one runtime that carry a key. */
export class Requests {
  readonly #store: TenantStore;
  readonly #underWay = new Set<string>();

  constructor(store: TenantStore) {
    this.#store = store;
  }

  /** Answers with what was answered before, or with what `respond` says now. */
  async once(
    { tenantId, userId = '' }: Known,
    { route, key, body }: RepeatableRequest,
    respond: (started: Started) => Promise<Response>,
  ): Promise<Pick<Response, 'text'> & { readonly replayed: boolean }> {
    checkKey(key);
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const request = { tenantId, userId, route, key, bodyHash };
    const name = JSON.stringify([tenantId, userId, route, key]);
    const isMine = !this.#underWay.has(name);
    if (isMine) this.#underWay.add(name);
    try {
      const { otherBody, response, run } = await this.#store.beginRequest(request);
      if (otherBody) throw reused(key);
      if (response !== undefined) return { text: response, replayed: true };
      if (!isMine) throw inProgress(key);
      const { text } = await this.#respond({ request, ...(run ? { run } : {}) }, respond);
      return { ...(text === undefined ? {} : { text }), replayed: false };
    } finally {
      if (isMine) this.#underWay.delete(name);
    }
  }

  async #respond(
    known: Omit<Started, 'note'>,
    respond: (started: Started) => Promise<Response>,
  ): Promise<Response> {
    let response: Response | undefined;
    let run: KeyedRun | undefined;
    const note = (one: KeyedRun) => {
      run = one;
    };
    try {
      response = await respond({ ...known, note });
      return response;
    } finally {
      const { text, isFinal = false } = response ?? {};
      const outcome = {
        ...(text === undefined ? {} : { response: text }),
        ...(run ? { run } : {}),
      };
      await this.#store.endRequest(known.request, isFinal ? outcome : undefined);
    }
  }
}

function checkKey(key: string): void {
  if (idempotencyKeyForm.test(key)) return;
  throw new RequestError(
    'idempotency_key_invalid',
    'An idempotency key is 8 to 64 letters, digits, "_" and "-", made up once for each request.',
  );
}

function reused(key: string): RequestError {
  return new RequestError(
    'idempotency_key_reused',
    `The idempotency key "${key}" came with another request. Make up a new one for each request.`,
  );
}

function inProgress(key: string): RequestError {
  return new RequestError(
    'request_in_progress',
    `The first request with the idempotency key "${key}" is not answered yet. Ask again in a moment.`,
  );
}
