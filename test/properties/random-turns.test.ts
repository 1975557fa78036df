/** Requests of 5,000 random cases. `npm run proofs` plays 100,000. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTurns } from './random-turns.ts';

test('no request of 5,000 random teams, answers and crashes is refused', {
  timeout: 600_000,
}, async (t) => {
  const met = await checkTurns({ numRuns: 5_000 });
  t.diagnostic(JSON.stringify(met));
  assert.ok(met.crashes > 0 && met.answers > 0, JSON.stringify(met));
});
