/** Random teams, in short: as many cases as fit in 40 seconds. `npm run proofs` plays more. */
import { test } from 'node:test';
import { check } from './random-teams.ts';
import { Tally } from './tally.ts';

const budgetMs = 40_000;

test('random teams keep every promise under random answers, deadlines and crashes', {
  timeout: 120_000,
}, async (t) => {
  const tally = new Tally();
  await check({ numRuns: 1_000, interruptAfterTimeLimit: budgetMs }, tally);
  t.diagnostic(`${tally}`);
});
