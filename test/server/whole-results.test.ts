/** Front ends get results as they are: cut, a result would be JSON that nobody can read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isToolUIPart } from 'ai';
import * as z from 'zod';
import { defineAgent, defineTool, openai } from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import { joinThread } from '../kit/agui.ts';
import { openChat } from '../kit/ai-chat.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { testRuntime } from '../kit/runtime.ts';

const rows = Array.from({ length: 900 }, (_, id) => ({ id, name: `row ${id}` }));

test('a result that the log cuts comes whole to AG-UI and to chats of the AI SDK', async (t) => {
  const turns = [[call('rows', {})], 'done'];
  const kit = await testRuntime(t, { Desk: [...turns, ...turns] }, (baseURL) => {
    const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
    const input = z.object({});
    const tool = defineTool({ name: 'rows', description: 'Rows.', input, execute: () => rows });
    return [defineAgent({ name: 'Desk', model, tools: [tool] })];
  });
  const url = await serveRuntime(t, kit.runtime);

  const { chat, quiet } = openChat(`${url}/ai/Desk`, 'ses_ai');
  await chat.sendMessage({ text: 'Rows' });
  await quiet();
  const part = chat.lastMessage?.parts.find(isToolUIPart);
  assert.deepEqual(part?.output, rows);

  const thread = joinThread(`${url}/agui/Desk`, 'ses_agui');
  const { events } = await thread.say('Rows');
  const told = events.find(({ type }) => type === 'TOOL_CALL_RESULT');
  assert.deepEqual(JSON.parse(String(told?.['content'])), rows);
  const late = joinThread(`${url}/agui/Desk`, 'ses_agui');
  await late.run();
  const kept = late.agent.messages.find(({ role }) => role === 'tool');
  assert.equal(kept?.content, told?.['content'], 'and whoever joins later sees the same');

  const run = (await kit.runtime.list({ limit: 1 }))[0]?.id ?? '';
  for await (const event of kit.runtime.events(run)) {
    if (event.type === 'call.answered')
      assert.match(event.result, /\(cut after 16384 characters\)$/);
  }
});
