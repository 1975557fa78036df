/** Waits for work, but not longer than its signal allows, whether or not the work heeds it. */

/** @throws the signal's reason once it is aborted */
export async function orAborted<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([body(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
