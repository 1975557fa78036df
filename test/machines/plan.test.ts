/** Plans by themselves: whatever builds on whatever, all of it ends, once and in a right order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { afterEnd, isOver, notBegun, type Progress, runnable } from '../../machines/plan.ts';
import type { Assignment } from '../../machines/vocabulary.ts';

function plan(tasks: Readonly<Record<string, readonly string[]>>): Assignment[] {
  return Object.entries(tasks).map(([id, after]) => ({ id, member: 'Worker', after }));
}

function ids(assignments: readonly Assignment[]): string[] {
  return assignments.map(({ id }) => id);
}

/** A chain of three, and one apart. */
const chain = plan({ c: ['b'], b: ['a'], a: [], x: [] });

test('what builds on nothing may begin, in the order of the plan', () => {
  assert.deepEqual(ids(runnable(chain, notBegun)), ['a', 'x']);
});

test('what has begun or ended may not begin', () => {
  const progress = { working: ['a'], paused: ['a'], reported: [], failed: ['x'] };
  assert.deepEqual(runnable(chain, progress), []);
});

test('a report lets the next begin, and skips nothing', () => {
  const progress = { working: ['a', 'x'], paused: ['x', 'a'], reported: [], failed: [] };
  const after = afterEnd(chain, progress, 'a', true);
  const left = { working: ['x'], paused: ['x'], reported: ['a'], failed: [] };
  assert.deepEqual(after, { progress: left, skipped: [] });
  assert.deepEqual(ids(runnable(chain, after.progress)), ['b']);
});

test('a failure skips what builds on it, the nearest first', () => {
  const progress = { working: ['a', 'x'], paused: [], reported: [], failed: [] };
  const left = { working: ['x'], paused: [], reported: [], failed: ['a', 'b', 'c'] };
  assert.deepEqual(afterEnd(chain, progress, 'a', false), {
    progress: left,
    skipped: ['b', 'c'],
  });
});

test('a delegation is over when everything is reported or failed, and not before', () => {
  const progress = { working: [], paused: [], reported: ['a', 'x'], failed: ['b'] };
  assert.equal(isOver(chain, progress), false);
  assert.equal(isOver(chain, { ...progress, failed: ['b', 'c'] }), true);
});

/** A chance that one builds on another, for each pair of at most seven; then in any order. */
const anyPlan = fc
  .array(fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 7 })
  .map((rows) =>
    rows.map((builds, row) => ({
      id: `t${row}`,
      member: 'Worker',
      after: rows.flatMap((_, earlier) => (earlier < row && builds[earlier] ? `t${earlier}` : [])),
    })),
  )
  .chain((made) => fc.shuffledSubarray(made, { minLength: made.length }));

/** Which of those at work ends next, and how. */
const anyEnds = fc.array(fc.record({ which: fc.nat(), reported: fc.boolean() }), {
  minLength: 7,
  maxLength: 7,
});

interface Turn {
  readonly begun: readonly string[];
  readonly progress: Progress;
  readonly ended: string;
  readonly reported: boolean;
  readonly skipped: readonly string[];
}

/** Works on a plan as a delegation does: begins what may begin, and hears of one end at a time. */
function work(plan: readonly Assignment[], ends: readonly { which: number; reported: boolean }[]) {
  let progress = notBegun;
  const turns: Turn[] = [];
  for (const { which, reported } of ends) {
    const begun = ids(runnable(plan, progress));
    const working = [...progress.working, ...begun];
    const ended = working[which % working.length];
    if (ended === undefined) break;
    const before = { ...progress, working };
    const after = afterEnd(plan, before, ended, reported);
    turns.push({ begun, progress: before, ended, reported, skipped: after.skipped });
    progress = after.progress;
  }
  return { turns, progress };
}

/** All that build on an assignment, through others or not. */
function dependents(plan: readonly Assignment[], id: string): string[] {
  const next = ids(plan.filter(({ after }) => after.includes(id)));
  return [...new Set([...next, ...next.flatMap((one) => dependents(plan, one))])];
}

const numRuns = 1_000;

test('in any plan, everything ends exactly once', () => {
  fc.assert(
    fc.property(anyPlan, anyEnds, (plan, ends) => {
      const { turns, progress } = work(plan, ends);
      const all = ids(plan).sort();
      assert.deepEqual(turns.flatMap(({ ended, skipped }) => [ended, ...skipped]).sort(), all);
      assert.deepEqual([...progress.reported, ...progress.failed].sort(), all);
      assert.deepEqual(progress.working, []);
      turns.forEach((turn) => {
        assert.equal(isOver(plan, turn.progress), false);
      });
      assert.equal(isOver(plan, progress), true);
    }),
    { numRuns },
  );
});

test('in any plan, each begins once, as soon as all that it builds on are reported', () => {
  fc.assert(
    fc.property(anyPlan, anyEnds, (plan, ends) => {
      const reported = new Set<string>();
      const skipped = new Set<string>();
      const begun = new Set<string>();
      for (const turn of work(plan, ends).turns) {
        const free = plan.filter(({ id, after }) => {
          return !begun.has(id) && !skipped.has(id) && after.every((one) => reported.has(one));
        });
        assert.deepEqual(turn.begun, ids(free));
        for (const id of turn.begun) begun.add(id);
        for (const id of turn.skipped) skipped.add(id);
        if (turn.reported) reported.add(turn.ended);
      }
      assert.deepEqual([...begun, ...skipped].sort(), ids(plan).sort());
    }),
    { numRuns },
  );
});

test('in any plan, a failure skips exactly what builds on it and was not skipped before', () => {
  fc.assert(
    fc.property(anyPlan, anyEnds, (plan, ends) => {
      for (const { progress, ended, reported, skipped } of work(plan, ends).turns) {
        const lost = reported ? [] : dependents(plan, ended);
        const fresh = lost.filter((id) => !progress.failed.includes(id));
        assert.deepEqual([...skipped].sort(), fresh.sort());
      }
    }),
    { numRuns },
  );
});
