/**
 * The whole crash matrix: the server dies at every boundary, and the one that recovers dies too.
 *
 * Environment: CRASH_STRIDE, to take every how manieth second death; 1 takes all of them, which
 * lasts about an hour. Default 4.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { folderFor } from '../kit/folder.ts';
import { transcriptOf } from './crash-check.ts';
import {
  doubleCrashes,
  judgeAll,
  problemsIn,
  singleCrashes,
  summaryOf,
  type Verdict,
} from './crash-matrix.ts';
import { type CrashPlan, crashRun } from './crash-run.ts';

const stride = Number(process.env['CRASH_STRIDE'] ?? 4);

test('a run goes on whichever boundary its servers die at, once or twice', async (t) => {
  const startedAt = Date.now();
  const folder = folderFor(t)('.');
  const calm = await crashRun(folder, { crashAt: [] });
  const boundaries = calm.traces[0] ?? [];
  const transcript = transcriptOf(calm);

  const once = eager(singleCrashes(boundaries, () => true));
  const singles = await judgeAll(folder, once, transcript, progress('crash points', once.length));
  assert.deepEqual(problemsIn(singles), []);
  assert.ok(singles.every(({ deaths }) => deaths.length === 1));

  // Between two changes of the disk or of the world, first deaths leave the same behind.
  const twice = eager(
    doubleCrashes(
      singles,
      (name) => /: committed$|: after /.test(name),
      (_, second, first) => (first + second) % stride === 0,
    ),
  );
  const doubles = await judgeAll(folder, twice, transcript, progress('double', twice.length));
  t.diagnostic(
    `${boundaries.length} boundaries; ${summaryOf([...singles, ...doubles], startedAt)}`,
  );
  assert.deepEqual(problemsIn(doubles), []);
});

function eager(plans: readonly CrashPlan[]): CrashPlan[] {
  return plans.map((plan) => ({ ...plan, eager: true }));
}

function progress(what: string, all: number) {
  let judged = 0;
  return ({ crashAt, deaths, problems }: Verdict) => {
    judged += 1;
    for (const problem of problems) console.log(`crash at ${crashAt} (${deaths}): ${problem}`);
    if (judged % 50 === 0 || judged === all) console.log(`${judged} of ${all} ${what}`);
  };
}
