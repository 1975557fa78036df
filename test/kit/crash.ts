/**
 * Loaded before the server, by `--import`: kills the process at a boundary, and writes down every
 * boundary that it passes.
 *
 * Environment: CRASH_TRACE, a file that gets a line `number name` for each boundary; CRASH_AT, the
 * number of the boundary at which the process dies; DIE_AT, the name of one.
 */
import { appendFileSync } from 'node:fs';
import { onBoundary } from '../../src/boundary.ts';

const { CRASH_AT, CRASH_TRACE, DIE_AT } = process.env;
const last = Number(CRASH_AT);
let passed = 0;

onBoundary((name) => {
  passed += 1;
  if (CRASH_TRACE) appendFileSync(CRASH_TRACE, `${passed} ${name}\n`);
  if (passed === last || name === DIE_AT) die();
});

/** SIGKILL ends every thread before the call returns; the loop is for the case that it did not. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
