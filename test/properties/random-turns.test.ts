/** Requests of 5,000 random cases. `npm run proofs` plays 100,000. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { Met } from './random-turns.ts';

test('no request of 5,000 random teams, answers and crashes is refused', {
  timeout: 600_000,
}, async (t) => {
  // In a thread of its own, because the test runner follows every promise of its own thread, which
  // costs a case a tenth of its time.
  const options = { workerData: { numRuns: 5_000 } };
  const thread = new Worker(new URL('random-turns-thread.ts', import.meta.url), options);
  t.after(() => thread.terminate());
  const [met] = (await once(thread, 'message')) as [Met];
  t.diagnostic(JSON.stringify(met));
  assert.equal(met.cases, 5_000);
  assert.ok(met.crashes > 0 && met.answers > 0, JSON.stringify(met));
});
