/** A chat of the AI SDK that was refused something: what waits for the person is there again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openChat } from '../kit/ai-chat.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { ask, delegate } from '../kit/turns.ts';

const scripts = {
  Desk: [[delegate('c1', 'A')], 'done'],
  A: [[ask('q', 'city')], 'A RESULT'],
};

test('after an answer that does not fit, the question waits again', async (t) => {
  const kit = await pausingRuntime(t, scripts);
  const seen = openChat(`${await serveRuntime(t, kit.runtime)}/ai/Desk`, 'ses_1');
  await seen.chat.sendMessage({ text: 'Trip' });
  for (const city of [7, 'Rome']) {
    const [part, ...more] = seen.waiting();
    assert.ok(part && more.length === 0, `for ${city}`);
    const { toolCallId, toolName } = part;
    await seen.chat.addToolOutput({ tool: toolName, toolCallId, output: { city } });
    await seen.quiet();
  }
  assert.equal(seen.chat.error, undefined);
  assert.equal(seen.text(), 'done');
});

test('after a message that came too early, the question waits behind it, and the chat goes on there', async (t) => {
  const kit = await pausingRuntime(t, scripts);
  const seen = openChat(`${await serveRuntime(t, kit.runtime)}/ai/Desk`, 'ses_1');
  await seen.chat.sendMessage({ text: 'Trip' });
  await seen.chat.sendMessage({ text: 'Another trip' });
  assert.match(String(seen.chat.error), /waits for answers/);
  const [part, ...more] = seen.waiting();
  assert.ok(part && more.length === 0);
  const { toolCallId, toolName } = part;
  await seen.chat.addToolOutput({ tool: toolName, toolCallId, output: { city: 'Rome' } });
  await seen.quiet();
  assert.equal(seen.chat.error, undefined);
  assert.equal(seen.text(), 'done');
  assert.equal((await kit.runtime.list()).length, 1);
});
