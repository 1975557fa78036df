/**
 * Ends the process on an error that nobody caught: what it left half done is known to the database
 * alone, and the next start takes it up. Node would print the error, with what was said, and its stack.
 */

/** `EX_SOFTWARE` of sysexits.h; a supervisor starts the process again. */
const exitCode = 70;

/** @param tell tells of the error before the process ends */
export function endOnUncaught(tell: (error: unknown) => void): void {
  const end = (error: unknown) => {
    try {
      tell(error);
    } finally {
      process.exit(exitCode);
    }
  };
  process.on('uncaughtException', end).on('unhandledRejection', end);
}
