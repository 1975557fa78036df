/** What is told of who answered, on each wire, and what is believed of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openai } from '../../src/index.ts';
import { serverAt } from '../../src/models/answered.ts';
import { request, type Way, ways } from './ask.ts';

/** An answer of one wire, as a server gives it that calls itself and its model what it likes. */
function answerOf({ api, stream }: Way, names: object): Response {
  const body =
    api === 'chat'
      ? stream
        ? [
            { ...names, choices: [{ index: 0, delta: { content: 'Tea.' } }] },
            { ...names, choices: [{ index: 0, delta: {}, finish_reason: 'eos' }] },
          ]
        : { ...names, choices: [{ message: { content: 'Tea.' }, finish_reason: 'eos' }] }
      : stream
        ? [{ type: 'response.completed', response: { ...names, ...said } }]
        : { ...names, ...said };
  const text = Array.isArray(body)
    ? [...body.map((event) => JSON.stringify(event)), '[DONE]']
        .map((data) => `data: ${data}\n\n`)
        .join('')
    : JSON.stringify(body);
  const type = stream ? 'text/event-stream' : 'application/json';
  return new Response(text, { headers: { 'content-type': type } });
}

const said = {
  status: 'completed',
  output: [{ type: 'message', content: [{ type: 'output_text', text: 'Tea.' }] }],
};

for (const way of ways) {
  test(`a reply tells who gave it, in the server's own words (${way.name})`, async () => {
    const answeredTo = async (names: object) => {
      const { api, stream } = way;
      const fetch = async () => answerOf(way, names);
      const asked = { api, stream, fetch, apiKey: 'k', provider: 'vllm' } as const;
      const model = openai('gpt-5', { ...asked, baseURL: 'https://models.example/v1' });
      const { answered } = await model.reply(request, { signal: AbortSignal.timeout(9_000) });
      return answered;
    };
    const finishReason = way.api === 'chat' ? 'eos' : 'completed';
    const shared = {
      provider: 'vllm',
      server: { address: 'models.example', port: 443 },
      finishReason,
    };
    const names = { id: 'answer-1', model: '@cf/gpt-5:2025-08-07' };
    assert.deepEqual(await answeredTo(names), { ...shared, ...names });
    assert.deepEqual(await answeredTo({}), shared);
    const odd = { id: 7, model: 'What is tea? It is a drink.' };
    assert.deepEqual(await answeredTo(odd), shared, 'what may say something is not told');
  });
}

test('a server is told by its address, without the brackets that a url wants', () => {
  assert.deepEqual(serverAt('http://[::1]:8080/v1'), { address: '::1', port: 8080 });
  assert.deepEqual(serverAt('http://127.0.0.1/v1'), { address: '127.0.0.1', port: 80 });
  assert.equal(serverAt('nowhere'), undefined);
});
