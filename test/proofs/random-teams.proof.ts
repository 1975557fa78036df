/**
 * Random teams at length: `CADENZA_CASES` cases (default 3,000, about a quarter of an hour). A line of
 * progress a minute; a failure prints the smallest case that was found, with its seed and path.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../properties/random-teams.ts';
import { Tally } from '../properties/tally.ts';

const cases = Number(process.env['CADENZA_CASES'] ?? 3_000);

/** Without these the property would hold of little. */
const met = [
  'crashes',
  'reports',
  'questions approval answered',
  'questions approval expired',
  'questions external_execution answered',
  'questions external_execution expired',
  'questions input_required answered',
  'questions input_required expired',
  'questions outcome_unknown answered',
  'questions outcome_unknown cancelled',
  'results by cancellation',
  'results by refusal',
  'runs cancelled',
  'runs completed',
  'runs failed',
];

const progressMs = 60_000;

test(`${cases} random teams keep every promise`, async (t) => {
  const tally = new Tally();
  const begun = Date.now();
  const progress = setInterval(() => {
    const minutes = Math.round((Date.now() - begun) / 60_000);
    console.log(`${tally.count('cases')} of ${cases} random teams in ${minutes} min`);
  }, progressMs);
  try {
    await check({ numRuns: cases }, tally);
  } finally {
    clearInterval(progress);
  }
  t.diagnostic(`${tally}`);
  for (const what of met) assert.ok(tally.count(what) > 0, `no random team met: ${what}`);
});
