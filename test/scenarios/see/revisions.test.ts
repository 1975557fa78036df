/** Stepping back through a run: what each step did, and the actors as they were after it. */
import assert from 'node:assert/strict';

import type { Revision, Runtime } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { changingRuntime } from '../../kit/changing.ts';
import { pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { replayed } from '../../kit/replay.ts';
import { openQuestions } from '../../kit/runtime.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { readTree } from '../../machines/tree.ts';

const agents = {
  Desk: [[delegate('c1', 'A'), call('send', { to: 'Ada' }, 's')], 'done'],
  A: [[call('no_such_tool', {}, 'x'), ask('g', 'city')], 'A RESULT'],
};

/** A revision's tree in lines: path, name, state. */
function tree({ actors }: Revision): string[] {
  return actors.map(({ path, name, state }) => `${path} ${name} ${state}`);
}

function moves({ transitions }: Revision): string[] {
  return transitions.map(({ path, from, to }) => `${path} ${from} > ${to}`);
}

async function all(runtime: Runtime, runId: string): Promise<readonly Revision[]> {
  return runtime.revisions(runId, { limit: 200 });
}

test('every revision tells its event, who moved, what was asked for, and all actors', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const run = await kit.runtime.start({ message: 'Trip' });
  const paused = await all(kit.runtime, run.id);
  const [started, delegated, asked] = paused;
  assert.ok(started && delegated && asked && paused.length === 3);
  assert.deepEqual(started.event, { type: 'run.started', path: '' });
  assert.deepEqual(moves(started), [' null > thinking']);
  assert.deepEqual(
    started.effects.map(({ kind, path }) => [kind, path]),
    [['callModel', '']],
  );
  assert.deepEqual(delegated.event, { type: 'model.replied', path: '' });
  assert.deepEqual(moves(delegated), [
    ' thinking > answeringCalls.delegating',
    'c1 null > delegating',
    'c1:A null > thinking',
    's null > awaitingUserInput',
  ]);
  assert.deepEqual(delegated.effects, [
    { id: `${run.id}:2:0`, kind: 'callModel', path: 'c1:A' },
    { id: questionOf(run, 's').id, kind: 'askUser', path: 's' },
  ]);
  assert.deepEqual(tree(asked), [
    ' Desk answeringCalls.awaitingUserInput',
    'c1 delegate_task_to_member delegating',
    'c1:A Desk/A answeringCalls.awaitingUserInput',
    'c1:A/g get_user_input awaitingUserInput',
    's send awaitingUserInput',
  ]);
  assert.ok(moves(asked).includes('c1:A/x null > answered'), 'a refused call comes and goes');
  const [leader, delegation] = asked.actors;
  assert.equal(leader?.since.getTime(), asked.at.getTime());
  assert.equal(delegation?.since.getTime(), delegated.at.getTime(), 'it did not move since');
  assert.deepEqual(
    asked.actors.map(({ parent, kind }) => [parent, kind]),
    [
      [null, 'agent'],
      ['', 'toolCall'],
      ['c1', 'agent'],
      ['c1:A', 'toolCall'],
      ['', 'toolCall'],
    ],
  );
});

test('revisions come a page at a time, and a page is the same wherever it begins', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const run = await kit.runtime.start({ message: 'Trip' });
  const answers = {
    [questionOf(run, 'g').id]: { city: 'Rome' },
    [questionOf(run, 's').id]: { approved: true },
  };
  await (await kit.reopen()).resume(run.id, answers);
  const whole = await all(kit.runtime, run.id);
  assert.deepEqual(
    whole.map(({ revision }) => revision),
    whole.map((_, index) => index + 1),
  );
  const paged: Revision[] = [];
  for (;;) {
    const page = await kit.runtime.revisions(run.id, { after: paged.length, limit: 3 });
    if (page.length === 0) break;
    paged.push(...page);
  }
  assert.deepEqual(paged, whole);
  const last = whole.at(-1);
  assert.deepEqual(last && tree(last), [' Desk done']);
  await assert.rejects(kit.runtime.revisions('run_no'), { code: 'run_not_found' });
});

test('playing the inbox again makes the same snapshot to the byte, and the same revisions', async (t) => {
  const kit = await pausingRuntime(t, {
    Desk: [
      [delegate('c1', 'A'), delegate('c2', 'Inner'), call('send', { to: 'Ada' }, 's')],
      'done',
    ],
    A: [[ask('g', 'city'), call('transfer', { amount: 5 }, 't')], 'A RESULT'],
    Inner: [[delegate('d1', 'D')], 'INNER'],
    D: [[call('vote', { topic: 'x' }, 'v')], 'D RESULT'],
  });
  let run = await kit.runtime.start({ message: 'Trip' });
  const answers = [
    ['g', { city: 'Rome' }],
    ['s', { approved: false }],
    ['t', { code: 'old' }],
    ['v', { approved: true }],
    ['t', { code: 'new' }],
  ] as const;
  for (const [callId, values] of answers) {
    run = await kit.runtime.resume(run.id, { [questionOf(run, callId).id]: values });
    const { steps, snapshot, revisions } = replayed(kit.db, run.id);
    assert.equal(steps.at(-1)?.snapshot, snapshot);
    assert.deepEqual(
      steps.map(({ revision }) => revision),
      revisions,
    );
    const history = await all(kit.runtime, run.id);
    for (const [index, { snapshot }] of steps.entries()) {
      const saved = readTree(snapshot).actors.map(({ path, state }) => `${path} ${state}`);
      const told = history[index]?.actors.map(({ path, state }) => `${path} ${state}`);
      assert.deepEqual(told, saved, `revision ${index + 1}`);
    }
  }
  assert.equal(run.status, 'completed');
});

test('a cancelled run shows how each actor ended', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const run = await kit.runtime.start({ message: 'Trip' });
  await kit.runtime.cancel(run.id);
  const last = (await all(kit.runtime, run.id)).at(-1);
  assert.deepEqual(last?.event, { type: 'run.cancelled', path: '' });
  assert.deepEqual(last && moves(last).sort(), [
    ' answeringCalls.awaitingUserInput > cancelled',
    'c1 delegating > answered',
    'c1:A answeringCalls.awaitingUserInput > cancelled',
    'c1:A/g awaitingUserInput > answered',
    's awaitingUserInput > answered',
  ]);
  assert.deepEqual(last && tree(last), [' Desk cancelled']);
});

test('a run that a migration renamed keeps its revisions, and has the new names from then on', async (t) => {
  const clerk = [[ask('g', 'city')], 'done'] as const;
  const kit = await changingRuntime(t, {
    Desk: [[delegate('c', 'Clerk')], 'end'],
    Clerk: clerk,
    Waiter: clerk,
  });
  const run = await (await kit.open()).start({ message: 'Trip' });
  const renamed = (agent: string) => agent.replace('Clerk', 'Waiter');
  const runtime = await kit.open({ clerk: 'Waiter' }, ({ agent, tool }) => ({
    agent: renamed(agent),
    ...(tool === undefined ? {} : { tool }),
  }));
  await runtime.resume(run.id, { [openQuestions(run)[0]?.id ?? '']: { city: 'Rome' } });
  const history = await all(runtime, run.id);
  const migrated = history.findIndex(({ event }) => event.type === 'run.migrated');
  assert.equal(migrated, 3);
  const names = history.map(({ actors }) => actors.find(({ path }) => path === 'c:Clerk')?.name);
  assert.deepEqual(names.slice(2, 5), ['Desk/Clerk', 'Desk/Waiter', 'Desk/Waiter']);
  assert.deepEqual(history[migrated]?.transitions, [], 'nobody moved');
  assert.deepEqual(
    history.map(({ revision }) => revision),
    history.map((_, index) => index + 1),
  );
});
