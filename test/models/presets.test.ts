/** What each provider is sent over Chat Completions, where it differs from what the wire says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driverOf, request, ways } from './ask.ts';

/** A conversation with a turn that called a tool and said nothing. */
const silent = {
  ...request,
  transcript: [
    ...request.transcript,
    {
      role: 'assistant',
      text: null,
      calls: [{ id: 'c1', name: 'look_up', arguments: '{"word":"tea"}', result: 'A drink.' }],
    },
  ],
} as const;

const usage = { include_usage: true };

for (const [provider, tokens, parallel, content] of [
  ['openai', 'max_completion_tokens', false, null],
  ['azure', 'max_completion_tokens', false, null],
  ['openrouter', 'max_tokens', false, null],
  ['ollama', 'max_tokens', undefined, ''],
  ['vllm', 'max_tokens', undefined, null],
  ['deepseek', 'max_tokens', undefined, ''],
] as const) {
  test(`${provider} is sent ${tokens}, and ${JSON.stringify(content)} for no text`, async (t) => {
    for (const stream of [true, false]) {
      const way = { api: 'chat', stream, name: 'chat' } as const;
      const options = { provider, maxOutputTokens: 500, parallelToolCalls: false } as const;
      const { ask, server } = await driverOf(t, way, {}, options);
      await ask(silent);
      const [sent] = server.requests;
      const { messages = [], ...body } = (sent?.body ?? {}) as Record<string, unknown> & {
        messages?: readonly { role: string; content: unknown }[];
      };
      const roles = messages.map(({ role }) => role);
      assert.deepEqual(roles, ['system', 'user', 'assistant', 'tool']);
      assert.equal(messages[2]?.content, content);
      const bounds = ['max_tokens', 'max_completion_tokens'].filter((name) => name in body);
      assert.deepEqual(bounds, [tokens]);
      assert.equal(body[tokens], 500);
      assert.deepEqual(body['stream_options'], stream ? usage : undefined);
      assert.equal(body['parallel_tool_calls'], parallel);
    }
  });
}

test('a model is asked to think as hard as can be said', async (t) => {
  for (const way of ways) {
    const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
    for (const reasoning of efforts) {
      const { ask, server } = await driverOf(t, way, {}, { reasoning });
      await ask();
      const body: object = server.requests[0]?.body ?? {};
      const [name, sent] =
        way.api === 'chat' ? ['reasoning_effort', reasoning] : ['reasoning', { effort: reasoning }];
      assert.deepEqual(Reflect.get(body, name), sent);
    }
  }
});
