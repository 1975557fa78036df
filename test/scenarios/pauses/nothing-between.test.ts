/** Nothing stands between calls and their results, whatever is said meanwhile. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { defineAgent, defineTeam, getUserInput, openai } from '../../../src/index.ts';
import { call, type Turn } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { questionOf } from '../../kit/pauses.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

test('words beside the answers are refused, and the answers with them', async (t) => {
  const turn = [call('send', { to: 'Ada' }, 's'), call('pay', { amount: 1, to: 'Bob' }, 'p')];
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    agents: { Desk: [turn, 'done'] },
  });
  const run = await client.chat('Send');
  const answers = { [run.questions?.[0]?.id ?? '']: { approved: true } };
  const body = { run_id: run.run_id, answers, message: 'Hurry up!' };
  const refused = await client.post('/resume', body);
  assert.deepEqual([refused.status, refused.body.code], [422, 'body_invalid']);
  assert.equal(refused.body.errors?.[0]?.pointer, '/message');
  const said = await client.post('/chat', { message: 'Hurry up!', session_id: run.session_id });
  assert.deepEqual([said.status, said.body.code], [409, 'run_paused']);
  assert.deepEqual(client.witness(), ['pay 1 Bob'], 'only what nobody needs to approve has run');
  await client.resume(run.run_id, answers);
  assert.deepEqual(lastRequest(client.model, 'Desk'), [
    'user: Send',
    'assistant[s,p]',
    'tool[s]: sent to Ada',
    'tool[p]: paid 1 to Bob',
  ]);
});

/** The server counts turns from the last user message, and a correction is one. */
const asksOrCorrects: Turn = ({ messages }) =>
  `${messages.at(-1)?.content}`.startsWith('Your reply')
    ? '{"city":"Rome"}'
    : [ask('g1', 'city'), ask('g2', 'street')];

test('what is said to a member comes after its results, and what reports say stays inside theirs', async (t) => {
  const output = z.object({ city: z.string() });
  const kit = await testRuntime(
    t,
    {
      Desk: [[delegate('c1', 'A'), ask('q', 'day')], 'done'],
      A: [asksOrCorrects, 'Rome, I think.'],
    },
    (baseURL) => {
      const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
      const tools = [getUserInput()];
      const member = defineAgent({ name: 'A', role: 'Asks.', model, tools, output });
      return [defineTeam({ name: 'Desk', model, tools, members: [member] })];
    },
  );
  const run = await kit.runtime.start({ message: 'Trip' });
  await kit.runtime.resume(run.id, { [questionOf(run, 'g2').id]: { street: 'Via Appia' } });
  await kit.runtime.resume(run.id, { [questionOf(run, 'g1').id]: { city: 'Rome' } });
  const [task, ...rest] = lastRequest(kit.model, 'A');
  assert.equal(task, 'user: task for A');
  assert.deepEqual(rest.slice(0, 4), [
    'assistant[g1,g2]',
    'tool[g1]: {"city":"Rome"}',
    'tool[g2]: {"street":"Via Appia"}',
    'assistant: Rome, I think.',
  ]);
  assert.match(rest[4] ?? '', /^user: Your reply does not fit/);
  await kit.runtime.resume(run.id, { [questionOf(run, 'q').id]: { day: 'MON' } });
  assert.deepEqual(lastRequest(kit.model, 'Desk').slice(1), [
    'assistant[c1,q]',
    'tool[c1]: {"city":"Rome"}',
    'tool[q]: {"day":"MON"}',
  ]);
  assert.deepEqual(kit.model.refusals, []);
});
