/** Replies in one piece that stop in their middle: what comes of them is asked for again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { driverOf, failureOf, ways } from './ask.ts';
import { eventStreamType, modelPlaying, outcomeOf, type Playing } from './streams/replay.ts';

const said = 'He said "{[" \\ and left }]: 你好';
const call = { id: 'c1', type: 'function', function: { name: 'say', arguments: '{"a":["}"]}' } };
const counts = { prompt_tokens: 9, completion_tokens: 5, input_tokens: 9, output_tokens: 5 };

const replies = {
  chat: {
    choices: [{ finish_reason: 'stop', message: { content: said, tool_calls: [call] } }],
    usage: counts,
  },
  responses: {
    status: 'completed',
    output: [
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: said }] },
      { type: 'function_call', call_id: 'c1', name: 'say', arguments: '{"a":["}"]}' },
    ],
    usage: counts,
  },
} as const;

/** Why there is no reply; undefined where there is one. */
async function faultOf(api: 'chat' | 'responses', playing: Playing): Promise<unknown> {
  const stream = { name: '', api, bytes: Buffer.from(''), ends: 'model_unavailable' } as const;
  const outcome = await outcomeOf(modelPlaying(stream, () => playing));
  return 'error' in outcome ? outcome.error.details['fault'] : undefined;
}

for (const api of ['chat', 'responses'] as const) {
  test(`a reply of ${api} that is cut off at any byte is cut off, however it is`, async () => {
    const bytes = Buffer.from(` ${JSON.stringify(replies[api], null, 1)}`);
    const type = 'application/json';
    assert.equal(await faultOf(api, { type, pieces: [bytes], ending: 'end' }), undefined);
    for (let at = 0; at < bytes.length; at += 1) {
      for (const ending of ['end', 'reset'] as const) {
        const pieces = [bytes.subarray(0, at)];
        assert.equal(await faultOf(api, { type, pieces, ending }), 'cut', `${at} bytes`);
      }
    }
  });

  test(`a stream of ${api} that nobody calls one is cut off all the same`, async () => {
    const pieces = [Buffer.from('data: {"choices":[{"del')];
    for (const type of [eventStreamType, 'text/plain']) {
      assert.equal(await faultOf(api, { type, pieces, ending: 'end' }), 'cut', type);
    }
  });
}

test('what never was JSON is no reply that was cut off', async () => {
  for (const text of [
    '<html><body>{"choices": [</body></html>',
    'upstream connect error',
    '"choices',
    "{'choices': []}",
    '{"choices": [} ]',
    '{"choices": []} {"choices": [',
    'nul',
  ]) {
    const pieces = [Buffer.from(text)];
    const playing: Playing = { type: 'application/json', pieces, ending: 'end' };
    assert.equal(await faultOf('chat', playing), 'unusable', text);
  }
});

test('a reply is whole by any word for its end, and by no other', async (t) => {
  for (const way of ways.filter(({ api }) => api === 'chat')) {
    for (const finishReason of ['stop', 'eos', 'eos_token']) {
      const { ask } = await driverOf(t, way, { respond: () => ({ text: 'Tea.', finishReason }) });
      const { text, finish } = await ask();
      assert.deepEqual([text, finish], ['Tea.', 'stop'], finishReason);
    }
    const { ask } = await driverOf(t, way, {
      respond: () => ({ text: 'Tea.', finishReason: 'abort' }),
    });
    assert.equal((await failureOf(ask())).details['fault'], 'cut');
  }
});
