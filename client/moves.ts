/**
 * Moves runs: starts them and answers their questions. No request stays open for long, for clients and
 * what stands between cut off those that do, and each has a key, so that it can be sent again when its
 * answer was lost.
 */
import { again, sleep } from './again.ts';
import type { RunBody } from './bodies.ts';
import type { Send } from './connection.ts';

export interface RequestOptions {
  /** Gives the request up; what it caused stays. */
  readonly signal?: AbortSignal;
}

export interface MoveOptions extends RequestOptions {
  /**
   * Names the request, so that it may be sent again and causes nothing then. Default: one that is made
   * up, for what the client itself sends again.
   */
  readonly idempotencyKey?: string;
}

export interface WaitOptions extends MoveOptions {
  /** False answers at once, with a run that still works; follow it with `events`. Default true. */
  readonly wait?: boolean;
}

/** So often a request is sent at most that moves a run. */
const triesMax = 3;

/** An answer that takes longer, in milliseconds, was lost: a connection may be dead and not say so. */
const answerMs = 45_000;

/** One look at a run: so long the server may wait for news, and so often it is asked at most. */
const look = { seconds: 20, everyMs: 1_000 };

/** Sends a request that moves a run, and waits until it pauses or ends, unless you do not want to. */
export async function moved(
  send: Send,
  path: string,
  body: unknown,
  { signal, idempotencyKey = newKey(), wait = true }: WaitOptions = {},
): Promise<RunBody> {
  const headers = { prefer: 'respond-async', 'idempotency-key': idempotencyKey };
  const post = async (onSent: () => void) => {
    const response = await send('POST', path, { body, headers, signal: inTime(signal), onSent });
    return (await response.json()) as RunBody;
  };
  const run = await again(post, { signal, tries: triesMax });
  return wait ? settled(send, run.run_id, signal) : run;
}

/** Looks at a run until it is no longer at work. */
async function settled(send: Send, runId: string, signal?: AbortSignal): Promise<RunBody> {
  const read = async (onSent: () => void) => {
    const response = await send('GET', `/runs/${encodeURIComponent(runId)}`, {
      headers: { prefer: `wait=${look.seconds}` },
      signal: inTime(signal),
      onSent,
    });
    return (await response.json()) as RunBody;
  };
  for (;;) {
    const askedAt = Date.now();
    const run = await again(read, { signal });
    if (run.status !== 'working' || run.queued || run.stalled !== undefined) return run;
    // A proxy may have kept the preference to itself.
    await sleep(Math.max(0, askedAt + look.everyMs - Date.now()), signal);
  }
}

function inTime(signal?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(answerMs);
  return signal ? AbortSignal.any([signal, limit]) : limit;
}

/** Random, also on a page that came over plain HTTP, which has no `randomUUID`. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join('-');
}
