/** The test of the test: the property of random teams finds every bug that is planted in the store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from './random-teams.ts';
import { storeMutants } from './store-mutants.ts';
import { Tally } from './tally.ts';

/** A bug that is not found in so many cases would pass unseen too often. */
const casesMax = 100;

for (const [bug, { breakStore, noticed }] of Object.entries(storeMutants)) {
  test(`random teams find out that ${bug}`, { timeout: 120_000 }, async (t) => {
    const tally = new Tally();
    const parameters = { numRuns: casesMax, endOnFailure: true, seed: 20_260_101 };
    await assert.rejects(check(parameters, tally, breakStore), (error: Error) => {
      t.diagnostic(`after ${tally.count('cases')} cases: ${String(error.cause).split('\n')[0]}`);
      assert.match(String(error.cause), noticed);
      return true;
    });
  });
}
