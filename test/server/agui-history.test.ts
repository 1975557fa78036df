/** A thread is sent up to a limit, however long it is, and a client keeps what it had. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { historyOf } from '../../server/agui/history.ts';
import {
  defineAgent,
  defineTool,
  getUserInput,
  openai,
  type Run,
  type RunFilter,
  type TenantRuntime,
} from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { aguiDesk, joinThread, type Message, onlyInterrupt, resolved } from '../kit/agui.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { testRuntime } from '../kit/runtime.ts';
import { ask } from '../kit/turns.ts';

/** In characters. */
const limit = 1_048_576;

function lengthOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { content = '' }) => sum + content.length, 0);
}

test('a long thread comes without its oldest runs, and whoever has those keeps them', async (t) => {
  const first: Turn = ({ messages }) =>
    messages.at(-1)?.content === 'Trip' ? [ask('g', 'city')] : 'done';
  const { url } = await aguiDesk(t, { Desk: [first, 'Rome it is.'] });
  const thread = joinThread(url, 'ses_1');
  const long = Array.from({ length: 12 }, (_, index) => `${index} `.padEnd(99_000, 'x'));
  for (const text of long) await thread.say(text);
  const interrupt = onlyInterrupt(await thread.say('Trip'));
  const said = (messages: readonly Message[]) =>
    messages.flatMap(({ role, content }) => (role === 'user' ? [content] : []));
  assert.deepEqual(said(thread.agent.messages), [...long, 'Trip']);

  const late = joinThread(url, 'ses_1');
  const seen = onlyInterrupt(await late.run());
  assert.deepEqual(seen, interrupt);
  assert.deepEqual(said(late.agent.messages), [...long.slice(2), 'Trip']);
  assert.ok(lengthOf(late.agent.messages) < limit);

  const done = await thread.resume(resolved(interrupt, { city: 'Rome' }));
  assert.equal(Object(done.last['result']).final_content, 'Rome it is.');
  const again = await late.resume(resolved(interrupt, { city: 'Rome' }));
  assert.equal(Object(again.last['result']).final_content, 'Rome it is.');
  assert.deepEqual(said(late.agent.messages), [...long.slice(2), 'Trip']);
  // A message that is known is told its run, however old it is.
  const old = joinThread(url, 'ses_1');
  old.agent.addMessage(thread.agent.messages[0] as Message);
  await old.run();
  assert.deepEqual(said(old.agent.messages), [long[0], ...long.slice(3), 'Trip']);
  assert.equal(old.agent.messages[1]?.content, 'done', 'and what came of it');
});

test('what a client holds of older runs stays as it is, and what it keeps anyway is not sent', async () => {
  const text = 'x'.repeat(600_000);
  const runs = [3, 2, 1].map((n) => {
    return { id: `run_${n}`, message: n === 1 ? text : 'Hi', messageId: `u${n}` } as Run;
  });
  const calls = [{ id: 'c', name: 'rows', arguments: '{}', result: text }];
  const runtime = {
    list: async () => runs,
    messages: async () => [{ path: '', messages: [{ role: 'assistant', text: null, calls }] }],
  } as unknown as TenantRuntime;
  const conversation = { runtime, sessionId: 'ses_1', team: 'Desk' };
  const idsFor = async (...held: { readonly id: string; readonly role: string }[]) => {
    const history = await historyOf(conversation, runs[0] as Run, held as never);
    return history.map(({ id, content }) => (`${content}`.startsWith('(left out') ? 'cut' : id));
  };
  const mine = (id: string, role = 'user') => ({ id, role });
  const newest = ['u3', 'run_3/#1', 'run_3/c='];
  assert.deepEqual(await idsFor(), ['u2', 'run_2/#1', 'cut', ...newest]);
  assert.deepEqual(await idsFor(mine('x')), ['x', 'u2', 'run_2/#1', 'cut', ...newest]);
  const held = [mine('x'), mine('r', 'reasoning'), mine('u2'), mine('y', 'tool'), mine('u3')];
  assert.deepEqual(await idsFor(...held), ['x', 'u2', 'y', ...newest]);
});

test('of a thread of many short runs the newest come, and the others are not read', async () => {
  const runs = Array.from({ length: 1_000 }, (_, index) => {
    return { id: `run_${index}`, message: 'Hi', messageId: `u${index}` } as Run;
  }).reverse();
  let read = 0;
  const runtime = {
    list: async ({ after, limit = 0 }: RunFilter) => {
      const from = runs.findIndex(({ id }) => id === after) + 1;
      read += limit;
      return runs.slice(from, from + limit);
    },
    messages: async () => [],
  } as unknown as TenantRuntime;
  const conversation = { runtime, sessionId: 'ses_1', team: 'Desk' };
  const [newest] = runs as [Run];
  const messages = await historyOf(conversation, newest, []);
  assert.deepEqual(
    messages.map(({ id }) => id),
    runs
      .slice(0, 200)
      .map(({ messageId }) => messageId)
      .reverse(),
  );
  assert.ok(read <= 220, `${read} runs were read`);
});

test('a run whose results are too long comes without the oldest of them', async (t) => {
  const rows = Array.from({ length: 6 }, (_, page) => call('rows', { page }, `r${page}`));
  const kit = await testRuntime(t, { Desk: [rows, [ask('g', 'city')]] }, (baseURL) => {
    const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
    const input = z.object({ page: z.int() });
    const execute = () => 'x'.repeat(250_000);
    const tool = defineTool({ name: 'rows', description: 'Rows.', input, execute });
    return [defineAgent({ name: 'Desk', model, tools: [tool, getUserInput()] })];
  });
  await kit.runtime.start({ message: 'Rows', sessionId: 'ses_1' });
  const thread = joinThread(`${await serveRuntime(t, kit.runtime)}/agui/Desk`, 'ses_1');
  await thread.run();
  const results = thread.agent.messages.flatMap(({ role, content }) =>
    role === 'tool' ? [content] : [],
  );
  assert.equal(results[0], '(left out: 250000 characters)');
  assert.deepEqual(
    results.map((one) => one?.length),
    [29, 29, 250_000, 250_000, 250_000, 250_000],
  );
  assert.ok(lengthOf(thread.agent.messages) < limit);
});
