/** The runtime as a library: many runs at once, closing and opening, and what it refuses. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import {
  type Agent,
  defineAgent,
  defineTeam,
  defineTool,
  getUserInput,
  openai,
  RequestError,
} from '../../src/index.ts';
import type { Turn } from '../../src/testing/index.ts';
import { openQuestions, testRuntime } from '../kit/runtime.ts';
import { ask, delegate } from '../kit/turns.ts';

const agents = {
  Desk: [[delegate('c1', 'A')], (request) => `${request.messages.at(-1)?.content}`],
  A: [[ask('g', 'city')], (request) => `${request.messages.at(-1)?.content}`],
} satisfies Record<string, readonly Turn[]>;

function desk(baseURL: string): Agent[] {
  const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
  const member = defineAgent({ name: 'A', role: 'Asks.', model, tools: [getUserInput()] });
  return [defineTeam({ name: 'Desk', model, members: [member] })];
}

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

test('a run pauses, outlives its runtime, and completes with the answer', async (t) => {
  const kit = await testRuntime(t, agents, desk);
  const run = await kit.runtime.start({ message: 'Trip', sessionId: 'ses_1' });
  const [question] = openQuestions(run);
  assert.equal(question?.askedBy, 'Desk/A');
  const later = await kit.reopen();
  assert.deepEqual(await later.get(run.id), run);
  const end = await later.resume(run.id, { [question?.id ?? '']: { city: 'Rome' } });
  assert.equal(end.status === 'completed' && end.content, '{"city":"Rome"}');
  assert.equal(end.sessionId, 'ses_1');
});

test('a hundred runs at once each get their own answer', async (t) => {
  const { runtime, model } = await testRuntime(t, agents, desk);
  const runs = await Promise.all(
    Array.from({ length: 100 }, (_, n) => runtime.start({ message: `Trip ${n}` })),
  );
  const ends = await Promise.all(
    runs.map((run, n) => {
      const [question] = openQuestions(run);
      return runtime.resume(run.id, { [question?.id ?? '']: { city: `City ${n}` } });
    }),
  );
  assert.deepEqual(
    ends.map((run) => run.status === 'completed' && run.content),
    runs.map((_, n) => `{"city":"City ${n}"}`),
  );
  assert.equal(model.requests.length, 400);
  assert.deepEqual(model.refusals, []);
});

test('a run whose model is slow does not hold the others up', async (t) => {
  const slow = Promise.withResolvers<string>();
  const turn: Turn = (request) =>
    request.messages.at(-1)?.content === 'slow' ? slow.promise : 'quick';
  const { runtime } = await testRuntime(t, { Solo: [turn] }, (baseURL) => [
    defineAgent({ name: 'Solo', model: openai('gpt-4o-mini', { baseURL }) }),
  ]);
  const waiting = runtime.start({ message: 'slow' });
  const quick = await Promise.all([1, 2, 3].map(() => runtime.start({ message: 'quick' })));
  assert.ok(quick.every(({ status }) => status === 'completed'));
  slow.resolve('done');
  assert.equal((await waiting).status, 'completed');
});

/** A team whose tool `work` waits for `finish`, or for its signal. */
async function workingRun(t: TestContext, idempotent: boolean) {
  const began = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const keys: string[] = [];
  const kit = await testRuntime(
    t,
    { Solo: [[{ name: 'work', arguments: '{}', id: 'w' }], 'done'] },
    (baseURL) => [
      defineAgent({
        name: 'Solo',
        model: openai('gpt-4o-mini', { baseURL }),
        tools: [
          defineTool({
            name: 'work',
            description: 'Works.',
            input: z.object({}),
            idempotent,
            execute: async (_, { idempotencyKey, signal }) => {
              keys.push(idempotencyKey);
              began.resolve();
              const aborted = Promise.withResolvers<void>();
              signal.addEventListener('abort', () => aborted.resolve());
              await Promise.race([finish.promise, aborted.promise]);
              return 'worked';
            },
          }),
        ],
      }),
    ],
  );
  const started = kit.runtime.start({ message: 'Work' });
  await began.promise;
  return { ...kit, reopen: kit.reopen, started, finish, keys };
}

test('closing lets a tool finish, and the run goes on in the next runtime', async (t) => {
  const { runtime, reopen, started, finish, keys } = await workingRun(t, false);
  const interrupted = assert.rejects(started, refusal('runtime_closed'));
  const closing = runtime.close();
  await sleep(20);
  finish.resolve();
  await Promise.all([closing, interrupted]);
  const later = await reopen();
  const runId = keys[0]?.split(':')[0] ?? '';
  const end = await later.resume(runId, {});
  assert.equal(end.status, 'completed');
  assert.equal(keys.length, 1, 'the tool is not run again');
});

test('a tool that closing cut short becomes a question, and keeps its key when it runs again', async (t) => {
  const { runtime, reopen, started, finish, keys } = await workingRun(t, false);
  const interrupted = assert.rejects(started, refusal('runtime_closed'));
  await runtime.close({ graceMs: 10 });
  await interrupted;
  const later = await reopen();
  const runId = keys[0]?.split(':')[0] ?? '';
  const paused = await later.resume(runId, {});
  const [question] = openQuestions(paused);
  assert.equal(question?.reason, 'outcome_unknown');
  assert.equal(question?.toolName, 'work');
  finish.resolve();
  const end = await later.resume(runId, { [question?.id ?? '']: { outcome: 'run_it_again' } });
  assert.equal(end.status, 'completed');
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
});

test('an idempotent tool that closing cut short is run again without a question', async (t) => {
  const { runtime, reopen, started, finish, keys } = await workingRun(t, true);
  const interrupted = assert.rejects(started, refusal('runtime_closed'));
  await runtime.close({ graceMs: 10 });
  await interrupted;
  finish.resolve();
  const later = await reopen();
  const end = await later.resume(keys[0]?.split(':')[0] ?? '', {});
  assert.equal(end.status, 'completed');
  assert.equal(new Set(keys).size, 1);
  assert.equal(keys.length, 2);
});

test('a run that is cancelled while a tool works ignores what the tool returns', async (t) => {
  const { runtime, started, finish, keys } = await workingRun(t, false);
  const runId = keys[0]?.split(':')[0] ?? '';
  const cancelled = await runtime.cancel(runId);
  assert.equal(cancelled.status, 'cancelled');
  finish.resolve();
  assert.equal((await started).status, 'cancelled');
  assert.equal((await runtime.get(runId)).status, 'cancelled');
});

test('what cannot be asked for is refused in words', async (t) => {
  const { runtime } = await testRuntime(t, agents, desk);
  await assert.rejects(runtime.start({ message: '  ' }), refusal('message_invalid'));
  await assert.rejects(runtime.start({ message: 'x\ud800' }), refusal('message_invalid'));
  await assert.rejects(runtime.start({ message: 'x'.repeat(100_001) }), refusal('message_invalid'));
  for (const ids of [
    { sessionId: '' },
    { sessionId: 's'.repeat(65) },
    { sessionId: 'a/b' },
    { messageId: '' },
    { messageId: 'm'.repeat(257) },
    { messageId: 'm\0' },
    { messageId: 'm\ud800' },
  ]) {
    await assert.rejects(runtime.start({ message: 'x', ...ids }), refusal('message_invalid'));
  }
  const user = runtime.start({ message: 'x', userId: 'u'.repeat(201) });
  await assert.rejects(user, refusal('identity_invalid'));
  await assert.rejects(runtime.start({ message: 'x', team: 'Nobody' }), {
    message: 'There is no team "Nobody". There is: "Desk".',
  });
  await assert.rejects(runtime.get('run_0'), { message: 'There is no run "run_0".' });
  await assert.rejects(runtime.resume('run_0', {}), refusal('run_not_found'));
  await assert.rejects(runtime.cancel('run_0'), refusal('run_not_found'));
  await runtime.close();
  await assert.rejects(runtime.start({ message: 'x' }), refusal('runtime_closed'));
});

test('a member that the code lost keeps its run, and whoever waits is told', async (t) => {
  let member = 'A';
  const kit = await testRuntime(t, agents, (baseURL) => {
    const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
    const agent = defineAgent({ name: member, role: 'r', model, tools: [getUserInput()] });
    return [defineTeam({ name: 'Desk', model, members: [agent] })];
  });
  const run = await kit.runtime.start({ message: 'Trip' });
  const answers = { [openQuestions(run)[0]?.id ?? '']: { city: 'Rome' } };
  member = 'B';
  const changed = await kit.reopen();
  await assert.rejects(changed.resume(run.id, answers), refusal('definition_changed'));
  assert.deepEqual(await changed.get(run.id), run);
  member = 'A';
  const back = await kit.reopen();
  assert.equal((await back.resume(run.id, answers)).status, 'completed');
});
