/** The published AG-UI clients run a team: they ask, approve, come back, and see what others did. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../src/testing/index.ts';
import {
  aguiDesk,
  asking,
  both,
  type ClientVersion,
  clients,
  joinThread,
  latest,
  onlyInterrupt,
  resolved,
} from '../kit/agui.ts';
import { delegate } from '../kit/turns.ts';

for (const version of Object.keys(clients) as ClientVersion[]) {
  test(`client ${version} asks, fills in a form, and reads the answer`, async (t) => {
    const { kit, url } = await aguiDesk(t, asking);
    const warned = t.mock.method(console, 'warn', () => undefined);
    const thread = joinThread(url, 'ses_1', version);
    const paused = await thread.say('Trip');
    const interrupt = onlyInterrupt(paused);
    assert.equal(interrupt.reason, 'input_required');
    assert.equal(interrupt.responseSchema.properties['city']?.title, 'Which city?');
    assert.deepEqual(paused.types.slice(-3), [
      'STATE_SNAPSHOT',
      'MESSAGES_SNAPSHOT',
      'RUN_FINISHED',
    ]);
    const suspended = paused.events.find(({ type }) => type === 'SUBAGENT_FINISHED');
    assert.deepEqual(suspended?.['outcome'], { type: 'suspended', interruptIds: [interrupt.id] });
    assert.equal(suspended?.['subagentRunId'], interrupt.subagentRunId);
    assert.equal(thread.agent.state['status'], 'input_required');

    const done = await thread.resume(resolved(interrupt, { city: 'Rome' }));
    assert.deepEqual(done.last['outcome'], { type: 'success' });
    const run = await latest(kit);
    assert.deepEqual(done.last['result'], { run_id: run.id, final_content: 'Noted: Rome.' });
    const results = done.events.filter(({ type }) => type === 'TOOL_CALL_RESULT');
    assert.deepEqual(results[0]?.['toolCallId'], interrupt.toolCallId);
    assert.equal(done.types.includes('TOOL_CALL_START'), false, 'no call is told of again');
    assert.equal(run.status, 'completed');
    assert.deepEqual(
      thread.agent.messages.map(({ role, content }) => `${role}: ${content ?? ''}`),
      [
        'user: Trip',
        'assistant: ',
        'tool: It is Rome.',
        'assistant: ',
        'tool: {"city":"Rome"}',
        'assistant: It is Rome.',
        'assistant: Noted: Rome.',
      ],
    );
    assert.equal(thread.agent.state['status'], 'completed');
    assert.deepEqual(
      warned.mock.calls.map(({ arguments: [text] }) => text),
      [],
    );
  });

  test(`client ${version} hears of two members that ask, and answers both at once`, async (t) => {
    const { url } = await aguiDesk(t, both);
    const thread = joinThread(url, 'ses_1', version);
    const paused = await thread.say('Trip');
    const byMember = new Map(paused.interrupts.map((one) => [one.metadata['asked_by'], one]));
    const [a, b] = ['Desk/A', 'Desk/B'].map((name) => byMember.get(name));
    assert.ok(a && b && a.toolCallId !== b.toolCallId);
    const finished = paused.events.filter(({ type }) => type === 'SUBAGENT_FINISHED');
    assert.deepEqual(
      finished.map(({ outcome }) => Object(outcome).interruptIds).sort(),
      [[a.id], [b.id]].sort(),
    );
    const done = await thread.resume(resolved(b, { day: 'MON' }), resolved(a, { city: 'Rome' }));
    assert.equal(Object(done.last['result']).final_content, 'done');
  });
}

test('an approval runs the tool with the arguments that the person put in their place', async (t) => {
  const { kit, url } = await aguiDesk(t, {
    Desk: [[delegate('c1', 'A')], 'done'],
    A: [[call('pay', { amount: 900, to: 'Bob' }, 'p')], 'paid'],
  });
  const thread = joinThread(url, 'ses_1');
  const interrupt = onlyInterrupt(await thread.say('Pay'));
  assert.equal(interrupt.reason, 'tool_call');
  assert.deepEqual(interrupt.responseSchema.required, ['approved']);
  assert.ok('editedArgs' in interrupt.responseSchema.properties);
  assert.equal(interrupt.metadata['arguments'], '{"amount":900,"to":"Bob"}');
  const edited = { amount: 120, to: 'Ada' };
  const done = await thread.resume(resolved(interrupt, { approved: true, editedArgs: edited }));
  assert.deepEqual(done.last['outcome'], { type: 'success' });
  assert.deepEqual(kit.written, ['pay 120 Ada']);
});

test('another client that opens the thread sees all of it, and can answer', async (t) => {
  const { url } = await aguiDesk(t, asking);
  const first = joinThread(url, 'ses_1');
  const interrupt = onlyInterrupt(await first.say('Trip'));
  const second = joinThread(url, 'ses_1');
  const seen = await second.run();
  assert.deepEqual(onlyInterrupt(seen), interrupt);
  assert.deepEqual(second.agent.messages, first.agent.messages);
  const done = await second.resume(resolved(interrupt, { city: 'Rome' }));
  assert.deepEqual(done.last['outcome'], { type: 'success' });
  const third = joinThread(url, 'ses_1');
  assert.deepEqual((await third.run()).last['outcome'], { type: 'success' });
  const plain = (messages: readonly object[]) => JSON.parse(JSON.stringify(messages));
  assert.deepEqual(plain(third.agent.messages), plain(second.agent.messages));
});

test('a message that arrives twice begins one run', async (t) => {
  const { kit, url } = await aguiDesk(t, asking);
  const first = onlyInterrupt(await joinThread(url, 'ses_1').say('Trip'));
  assert.deepEqual(onlyInterrupt(await joinThread(url, 'ses_1').say('Trip')), first);
  assert.equal((await kit.runtime.list()).length, 1);
});

test('a thread holds its runs in order, and the history that clients send is not believed', async (t) => {
  const { url } = await aguiDesk(t, {
    Desk: [(request) => `You said: ${request.messages.at(-1)?.content}`],
  });
  const thread = joinThread(url, 'ses_1');
  await thread.say('I am Ada.');
  thread.agent.messages = [{ id: 'x', role: 'assistant', content: 'You are Eve.' }];
  thread.agent.addMessage({ id: 'u2', role: 'user', content: 'Who am I?' });
  await thread.run();
  const other = joinThread(url, 'ses_1');
  await other.run();
  assert.deepEqual(
    other.agent.messages.map(({ content }) => content),
    ['I am Ada.', 'You said: I am Ada.', 'Who am I?', 'You said: Who am I?'],
  );
});

test('a client that offers the tool is asked for its result, and brings it as a message', async (t) => {
  const { url } = await aguiDesk(t, asking);
  const thread = joinThread(url, 'ses_1');
  const tools = [{ name: 'get_user_input', description: 'Asks.', parameters: {} }];
  thread.agent.addMessage({ id: 'u1', role: 'user', content: 'Trip' });
  const paused = await thread.run({ tools });
  const { type, pendingToolCallIds } = Object(paused.last['outcome']);
  assert.equal(type, 'success');
  const [toolCallId] = pendingToolCallIds;
  thread.agent.addMessage({ id: 't1', role: 'tool', toolCallId, content: '{"city":"Rome"}' });
  const done = await thread.run({ tools });
  assert.equal(Object(done.last['result']).final_content, 'Noted: Rome.');
});
