/** What tools and models said comes back with every history: no word of it may end a conversation. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isToolUIPart } from 'ai';
import { z } from 'zod';
import { defineAgent, defineTool, getUserInput, openai } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { joinThread, onlyInterrupt, resolved } from '../kit/agui.ts';
import { openChat } from '../kit/ai-chat.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { testRuntime } from '../kit/runtime.ts';
import { ask } from '../kit/turns.ts';

const deep = (levels: number): unknown => (levels === 0 ? 'end' : { in: deep(levels - 1) });

/** Results that a person could not have sent. */
const odd: Readonly<Record<string, unknown>> = {
  'NUL in a text': 'a\0b',
  'NUL in a value': { text: 'a\0b' },
  'half a character': { text: '\ud800' },
  'a key toString': { toString: 1 },
  'an object under constructor': { constructor: { prototype: { polluted: true } } },
  'a prototype': JSON.parse('{"__proto__":{"polluted":true}}'),
  '40 levels': deep(40),
};

/** A tool says something odd, a model NUL; then the person is asked, and says something else. */
async function oddDesk(t: TestContext, result: unknown) {
  const args = '{"a":1,"__proto__":{"b":2},"c":"\\u0000"}';
  const turns: readonly Turn[] = [
    [call('look', JSON.parse(args), 'l')],
    [ask('q', 'city')],
    'Said\0so.',
  ];
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    input: z.looseObject({}),
    execute: () => result,
  });
  const kit = await testRuntime(t, { Desk: turns }, (baseURL) => [
    defineAgent({
      name: 'Desk',
      role: 'Looks.',
      instructions: ['Look.'],
      model: openai('gpt-4o-mini', { baseURL, apiKey: 'test' }),
      tools: [look, getUserInput()],
    }),
  ]);
  return { kit, url: await serveRuntime(t, kit.runtime) };
}

for (const [what, result] of Object.entries(odd)) {
  test(`a chat goes on after a result with ${what}`, async (t) => {
    const { kit, url } = await oddDesk(t, result);
    const { chat, waiting, quiet, text } = openChat(`${url}/ai/Desk`, 'ses_1');
    await chat.sendMessage({ text: 'Look' });
    assert.equal(chat.error, undefined);
    const shown = chat.lastMessage?.parts.filter(isToolUIPart)[0];
    assert.equal(shown?.state, 'output-available', 'it is shown, if as a text');
    const [part] = waiting();
    assert.ok(part);
    const { toolName: tool, toolCallId } = part;
    await chat.addToolOutput({ tool, toolCallId, output: { city: 'Rome\0' } });
    await quiet();
    assert.match(String(chat.error), /well-formed text without NUL/);
    const [again] = waiting();
    assert.ok(again, 'it is asked again');
    const output = { city: 'Rome' };
    await chat.addToolOutput({ tool, toolCallId: again.toolCallId, output });
    await quiet();
    assert.equal(chat.error, undefined);
    assert.equal(text(), 'Said\ufffdso.');
    await chat.sendMessage({ text: 'Go on' });
    assert.equal(chat.error, undefined);
    assert.equal(waiting().length, 1, 'the next run is under way');
    assert.deepEqual(kit.reported, []);
  });

  test(`a thread goes on after a result with ${what}`, async (t) => {
    const { url } = await oddDesk(t, result);
    const thread = joinThread(`${url}/agui/Desk`, 'ses_1');
    const interrupt = onlyInterrupt(await thread.say('Look'));
    const refused = await thread.resume(resolved(interrupt, { city: 'Rome\0' }));
    assert.match(String(refused.last['message']), /\/resume\/0\/payload\/city/);
    const done = await thread.resume(resolved(interrupt, { city: 'Rome' }));
    assert.equal(Object(done.last['result']).final_content, 'Said\ufffdso.');
    onlyInterrupt(await thread.say('Go on'));
  });
}

test('what a person says is held to what may be said, and is told so in the stream', async (t) => {
  const { kit, url } = await oddDesk(t, 'x');
  const { chat } = openChat(`${url}/ai/Desk`, 'ses_1');
  await chat.sendMessage({ text: 'a\0b' });
  assert.match(String(chat.error), /\/messages\/0\/parts\/0\/text must be well-formed text/);
  const { last } = await joinThread(`${url}/agui/Desk`, 'ses_1').say('a\0b');
  assert.deepEqual([last.type, last['code']], ['RUN_ERROR', 'body_invalid']);
  assert.deepEqual(await kit.runtime.list(), []);
});

test('a "length" that cannot be compared is refused, wherever a history has it', async (t) => {
  const { url } = await oddDesk(t, 'x');
  const bodies = [
    ['agui', { threadId: 'ses_1', runId: 'odd', messages: [] }],
    [
      'agui',
      { threadId: 'ses_1', runId: 'r', messages: [{ id: 'odd', role: 'user', content: 'Hi' }] },
    ],
    ['ai', { id: 'odd', messages: [] }],
    [
      'ai',
      {
        id: 'ses_1',
        messages: [{ id: 'm', role: 'user', parts: [{ type: 'text', text: 'odd' }] }],
      },
    ],
  ] as const;
  for (const length of ['[{"toString":1}]', '['.repeat(20_000) + ']'.repeat(20_000)]) {
    for (const [door, body] of bodies) {
      const response = await fetch(`${url}/${door}/Desk`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body).replace('"odd"', `{"length":${length}}`),
      });
      assert.equal(response.status, 422, await response.text());
    }
  }
});
