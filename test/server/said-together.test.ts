/** Whatever the person says reaches a run, also beside answers and several messages at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineAgent, getUserInput, openai } from '../../src/index.ts';
import type { Turn } from '../../src/testing/index.ts';
import {
  aguiDesk,
  type ClientVersion,
  clients,
  joinThread,
  onlyInterrupt,
  resolved,
} from '../kit/agui.ts';
import { openChat } from '../kit/ai-chat.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { type TestRuntime, testRuntime } from '../kit/runtime.ts';
import { ask } from '../kit/turns.ts';

const user = (id: string, content: string) => ({ id, role: 'user', content });

/** Begins with a question if a trip is asked for, and with an echo if anything else is said. */
function desk(...turns: Turn[]): { readonly Desk: readonly Turn[] } {
  const first: Turn = ({ messages }) => {
    const said = messages.findLast(({ role }) => role === 'user')?.content;
    return `${said}`.endsWith('Trip') ? [ask('g', 'city')] : `You said: ${said}`;
  };
  return { Desk: [first, ...turns] };
}

/** What began the runs, oldest first, and how they stand. */
async function runsIn({ runtime }: Pick<TestRuntime, 'runtime'>) {
  const runs = await runtime.list();
  return runs.map(({ message, status }) => [message, status]).reverse();
}

for (const version of Object.keys(clients) as ClientVersion[]) {
  test(`client ${version}: what is said beside an answer is taken after it`, async (t) => {
    const { kit, url } = await aguiDesk(t, desk('Rome it is.'));
    const thread = joinThread(url, 'ses_1', version);
    const entry = resolved(onlyInterrupt(await thread.say('Trip')), { city: 'Rome' });
    thread.agent.addMessage(user('u2', 'Make it two.'));
    const sent = [...thread.agent.messages];
    const done = await thread.resume(entry);
    assert.equal(Object(done.last['result']).final_content, 'You said: Make it two.');
    const runs = [
      ['Trip', 'completed'],
      ['Make it two.', 'completed'],
    ];
    assert.deepEqual(await runsIn(kit), runs);
    const said = thread.agent.messages.flatMap(({ role, content }) =>
      content && role !== 'tool' ? [content] : [],
    );
    assert.deepEqual(said, ['Trip', 'Make it two.', 'Rome it is.', 'You said: Make it two.']);

    const again = joinThread(url, 'ses_1', version);
    again.agent.messages = sent;
    await again.resume(entry);
    assert.deepEqual(await runsIn(kit), runs, 'and once, however often it comes');
  });
}

test('what is said beside an answer waits while the run asks once more', {
  // A client that was told of the wrong run would wait for ever.
  timeout: 20_000,
}, async (t) => {
  const { kit, url } = await aguiDesk(t, desk([ask('h', 'day')], 'Rome on Monday.'));
  const thread = joinThread(url, 'ses_1');
  const city = onlyInterrupt(await thread.say('Trip'));
  thread.agent.addMessage(user('u2', 'Make it two.'));
  const day = onlyInterrupt(await thread.resume(resolved(city, { city: 'Rome' })));
  assert.ok(thread.agent.messages.some(({ content }) => content === 'Make it two.'));
  // A client that comes back meanwhile is told of what waits for the person.
  assert.deepEqual(onlyInterrupt(await joinThread(url, 'ses_1').run()), day);
  const late = joinThread(url, 'ses_1');
  late.agent.addMessage(user('u2', 'Make it two.'));
  assert.deepEqual(onlyInterrupt(await late.run()), day);
  const done = await thread.resume(resolved(day, { day: 'Monday' }));
  assert.equal(Object(done.last['result']).final_content, 'You said: Make it two.');
  assert.deepEqual(await runsIn(kit), [
    ['Trip', 'completed'],
    ['Make it two.', 'completed'],
  ]);
});

test('what is said beside the result of a client’s own tool is taken after it', async (t) => {
  const { kit, url } = await aguiDesk(t, desk('Rome it is.'));
  const tools = [{ name: 'get_user_input', description: 'Asks.', parameters: {} }];
  const thread = joinThread(url, 'ses_1');
  thread.agent.addMessage(user('u1', 'Trip'));
  await thread.run({ tools });
  const toolCallId = `${thread.agent.messages.at(-1)?.toolCalls?.[0]?.id}`;
  thread.agent.addMessage({ id: 't1', role: 'tool', toolCallId, content: '{"city":"Rome"}' });
  thread.agent.addMessage(user('u2', 'Make it two.'));
  const done = await thread.run({ tools });
  assert.equal(Object(done.last['result']).final_content, 'You said: Make it two.');
  assert.deepEqual((await runsIn(kit)).length, 2);
});

test('what is said beside an answer is new also with an id or a text of before', async (t) => {
  for (const [id, text] of [
    ['u2', 'Trip'],
    ['u1', 'Make it two.'],
  ] as const) {
    const { kit, url } = await aguiDesk(t, desk([ask('h', 'day')], 'Rome it is.', 'Again.'));
    const thread = joinThread(url, 'ses_1');
    thread.agent.addMessage(user('u1', 'Trip'));
    const city = onlyInterrupt(await thread.run());
    // A client without a history, which has another id for what began the run.
    const other = joinThread(url, 'ses_1');
    other.agent.addMessage(user('x1', 'Trip'));
    const day = onlyInterrupt(await other.resume(resolved(city, { city: 'Rome' })));
    assert.equal((await runsIn(kit)).length, 1);
    const late = joinThread(url, 'ses_1');
    late.agent.messages = [...thread.agent.messages, user(id, text)];
    await late.resume(resolved(day, { day: 'Monday' }));
    const said = (await runsIn(kit)).map(([message]) => message);
    assert.deepEqual(said, ['Trip', text]);
  }
});

test('messages to which nothing was replied are said together', async (t) => {
  const { kit, url } = await aguiDesk(t, desk());
  const thread = joinThread(url, 'ses_1');
  thread.agent.addMessage(user('m1', 'FIRST'));
  thread.agent.addMessage(user('m2', 'SECOND'));
  const sent = [...thread.agent.messages];
  await thread.run();
  thread.agent.messages = sent;
  await thread.run();
  thread.agent.messages = [...sent, user('m3', 'THIRD')];
  await thread.run();
  thread.agent.messages = [...sent, user('m4', 'Hello'), user('m5', 'Trip')];
  const interrupt = onlyInterrupt(await thread.run());
  const late = joinThread(url, 'ses_1');
  late.agent.messages = [...sent, user('m4', 'Hello'), user('m5', 'Trip')];
  assert.deepEqual(onlyInterrupt(await late.run()), interrupt, 'and are known together');
  const { chat, quiet } = openChat(url.replace('agui', 'ai'), 'ses_2', [
    { id: 'm1', role: 'user', parts: [{ type: 'text', text: 'ONE' }] },
  ]);
  await chat.sendMessage({ text: 'TWO' });
  await quiet();
  assert.deepEqual(await runsIn(kit), [
    ['FIRST\n\nSECOND', 'completed'],
    ['THIRD', 'completed'],
    ['Hello\n\nTrip', 'input_required'],
    ['ONE\n\nTWO', 'completed'],
  ]);
});

test('who joins a thread is told of its runs in their order', async (t) => {
  const gate = Promise.withResolvers<void>();
  const answer: Turn = async ({ messages }) => {
    await gate.promise;
    return `To ${messages.findLast(({ role }) => role === 'user')?.content}`;
  };
  const { kit, url } = await aguiDesk(t, { QueueDesk: [answer] });
  t.after(() => gate.resolve());
  const start = { team: 'QueueDesk', sessionId: 'ses_1', wait: false };
  for (const message of ['1', '2', '3']) await kit.runtime.start({ ...start, message });
  const response = await fetch(url.replace('Desk', 'QueueDesk'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ threadId: 'ses_1', runId: 'r', messages: [] }),
  });
  gate.resolve();
  const told = (await response.text()).match(/(?<="delta":")To \d/g);
  assert.deepEqual(told, ['To 1', 'To 2', 'To 3']);
});

test('what was refused for what it says is in nobody’s way', async (t) => {
  const kit = await testRuntime(t, desk('done'), (baseURL) => [
    defineAgent({
      name: 'Desk',
      model: openai('gpt-4o-mini', { baseURL, apiKey: 'test' }),
      tools: [getUserInput()],
      inputGuards: [(text) => (text.includes('secret') ? 'No secrets.' : undefined)],
    }),
  ]);
  const url = await serveRuntime(t, kit.runtime);
  const thread = joinThread(`${url}/agui/Desk`, 'ses_1');
  for (let count = 1; count <= 120; count += 1) {
    thread.agent.addMessage(user(`m1-${count}`, 'A secret'));
  }
  assert.equal((await thread.run()).last['code'], 'input_refused');
  const picture = {
    id: 'm2',
    role: 'user',
    content: [{ type: 'image', source: { type: 'url', value: 'https://example.com/a.png' } }],
  };
  thread.agent.messages = [...thread.agent.messages, picture as never];
  assert.equal((await thread.run()).last['code'], 'message_invalid');
  thread.agent.addMessage(user('m2a', ' '));
  thread.agent.addMessage(user('m2c', 'x'.repeat(100_000)));
  // Never arrived, and is no worse for what stands before it.
  thread.agent.addMessage(user('m2b', 'Hello'));
  thread.agent.addMessage(user('m3', 'Trip'));
  const sent = [...thread.agent.messages];
  const interrupt = onlyInterrupt(await thread.run());
  const late = joinThread(`${url}/agui/Desk`, 'ses_1');
  late.agent.messages = [...sent];
  assert.deepEqual(onlyInterrupt(await late.run()), interrupt, 'and is known when it comes again');
  thread.agent.addMessage(user('m4', 'Another secret'));
  const { events, last } = await thread.resume(resolved(interrupt, { city: 'Rome' }));
  assert.deepEqual(events[1], {
    type: 'CUSTOM',
    name: 'message_refused',
    value: { code: 'input_refused', message: 'No secrets.' },
  });
  assert.equal(Object(last['result']).final_content, 'done', 'the answer is taken all the same');
  thread.agent.addMessage(user('m5', 'Thanks'));
  await thread.run();
  assert.deepEqual(await runsIn(kit), [
    ['Hello\n\nTrip', 'completed'],
    ['Thanks', 'completed'],
  ]);
});

for (const [when, together] of [
  ['after', false],
  ['while', true],
] as const) {
  test(`a message that arrives ${when} it was said with a later one is taken once`, async (t) => {
    // The guard takes its time, so that both are looked up before either begins.
    const kit = await testRuntime(t, desk(), (baseURL) => [
      defineAgent({
        name: 'Desk',
        model: openai('gpt-4o-mini', { baseURL, apiKey: 'test' }),
        tools: [getUserInput()],
        inputGuards: [() => new Promise((resolve) => setTimeout(resolve, 20, undefined))],
        whilePaused: 'queue',
      }),
    ]);
    const url = await serveRuntime(t, kit.runtime);
    const [early, later] = [1, 2].map((count) => {
      const thread = joinThread(`${url}/agui/Desk`, 'ses_1');
      thread.agent.messages = [user('u1', 'One.'), user('u2', 'Two.')].slice(0, count);
      return thread;
    });
    if (together) await Promise.all([early?.run(), later?.run()]);
    else {
      await later?.run();
      await early?.run();
    }
    const words = (await runsIn(kit)).map(([message]) => message).join('\n\n');
    assert.equal(words, 'One.\n\nTwo.');
  });
}
