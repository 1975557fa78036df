/**
 * Ends the process in good order on SIGTERM or SIGINT, within a limit of time; a second signal ends
 * it at once. Whatever was not finished by then is taken up at the next start.
 */
import { constants } from 'node:os';

/** How long the last answers may take to be written, in milliseconds. */
export const lastAnswersMs = 1_000;

/**
 * @param stop ends the work; what is under way may take `graceMs`
 * @param failed is told if that fails
 */
export function stopOnSignal(
  limitMs: number,
  stop: (signal: string, graceMs: number) => Promise<void>,
  failed: (error: unknown) => void,
): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(128 + constants.signals[signal]);
      isStopping = true;
      setTimeout(() => process.exit(0), limitMs).unref();
      stop(signal, Math.max(0, limitMs - lastAnswersMs)).then(() => process.exit(0), failed);
    });
  }
}
