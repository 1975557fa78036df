/** Hears of the signals that ask the process to end: Ctrl-C, a supervisor's, a terminal that closes. */
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * A terminal and systemd signal npm and this process, and npm hands on what it gets: what comes so
 * soon, in milliseconds, was sent once.
 */
const sentOnceMs = 500;

/**
 * Tells of the first signal; a later one ends the process at once.
 *
 * @returns listens no more, unless there was a signal
 */
export function onSignal(first: (signal: string) => void): () => void {
  let firstAt: number | undefined;
  const listeners = signals.map((signal) => {
    const heard = () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        first(signal);
      } else if (performance.now() - firstAt > sentOnceMs) {
        process.exit(128 + constants.signals[signal]);
      }
    };
    process.on(signal, heard);
    return () => void process.off(signal, heard);
  });
  return () => {
    // What is still to be closed is closed in peace.
    if (firstAt === undefined) for (const off of listeners) off();
  };
}
