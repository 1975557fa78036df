/** A saved tree that the charts of now would take up wrongly is found before it is taken up. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type AnyStateMachine, setup } from 'xstate';
import { chartVersion } from '../../machines/version.ts';
import { chartMisfits } from '../../src/charts/snapshot-check.ts';
import { upgradedSnapshot } from '../../src/migrate.ts';

const file = new URL(`../golden/v${chartVersion}/three-levels.json`, import.meta.url);

/** A leader that waits for two members, one of which leads a member that asks. */
const saved = JSON.stringify(JSON.parse(readFileSync(file, 'utf8')).snapshot);

test('a tree that the charts saved themselves fits', () => {
  assert.deepEqual(chartMisfits(saved), []);
});

const damaged: readonly [string, string, string, RegExp][] = [
  [
    'a state that is gone',
    '"value":"awaitingUserInput"',
    '"value":"waiting"',
    /^The leader > i > Inner > d > D > g is in "waiting", a state that the chart "toolCall" has not\.$/,
  ],
  [
    'a state that is gone inside another',
    '{"answeringCalls":"awaitingUserInput"}',
    '{"answeringCalls":"waiting"}',
    /^The leader > i > Inner > d > D is in .*"waiting".*, a state that the chart "agent" has not\.$/,
  ],
  [
    'a state that got states inside it',
    '{"answeringCalls":"awaitingUserInput"}',
    '"answeringCalls"',
    /is in "answeringCalls", which is only a part of {"answeringCalls":"toolResultPending"} now\.$/,
  ],
  [
    'a chart that is gone',
    '"src":"toolCall"',
    '"src":"call"',
    /^The leader > i > Inner > d > D > g is of the chart "call", which there is not\.$/,
  ],
];

for (const [what, was, is, sentence] of damaged) {
  test(`${what} is found, however deep`, () => {
    const at = saved.indexOf(was, saved.indexOf('"D"'));
    assert.ok(at > 0);
    const [misfit, ...others] = chartMisfits(saved.slice(0, at) + saved.slice(at).replace(was, is));
    assert.match(misfit ?? '', sentence);
    assert.deepEqual(others, []);
  });
}

test('a region that was added is found', () => {
  const chart = (regions: readonly string[]): AnyStateMachine =>
    setup({}).createMachine({
      id: 'work',
      type: 'parallel',
      states: Object.fromEntries(
        regions.map((name) => [name, { initial: 'on', states: { on: {} } }]),
      ),
    });
  const snapshot = JSON.stringify({ status: 'active', value: { b: 'on', a: 'on' }, children: {} });
  assert.deepEqual(chartMisfits(snapshot, chart(['a', 'b'])), []);
  assert.equal(chartMisfits(snapshot, chart(['a', 'b', 'c'])).length, 1);
});

test('a snapshot passes through the migrations of all versions in between, and no others', () => {
  const add = (name: string) => (snapshot: unknown) => [...(snapshot as string[]), name];
  const migrations = { 2: add('3'), 3: add('4') };
  assert.equal(upgradedSnapshot('["2"]', 2, 4, migrations), '["2","3","4"]');
  assert.equal(upgradedSnapshot('["4"]', 4, 4, migrations), '["4"]');
  assert.equal(upgradedSnapshot(null, 0, 4, migrations), null);
  assert.equal(upgradedSnapshot('["1"]', 1, 4, migrations), undefined);
  assert.equal(upgradedSnapshot('["5"]', 5, 4, migrations), undefined);
});
