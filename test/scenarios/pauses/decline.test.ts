/** A person who declines a question: the call is answered with that, and the team goes on. */
import assert from 'node:assert/strict';
import { type Question, RequestError } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { httpOf } from '../../kit/local-http.ts';
import { openCalls, pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { contentOf, settled } from '../../kit/team-run.ts';
import { ask } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

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

test('declining again causes nothing, and declining what was answered is refused', async (t) => {
  const kit = await pausingRuntime(t, { Desk: asks });
  const run = await kit.runtime.start({ message: 'Trip' });
  const [city, send, ship] = ['g', 's', 'x'].map((call) => questionOf(run, call).id);
  assert.ok(city && send && ship);
  const no = { approved: false, note: 'Not today.' };
  await kit.runtime.resume(run.id, { [city]: { city: 'Rome' }, [send]: no, [ship]: null });
  const again = await kit.runtime.resume(run.id, { [send]: null, [ship]: null });
  assert.deepEqual(openCalls(again), ['b', 't']);
  for (const other of [
    { [city]: null },
    { [send]: { approved: true } },
    { [ship]: { result: 'sent' } },
  ]) {
    await assert.rejects(
      kit.runtime.resume(run.id, other),
      (error: unknown) => error instanceof RequestError && error.code === 'answer_conflict',
    );
  }
  const [answered] = await kit.runtime.questions({ runId: run.id, status: 'answered' });
  assert.deepEqual(answered?.answer, { city: 'Rome' }, 'the first answer stands');
  await kit.runtime.cancel(run.id);
  await assert.rejects(
    kit.runtime.resume(run.id, { [questionOf(run, 'b').id]: null }),
    (error: unknown) => error instanceof RequestError && error.code === 'run_finished',
  );
  const ended = await kit.runtime.resume(run.id, { [ship]: null });
  assert.equal(ended.status, 'cancelled', 'what was declined in time is declined');
});

const optional = (id: string) => {
  const field = { field_name: 'wish', field_type: 'str', field_description: 'A wish?' };
  return call('get_user_input', { user_input_fields: [{ ...field, required: false }] }, id);
};

test('who declines is told from who leaves everything empty', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [[optional('e'), optional('d')], 'done'] });
  const run = await kit.runtime.start({ message: 'Trip' });
  const [empty, declined] = ['e', 'd'].map((id) => questionOf(run, id).id);
  assert.ok(empty && declined);
  await kit.runtime.resume(run.id, { [empty]: {}, [declined]: null });
  assert.deepEqual(kit.results(), { e: '{}', d: 'The person declined.' });
  const http = httpOf(kit.runtime);
  type Page = { readonly questions: readonly Question[] };
  const { body } = await http<Page>('GET', '/questions?status=answered');
  assert.deepEqual(
    body.questions.map(({ id, answer }) => [id, answer]),
    [
      [empty, {}],
      [declined, null],
    ],
  );
  for (const other of [{ [empty]: null }, { [declined]: {} }]) {
    await assert.rejects(kit.runtime.resume(run.id, other), { code: 'answer_conflict' });
  }
  const same = await kit.runtime.resume(run.id, { [empty]: {}, [declined]: null });
  assert.equal(same.status, 'completed');
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

test('the bearer of an answer token may decline', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [[ask('g', 'city')], 'done'] });
  const run = await kit.runtime.start({ message: 'Trip' });
  const { token } = await kit.runtime.createAnswerToken(questionOf(run, 'g').id);
  const { status, body } = await httpOf(kit.runtime)('POST', '/answer', { token, answer: null });
  assert.deepEqual([status, body['status'], body['answer']], [200, 'answered', null]);
  assert.equal(contentOf(await settled(kit.runtime, run.id)), 'done');
  assert.deepEqual(kit.results(), { g: 'The person declined.' });
});
