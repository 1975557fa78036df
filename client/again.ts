/** Tries again what may pass in a moment: refusals of a busy server, and connections that break. */
import { CadenzaProblem } from './problem.ts';

/** Waits between tries, doubled each time; and so long a server may ask you to wait. */
const waitMs = { first: 250, most: 10_000, asked: 60_000 };

export interface AgainOptions {
  /** Ends the trying; its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** How often it is tried at most. Default: for as long as it may pass. */
  readonly tries?: number;
}

/**
 * What a request comes to, once it comes to something.
 *
 * @param request is to tell when it is on its way: what fails before fails for reasons of your own
 */
export async function again<T>(
  request: (onSent: () => void) => Promise<T>,
  { signal, tries = Number.POSITIVE_INFINITY }: AgainOptions = {},
): Promise<T> {
  for (let failed = 0; ; failed += 1) {
    let isSent = false;
    try {
      return await request(() => {
        isSent = true;
      });
    } catch (error) {
      signal?.throwIfAborted();
      // The same request is under way, perhaps as a try whose answer was lost: that is no refusal.
      const isUnderWay = Object(error).code === 'request_in_progress';
      if (!isSent || !mayPass(error) || (failed + 1 >= tries && !isUnderWay)) throw error;
      await pause(failed, error, signal);
    }
  }
}

/** Whether the same request may succeed in a moment. A connection may; an answer that is no JSON will not. */
export function mayPass(error: unknown): boolean {
  return error instanceof CadenzaProblem ? error.retryable : !(error instanceof SyntaxError);
}

/** Waits before the next try, for longer after each that failed, and as long as the server asks for. */
export function pause(failed: number, error: unknown, signal?: AbortSignal): Promise<void> {
  const asked = (error instanceof CadenzaProblem && error.retryAfterMs) || 0;
  const most = Math.min(waitMs.most, waitMs.first * 2 ** failed);
  // At random, so that clients of a server that restarts do not all come back at once.
  const own = most * (0.5 + Math.random() / 2);
  return sleep(Math.min(asked, waitMs.asked) + own, signal);
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
