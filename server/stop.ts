/**
 * Ends the process in good order on a signal, within a limit of time; a second signal ends it at
 * once. Whatever was not finished by then is taken up at the next start.
 */
import { onSignal } from './signals.ts';

/** How long the last answers may take to be written, in milliseconds. */
export const lastAnswersMs = 1_000;

/**
 * @param stop ends the work; what is under way may take `graceMs`. If it fails, nobody catches that.
 */
export function stopOnSignal(
  limitMs: number,
  stop: (signal: string, graceMs: number) => Promise<void>,
): void {
  onSignal((signal) => {
    setTimeout(() => process.exit(0), limitMs).unref();
    void stop(signal, Math.max(0, limitMs - lastAnswersMs)).then(() => process.exit(0));
  });
}
