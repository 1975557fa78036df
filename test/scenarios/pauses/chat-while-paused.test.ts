/** A message to a session whose run is not over: refused, queued, or in place of it. Never between. */
import assert from 'node:assert/strict';
import { RequestError, type Run } from '../../../src/index.ts';
import { call, type Turn } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { openCalls, pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

const approved = { approved: true };

/** The first message makes a member ask; every other one is answered with its own words. */
function desk(name: string): Record<string, readonly Turn[]> {
  const first: Turn = ({ messages }) => {
    const said = messages.at(-1)?.content;
    return said === 'One' ? [delegate('c1', 'A')] : `answer to ${said}`;
  };
  return { [name]: [first, 'done'], A: [[call('send', { to: 'Ada' }, 's')], 'A RESULT'] };
}

const turnOfOne = ['user: One', 'assistant[c1]', 'tool[c1]: A RESULT', 'assistant: done'];

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

const contentOf = (run: Run) => (run.status === 'completed' ? run.content : run.status);

test('a message while the run is paused is refused, and the run goes on as if it had not come', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents: desk('Desk') });
  const run = await client.chat('One');
  const chat = (message: string) => client.post('/chat', { message, session_id: run.session_id });
  const refused = await chat('Two');
  assert.deepEqual([refused.status, refused.body.code], [409, 'run_paused']);
  assert.match(refused.body.detail ?? '', new RegExp(run.run_id), 'it names the run in the way');
  const end = await client.resume(run.run_id, { [run.questions?.[0]?.id ?? '']: approved });
  assert.equal(end.final_content, 'done');
  assert.equal((await chat('Three')).body.final_content, 'answer to Three');
  assert.deepEqual(lastRequest(client.model, 'Desk'), [...turnOfOne, 'user: Three']);
});

test('a queued message waits for the end of the run, over fresh processes, and follows its turn', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents: desk('QueueDesk') });
  const chat = async (message: string, session_id?: string) =>
    (await client.post('/chat', { message, team: 'QueueDesk', session_id })).body;
  const one = await chat('One');
  const two = await chat('Two', one.session_id);
  assert.equal(two.status, 'working');
  assert.deepEqual(two.questions, []);
  assert.equal(client.modelCalls('QueueDesk'), 1, 'nothing of it begins');
  const end = await client.resume(one.run_id, { [one.questions?.[0]?.id ?? '']: approved });
  assert.equal(end.final_content, 'done');
  assert.equal((await client.resume(two.run_id, {})).final_content, 'answer to Two');
  assert.deepEqual(lastRequest(client.model, 'QueueDesk'), [...turnOfOne, 'user: Two']);
});

test('several queued messages are answered in their order, and cancelled ones are left out', async (t) => {
  const kit = await pausingRuntime(t, desk('QueueDesk'));
  const start = (message: string) =>
    kit.runtime.start({ message, team: 'QueueDesk', sessionId: 'ses_1' });
  const one = await start('One');
  const [two, three, four] = [await start('Two'), await start('Three'), await start('Four')];
  assert.deepEqual(
    [two, three, four].map(({ status }) => status),
    Array(3).fill('working'),
  );
  const runtime = await kit.reopen();
  assert.equal((await runtime.cancel(three.id)).status, 'cancelled');
  await assert.rejects(
    runtime.resume(two.id, { [questionOf(one, 's').id]: approved }),
    refusal('question_not_open'),
  );
  assert.equal((await runtime.get(two.id)).status, 'working', 'still queued');
  await runtime.resume(one.id, { [questionOf(one, 's').id]: approved });
  const last = await settledOf(() => runtime.get(four.id));
  assert.equal(contentOf(last), 'answer to Four');
  assert.equal(contentOf(await runtime.get(two.id)), 'answer to Two');
  assert.deepEqual(lastRequest(kit.model, 'QueueDesk'), [
    ...turnOfOne,
    'user: Two',
    'assistant: answer to Two',
    'user: Four',
  ]);
});

async function settledOf(look: () => Promise<Run>): Promise<Run> {
  for (let run = await look(); ; run = await look()) {
    if (run.status !== 'working') return run;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('cancelling the paused run lets the queued one begin', async (t) => {
  const kit = await pausingRuntime(t, desk('QueueDesk'));
  const start = (message: string) =>
    kit.runtime.start({ message, team: 'QueueDesk', sessionId: 'ses_1' });
  const one = await start('One');
  const two = await start('Two');
  await kit.runtime.cancel(one.id);
  assert.equal(contentOf(await settledOf(() => kit.runtime.get(two.id))), 'answer to Two');
  assert.deepEqual(lastRequest(kit.model, 'QueueDesk'), [
    'user: One',
    'assistant[c1]',
    'tool[c1]: The run was stopped before this call had a result.',
    'user: Two',
  ]);
});

test('a message in place of the paused run cancels it, and late answers are refused', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents: desk('CancelDesk') });
  const chat = async (message: string, session_id?: string) =>
    (await client.post('/chat', { message, team: 'CancelDesk', session_id })).body;
  const one = await chat('One');
  const two = await chat('Two', one.session_id);
  assert.equal(two.final_content, 'answer to Two');
  assert.deepEqual(lastRequest(client.model, 'CancelDesk'), [
    'user: One',
    'assistant[c1]',
    'tool[c1]: The run was stopped before this call had a result.',
    'user: Two',
  ]);
  const answers = { [one.questions?.[0]?.id ?? '']: approved };
  const late = await client.post('/resume', { run_id: one.run_id, answers });
  assert.deepEqual([late.status, late.body.code], [409, 'run_finished']);
  assert.deepEqual(client.witness(), []);
});

test('of many messages at once in one session, each policy lets one run work at a time', async (t) => {
  const slow: Turn = async ({ messages }) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return `answer to ${messages.at(-1)?.content}`;
  };
  const kit = await pausingRuntime(t, { Desk: [slow], QueueDesk: [slow], CancelDesk: [slow] });
  const all = (team: string) =>
    Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        kit.runtime.start({ message: `${n}`, team, sessionId: `ses_${team}` }),
      ),
    );
  const refused = await all('Desk');
  assert.equal(refused.filter(({ status }) => status === 'fulfilled').length, 1);
  const queued = await all('QueueDesk');
  const ids = queued.map((one) => (one.status === 'fulfilled' ? one.value.id : ''));
  const runs = await Promise.all(ids.map((id) => settledOf(() => kit.runtime.get(id))));
  assert.deepEqual(
    runs.map(contentOf),
    ids.map((_, n) => `answer to ${n}`),
  );
  const replaced = await all('CancelDesk');
  const ends = replaced.map((one) => (one.status === 'fulfilled' ? one.value.status : 'refused'));
  assert.deepEqual(ends.sort(), [...Array(7).fill('cancelled'), 'completed']);
  assert.equal(openCalls(await kit.runtime.get(ids[0] ?? '')).length, 0);
});
