/**
 * The short form of the crash matrix; `crash.proof.ts` is the whole of it.
 *
 * Between two changes of the disk, or of the world, every point leaves the same behind. Here the
 * server dies once after each change, and at every point around a tool.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import Database from 'better-sqlite3';
import { newFolder } from '../kit/folder.ts';
import { boundariesOfSource } from './boundaries.ts';
import { problemsOf, transcriptOf } from './crash-check.ts';
import {
  doubleCrashes,
  judgeAll,
  problemsIn,
  singleCrashes,
  summaryOf,
  type Verdict,
} from './crash-matrix.ts';
import { type CrashPlan, type CrashRun, crashRun } from './crash-run.ts';
import { contentOf, receiptOf, report } from './paying-scripts.ts';

const folder = newFolder();
/** Slow machines are slow, not wrong. */
const timeout = 600_000;

let calm: CrashRun;
let boundaries: readonly string[];
let singles: readonly Verdict[];

before(async () => {
  calm = await crashRun(folder, { crashAt: [] });
  boundaries = calm.traces[0] ?? [];
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('a run without crashes pays once, asks once, and leaves nothing behind', () => {
  assert.deepEqual(problemsOf(calm), []);
  assert.deepEqual(
    calm.deeds.map(({ tool }) => tool),
    ['pay', 'look_up'],
  );
  const content = contentOf(receiptOf(calm.deeds[0]?.key ?? ''), report);
  assert.equal(calm.endings[0]?.final_content, content);
  assert.equal(calm.client.asked.size, 1);
  assert.equal(calm.requests.length, 5);
});

/** Writes that this run has no reason for: nothing fails, expires, is claimed, or is too long. */
const writesOfOthers = [
  'add answer token',
  'adopt',
  'assign',
  'begin request',
  'cancel',
  'check',
  'claim question',
  'end delivery',
  'end request',
  'expire',
  'forget approval',
  'postpone',
  'prune',
  'retry',
  'save summary',
  'set aside',
  'subscribe',
  'take deliveries',
];

test('every boundary in the source is passed, but for those of other scenarios', () => {
  const passed = new Set(boundaries);
  const missed = boundariesOfSource().filter((name) => !passed.has(name));
  const expected = writesOfOthers.flatMap((write) =>
    ['begin', 'before commit', 'committed'].map((moment) => `${write}: ${moment}`),
  );
  assert.deepEqual(missed.sort(), expected.sort());
});

test('a run whose server is killed goes on as if nothing had happened', { timeout }, async (t) => {
  const startedAt = Date.now();
  const plans = singleCrashes(boundaries, (name) =>
    /: committed$|^tool: |^(claim|deliver|answer): before commit$/.test(name),
  );
  singles = await judgeAll(folder, plans, transcriptOf(calm));
  t.diagnostic(`${boundaries.length} boundaries; ${summaryOf(singles, startedAt)}`);
  assert.deepEqual(problemsIn(singles), []);
  for (const { crashAt, deaths } of singles) assert.equal(deaths.length, 1, `no death: ${crashAt}`);
  const hidden = singles.filter(({ repeats }) => repeats['questions about a payment'] > 0);
  assert.ok(hidden.length >= 4, 'the payment is hidden by deaths before, in and after the tool');
});

test('a second kill, while the run recovers, changes nothing either', { timeout }, async (t) => {
  const startedAt = Date.now();
  const plans = doubleCrashes(
    singles,
    (name) => name.startsWith('tool: '),
    (name) => /^(recover|answer): committed$|^tool: after/.test(name),
  );
  const doubles = await judgeAll(folder, plans, transcriptOf(calm));
  t.diagnostic(summaryOf(doubles, startedAt));
  assert.deepEqual(problemsIn(doubles), []);
  assert.ok(doubles.some(({ deaths }) => deaths.length === 2));
});

test('a payment that is repeated blindly is noticed', { timeout }, async () => {
  const found = await foundAfter(
    singleCrashes(boundaries, (name) => name === 'tool: after it ran'),
    `UPDATE effect SET repeatable = 1 WHERE kind = 'runTool'`,
  );
  assert.match(found, /pay ran 2 times/);
});

test('a needless question about a tool that may be repeated is noticed', { timeout }, async () => {
  const found = await foundAfter(
    singleCrashes(boundaries, (name) => name === 'tool: after it ran'),
    `UPDATE effect SET repeatable = 0 WHERE kind = 'runTool'`,
  );
  assert.match(found, /The person was asked about a tool that may be repeated/);
});

test('a run that is lost after its pause was told is noticed', { timeout }, async () => {
  const found = await foundAfter(
    singleCrashes(boundaries, (name) => name === 'answer: begin'),
    'PRAGMA foreign_keys = OFF; DELETE FROM run',
  );
  assert.match(found, /404: There is no run/);
});

test('an answer that is lost after it was acknowledged is noticed', { timeout }, async () => {
  // The first answer says what became of the payment; the next one finds the server dying.
  const found = await foundAfter(
    doubleCrashes(
      singles,
      (name) => name === 'tool: after it ran',
      (name) => name === 'answer: begin',
    ),
    `DROP TRIGGER IF EXISTS a_closed_question_stays_closed;
     UPDATE question SET status = 'open', answer = NULL WHERE status = 'answered'`,
  );
  assert.match(
    found,
    /Question \w+ is open at the end|is asked again, though its answer was taken/,
  );
});

/** What is found if the database is changed by a statement after each death. */
async function foundAfter(plans: readonly CrashPlan[], change: string): Promise<string> {
  const sabotage = (file: string) => {
    const db = new Database(file);
    db.exec(change);
    db.close();
  };
  const sabotaged = plans.map((plan) => ({ ...plan, sabotage }));
  return problemsIn(await judgeAll(folder, sabotaged, transcriptOf(calm))).join('\n');
}
