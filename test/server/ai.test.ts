/** Chats of the AI SDK run a team: they ask, approve, are corrected, and come back. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isToolUIPart } from 'ai';
import { call, type Turn } from '../../src/testing/index.ts';
import { openChat, type SeenChat } from '../kit/ai-chat.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { ask, delegate } from '../kit/turns.ts';

async function desk(t: TestContext, agents: Readonly<Record<string, readonly Turn[]>>) {
  const kit = await pausingRuntime(t, agents);
  return { kit, url: `${await serveRuntime(t, kit.runtime)}/ai/Desk` };
}

const asking = {
  Desk: [[delegate('c1', 'A')], 'Noted: Rome.'],
  A: [[ask('g', 'city')], 'It is Rome.'],
};

async function answer({ chat, waiting, quiet }: SeenChat, outputs: Record<string, unknown>) {
  for (const part of waiting()) {
    const output = outputs[part.toolName] ?? outputs[String(part.toolMetadata?.['agent'])];
    await chat.addToolOutput({ tool: part.toolName, toolCallId: part.toolCallId, output });
  }
  await quiet();
}

test('a chat asks, sends the answer by itself, and reads the end in the same message', async (t) => {
  const { kit, url } = await desk(t, asking);
  const seen = openChat(url, 'ses_1');
  await seen.chat.sendMessage({ text: 'Trip' });
  const [part] = seen.waiting();
  assert.equal(part?.toolName, 'get_user_input');
  assert.equal(seen.waiting().length, 1);
  const question = seen.chat.lastMessage?.parts.find(({ type }) => type === 'data-question');
  assert.equal(Object(question).data.response_schema.properties.city.title, 'Which city?');
  await answer(seen, { get_user_input: { city: 'Rome' } });
  assert.equal(seen.chat.error, undefined);
  assert.equal(seen.text(), 'Noted: Rome.');
  assert.equal(seen.chat.messages.length, 2);
  const calls = seen.chat.lastMessage?.parts.filter(isToolUIPart);
  assert.deepEqual(
    calls?.map(({ state, output }) => [state, output]),
    [
      ['output-available', 'It is Rome.'],
      ['output-available', { city: 'Rome' }],
    ],
  );
  assert.equal(seen.requests(), 2, 'what is finished is not sent again');
  const [run] = await kit.runtime.list();
  assert.equal(run?.status, 'completed');
});

test('two members ask at once, and the chat sends when both have their answer', async (t) => {
  const { url } = await desk(t, {
    Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
    A: [[ask('g', 'city')], 'A RESULT'],
    B: [[ask('g', 'day')], 'B RESULT'],
  });
  const seen = openChat(url, 'ses_1');
  await seen.chat.sendMessage({ text: 'Trip' });
  assert.equal(seen.waiting().length, 2);
  await answer(seen, { 'Desk/A': { city: 'Rome' }, 'Desk/B': { day: 'MON' } });
  assert.equal(seen.text(), 'done');
  assert.equal(seen.requests(), 2);
});

for (const approved of [true, false]) {
  test(`an approval is asked for, and the person says ${approved ? 'yes' : 'no'}`, async (t) => {
    const { kit, url } = await desk(t, {
      Desk: [[delegate('c1', 'A')], 'done'],
      A: [[call('send', { to: 'Ada' }, 's')], 'A RESULT'],
    });
    const seen = openChat(url, 'ses_1');
    await seen.chat.sendMessage({ text: 'Send' });
    const [part] = seen.waiting();
    assert.equal(part?.state, 'approval-requested');
    assert.deepEqual(part?.input, { to: 'Ada' });
    const id = part?.approval?.id ?? '';
    await seen.chat.addToolApprovalResponse({ id, approved, reason: 'Because.' });
    await seen.quiet();
    assert.equal(seen.text(), 'done');
    assert.deepEqual(kit.written, approved ? ['send Ada'] : []);
    const told = 'The person declined. Their note: Because.';
    assert.equal(kit.results('A')['s'], approved ? 'sent to Ada' : told);
    const calls = seen.chat.lastMessage?.parts.filter(isToolUIPart) ?? [];
    const shown = calls.find(({ toolCallId }) => toolCallId === id);
    assert.equal(shown?.state, approved ? 'output-available' : 'output-denied');
  });
}

test('an answer that does not fit is told of, and the right one goes on', async (t) => {
  const { url } = await desk(t, asking);
  const seen = openChat(url, 'ses_1');
  await seen.chat.sendMessage({ text: 'Trip' });
  const [part] = seen.waiting();
  const send = async (output: unknown) => {
    const toolCallId = part?.toolCallId ?? '';
    await seen.chat.addToolOutput({ tool: 'get_user_input', toolCallId, output });
    await seen.quiet();
  };
  await send({ city: 7 });
  assert.match(String(seen.chat.error), /city/);
  await send({ city: 'Rome' });
  assert.equal(seen.chat.error, undefined);
  assert.equal(seen.text(), 'Noted: Rome.');
});

test('while a question is open, something new is refused', async (t) => {
  const { kit, url } = await desk(t, asking);
  await openChat(url, 'ses_1').chat.sendMessage({ text: 'Trip' });
  const other = openChat(url, 'ses_1');
  await other.chat.sendMessage({ text: 'Never mind' });
  assert.match(String(other.chat.error), /waits for answers/);
  assert.equal((await kit.runtime.list()).length, 1);
});

test('a message that is regenerated, and an answer that arrives again, are told the same', async (t) => {
  const { kit, url } = await desk(t, asking);
  const seen = openChat(url, 'ses_1');
  await seen.chat.sendMessage({ text: 'Trip' });
  const before = structuredClone(seen.chat.messages);
  await answer(seen, { get_user_input: { city: 'Rome' } });
  const whole = structuredClone(seen.chat.lastMessage);
  const again = openChat(url, 'ses_1', before);
  await answer(again, { get_user_input: { city: 'Rome' } });
  const states = ({ chat }: SeenChat) => chat.lastMessage?.parts.map(({ type }) => type);
  assert.deepEqual(
    states(again),
    whole?.parts.map(({ type }) => type),
  );
  assert.equal(again.text(), 'Noted: Rome.');
  await seen.chat.regenerate();
  await seen.quiet();
  assert.equal(seen.text(), 'Noted: Rome.');
  assert.deepEqual(seen.waiting(), []);
  assert.equal(kit.model.requests.length, 4, 'each model call was made once');
});

test('a person who gives no answer declines, and the team goes on', async (t) => {
  const { kit, url } = await desk(t, {
    Desk: [[ask('g', 'city')], ({ messages }) => `${messages.at(-1)?.content}`],
  });
  const seen = openChat(url, 'ses_1');
  await seen.chat.sendMessage({ text: 'Trip' });
  const toolCallId = seen.waiting()[0]?.toolCallId ?? '';
  const given = { tool: 'get_user_input', toolCallId, errorText: 'Left.' } as const;
  await seen.chat.addToolOutput({ ...given, state: 'output-error' });
  await seen.quiet();
  assert.equal(seen.text(), 'The person declined.');
  assert.equal((await kit.runtime.list())[0]?.status, 'completed');
  assert.equal(seen.requests(), 2);
});
