/** A person who declines a question: the call is answered with that, and the team goes on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestError } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { openCalls, pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { contentOf } from '../../kit/team-run.ts';
import { ask } from '../../kit/turns.ts';

const asks = [
  [
    ask('g', 'city'),
    call('book', { guests: 2 }, 'b'),
    call('send', { to: 'Ada' }, 's'),
    call('ship', { order: 'o1' }, 'x'),
    call('transfer', { amount: 5 }, 't'),
  ],
  'done',
];

test('a question of any kind can be declined, and no tool runs for it', async (t) => {
  const kit = await pausingRuntime(t, { Desk: asks });
  const run = await kit.runtime.start({ message: 'Trip' });
  const declines = Object.fromEntries(openCalls(run).map((id) => [questionOf(run, id).id, null]));
  assert.equal(Object.keys(declines).length, 5);
  const ended = await kit.runtime.resume(run.id, declines);
  assert.equal(contentOf(ended), 'done');
  assert.deepEqual(new Set(Object.values(kit.results())), new Set(['The person declined.']));
  assert.deepEqual(kit.written, []);
});

test('declining a question that is closed causes nothing', async (t) => {
  const kit = await pausingRuntime(t, { Desk: asks });
  const run = await kit.runtime.start({ message: 'Trip' });
  const { id: city } = questionOf(run, 'g');
  const { id: send } = questionOf(run, 's');
  await kit.runtime.resume(run.id, { [city]: { city: 'Rome' }, [send]: null });
  const again = await kit.runtime.resume(run.id, { [city]: null, [send]: null });
  assert.deepEqual(openCalls(again), ['b', 't', 'x']);
  const [answered] = await kit.runtime.questions({ runId: run.id, status: 'answered' });
  assert.deepEqual(answered?.answer, { city: 'Rome' }, 'the first answer stands');
  await assert.rejects(
    kit.runtime.resume(run.id, { [send]: { approved: true } }),
    (error: unknown) => error instanceof RequestError && error.code === 'answer_conflict',
  );
  await kit.runtime.cancel(run.id);
});

test('only who may answer a question may decline it', async (t) => {
  const mayAnswer = (_: unknown, userId: string | undefined) => userId === 'ada';
  const kit = await pausingRuntime(t, { Desk: [[ask('g', 'city')], 'done'] }, { mayAnswer });
  const run = await kit.runtime.start({ message: 'Trip' });
  const declined = { [questionOf(run, 'g').id]: null };
  await assert.rejects(
    kit.runtime.resume(run.id, declined, { userId: 'bob' }),
    (error: unknown) => error instanceof RequestError && error.code === 'not_allowed',
  );
  const ended = await kit.runtime.resume(run.id, declined, { userId: 'ada' });
  assert.equal(contentOf(ended), 'done');
});
