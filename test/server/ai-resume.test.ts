/** A page with a chat of the AI SDK that is loaded anew: it sees what is at work, and nothing twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Turn } from '../../src/testing/index.ts';
import { openChat } from '../kit/ai-chat.ts';
import { untilEvent } from '../kit/events.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { ask, delegate } from '../kit/turns.ts';

test('a chat that is loaded while its run is at work follows it to the end', async (t) => {
  const gate = Promise.withResolvers<void>();
  const slow: Turn = async () => {
    await gate.promise;
    return 'A RESULT';
  };
  const kit = await pausingRuntime(t, {
    Desk: [{ text: 'I ask A.', calls: [delegate('c1', 'A')] }, 'All done.'],
    A: [slow],
  });
  t.after(() => gate.resolve());
  const url = `${await serveRuntime(t, kit.runtime)}/ai/Desk`;
  const first = openChat(url, 'ses_1');
  const sent = first.chat.sendMessage({ text: 'Trip' });
  while (!first.chat.lastMessage?.parts.some(({ type }) => type === 'dynamic-tool')) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const [run] = await kit.runtime.list();
  await untilEvent(kit.runtime, run?.id ?? '', 'member.started');
  const half = structuredClone(first.chat.messages);
  assert.equal(half.length, 2);
  // One kept what was written of the reply, the other only what was said.
  const pages = [half, half.slice(0, 1)].map((messages) => openChat(url, 'ses_1', messages));
  const resumed = pages.map(({ chat }) => chat.resumeStream());
  gate.resolve();
  await Promise.all([sent, ...resumed]);
  for (const { chat, quiet, text } of pages) {
    await quiet();
    assert.equal(chat.error, undefined);
    assert.equal(text(), 'I ask A.All done.');
    assert.deepEqual(chat.messages.slice(1), first.chat.messages.slice(1));
  }
  assert.equal((await kit.runtime.list()).length, 1);
});

test('a chat whose run waits or is over, or that never was, has nothing to follow', async (t) => {
  const scripts = { Desk: [[ask('g', 'city')], 'done'], QueueDesk: [[ask('g', 'city')], 'done'] };
  const kit = await pausingRuntime(t, scripts);
  const url = await serveRuntime(t, kit.runtime);
  const first = openChat(`${url}/ai/Desk`, 'ses_1');
  const reload = async (id: string, team = 'Desk') => {
    const { chat, quiet } = openChat(`${url}/ai/${team}`, id, structuredClone(first.chat.messages));
    await chat.resumeStream();
    await quiet();
    assert.equal(chat.status, 'ready');
    assert.deepEqual(chat.messages, first.chat.messages);
  };
  await reload('ses_1');
  await first.chat.sendMessage({ text: 'Trip' });
  await reload('ses_1');
  const [part] = first.waiting();
  const { toolCallId = '', toolName: tool = '' } = part ?? {};
  await first.chat.addToolOutput({ tool, toolCallId, output: { city: 'Rome' } });
  await first.quiet();
  assert.equal(first.text(), 'done');
  await reload('ses_1');
  // What is queued behind a question is not at work either.
  const queued = { message: 'Trip', sessionId: 'ses_2', team: 'QueueDesk' };
  for (let n = 0; n < 2; n += 1) await kit.runtime.start(queued);
  await reload('ses_2', 'QueueDesk');
});
