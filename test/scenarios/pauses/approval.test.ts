/** Approval: who decides what, once, of exactly these arguments, and of no other call. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import * as z from 'zod';
import { defineAgent, defineTool, openai, RequestError } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { openCalls, pausingRuntime, questionOf, resultsIn } from '../../kit/pauses.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

const three = [
  call('send', { to: 'Ada' }, 's1'),
  call('pay', { amount: 500, to: 'Bob' }, 'p'),
  call('send', { to: 'Cyd' }, 's2'),
];

const agents = { Desk: [[delegate('c1', 'A')], 'done'], A: [three, 'A RESULT'] };

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

test('of three calls one is declined, one changed and one approved, each by a fresh process', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents });
  const run = await client.chat('Work');
  const [s1, p, s2] = run.questions ?? [];
  assert.ok(s1 && p && s2);
  assert.deepEqual(
    [s1, p, s2].map(({ reason }) => reason),
    Array(3).fill('approval'),
  );
  assert.equal(p.arguments, '{"amount":500,"to":"Bob"}', 'the person sees what would run');
  const whole = JSON.stringify([run.run_id, 'c1:A/p', 'pay', p.arguments]);
  assert.equal(p.arguments_hash, createHash('sha256').update(whole).digest('hex'));
  const other = { amount: 120, to: 'Bob' };
  const changed = await client.resume(run.run_id, { [p.id]: { approved: true, arguments: other } });
  assert.deepEqual(
    changed.questions?.map(({ id }) => id),
    [s1.id, s2.id],
    'the siblings wait',
  );
  assert.deepEqual(client.witness(), ['pay 120 Bob']);
  await client.resume(run.run_id, { [s1.id]: { approved: false, note: 'Ada knows.' } });
  const end = await client.resume(run.run_id, { [s2.id]: { approved: true } });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(client.witness(), ['pay 120 Bob', 'send Cyd']);
  assert.deepEqual(resultsIn(lastRequest(client.model, 'A')), {
    s1: 'The person declined. Their note: Ada knows.',
    p: 'The person changed the arguments to {"amount":120,"to":"Bob"}. paid 120 to Bob',
    s2: 'sent to Cyd',
  });
  const late = { run_id: run.run_id, answers: { [s1.id]: { approved: true } } };
  const refused = await client.post('/resume', late);
  assert.equal(refused.status, 409, 'a decline is final');
  assert.equal(refused.body.code, 'answer_conflict');
  assert.equal(client.witness().length, 2);
});

test('whether a call needs approval is decided once, when it is made', async (t) => {
  const asked: number[] = [];
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ amount: z.int() }),
    approval: ({ amount }) => {
      asked.push(amount);
      return amount > 100;
    },
    execute: ({ amount }) => `paid ${amount}`,
  });
  const turn = [call('pay', { amount: 500 }, 'p1'), call('pay', { amount: 50 }, 'p2')];
  const kit = await testRuntime(t, { Desk: [turn, 'done'] }, (url) => [
    defineAgent({ name: 'Desk', model: openai('gpt-4o-mini', { baseURL: url }), tools: [pay] }),
  ]);
  const run = await kit.runtime.start({ message: 'Pay' });
  assert.deepEqual(openCalls(run), ['p1'], 'the small one runs at once');
  const later = await kit.reopen();
  const end = await later.resume(run.id, { [questionOf(run, 'p1').id]: { approved: true } });
  assert.equal(end.status, 'completed');
  assert.deepEqual(asked, [500, 50]);
});

test('changed arguments must fit the tool, and may be given only where the tool allows it', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const run = await kit.runtime.start({ message: 'Work' });
  const pay = questionOf(run, 'p').id;
  const runtime = await kit.reopen();
  const paying = (args: unknown) =>
    runtime.resume(run.id, { [pay]: { approved: true, arguments: args } });
  for (const args of [{ amount: 0, to: 'Bob' }, { amount: 5 }, 'all', null, []]) {
    await assert.rejects(paying(args), (error: unknown) => {
      assert.ok(error instanceof RequestError);
      assert.equal(error.code, 'answer_invalid');
      assert.ok(error.errors.every(({ pointer }) => pointer.startsWith(`/${pay}/arguments`)));
      return true;
    });
  }
  const sending = { approved: true, arguments: { to: 'Eve' } };
  const send = questionOf(run, 's1').id;
  await assert.rejects(runtime.resume(run.id, { [send]: sending }), refusal('answer_invalid'));
  assert.deepEqual(await runtime.get(run.id), run);
  assert.deepEqual(kit.written, []);
});

test('an approval must be said: neither nothing, nor a word, nor half an answer is one', async (t) => {
  const { runtime, written } = await pausingRuntime(t, agents);
  const run = await runtime.start({ message: 'Work' });
  const { id } = questionOf(run, 's1');
  for (const values of [
    {},
    { note: 'fine' },
    { approved: 'true' },
    { approved: 1 },
    { approved: null },
  ]) {
    await assert.rejects(runtime.resume(run.id, { [id]: values }), refusal('answer_invalid'));
  }
  assert.deepEqual(written, []);
  assert.deepEqual(await runtime.resume(run.id, {}), run, 'no answer decides nothing');
});

test('what was approved is what runs: other arguments in the store stop the run', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [[call('send', { to: 'Ada' }, 's')], 'done'] });
  const run = await kit.runtime.start({ message: 'Send' });
  const db = new Database(kit.db);
  db.prepare(`UPDATE tool_call SET arguments = '{"to":"Eve"}' WHERE run_id = ?`).run(run.id);
  db.close();
  const later = await kit.reopen();
  const answers = { [questionOf(run, 's').id]: { approved: true } };
  const end = await later.resume(run.id, answers);
  assert.equal(end.status, 'failed');
  assert.equal(end.status === 'failed' && end.failure.code, 'internal_error');
  assert.deepEqual(kit.written, [], 'nothing was sent');
  assert.match(String(kit.reported), /not those that were asked about/);
});
