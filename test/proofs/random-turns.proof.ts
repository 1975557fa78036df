/**
 * The requests of very many random cases: `CADENZA_TURNS` of them (default 100,000). Each portion has a
 * seed of its own, which a failure prints with its path.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTurns } from '../properties/random-turns.ts';

const cases = Number(process.env['CADENZA_TURNS'] ?? 100_000);
const portion = 5_000;

test(`no request of ${cases} random teams, answers and crashes is refused`, async (t) => {
  const all = { cases: 0, requests: 0, crashes: 0, answers: 0 };
  while (all.cases < cases) {
    const met = await checkTurns({ numRuns: Math.min(portion, cases - all.cases) });
    for (const what of ['cases', 'requests', 'crashes', 'answers'] as const) all[what] += met[what];
    console.log(JSON.stringify(all));
  }
  t.diagnostic(JSON.stringify(all));
  assert.ok(all.crashes > 0 && all.answers > 0);
});
