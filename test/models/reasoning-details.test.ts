/** The parts in which OpenRouter tells what a model thought go back to it as they came. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { openai } from '../../src/index.ts';
import { request } from './ask.ts';

const signal = new AbortController().signal;

const called = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } };

/** Of the same index as the text: only the type tells them apart. */
const sealed = { type: 'reasoning.encrypted', data: 'c2VhbA==', id: 'call_1', index: 0 };

const whole = [
  { type: 'reasoning.text', text: 'Tea, then.', signature: 's1', index: 0, format: 'x' },
  sealed,
];

const pieces = [
  [{ type: 'reasoning.text', text: 'Tea,', index: 0, format: 'x' }],
  [
    { ...sealed, data: 'c2Vh' },
    { type: 'reasoning.text', text: ' then.', index: 0 },
  ],
  [{ type: 'reasoning.encrypted', data: 'bA==', index: 0 }],
  [{ type: 'reasoning.text', text: null, signature: 's1', index: 0 }],
];

/** A server that thinks and calls first, and then says what was found; it keeps what it is sent. */
async function openRouter(t: TestContext, stream: boolean) {
  const sent: { messages: Record<string, unknown>[] }[] = [];
  const server = createServer(async (incoming, outgoing) => {
    sent.push((await json(incoming)) as (typeof sent)[number]);
    const said = { role: 'assistant', content: null, tool_calls: [{ ...called, index: 0 }] };
    if (!stream) {
      outgoing.setHeader('content-type', 'application/json');
      const message = { ...said, reasoning_details: whole };
      outgoing.end(JSON.stringify({ choices: [{ finish_reason: 'tool_calls', message }] }));
      return;
    }
    outgoing.setHeader('content-type', 'text/event-stream');
    const deltas = [...pieces.map((reasoning_details) => ({ reasoning_details })), said];
    for (const delta of deltas) {
      outgoing.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`);
    }
    const end = { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] };
    outgoing.end(`data: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const options = { baseURL: `http://127.0.0.1:${port}`, apiKey: 'test', stream } as const;
  const model = openai('google/gemini-3', { ...options, provider: 'openrouter' });
  return { model, sent, options };
}

for (const stream of [true, false]) {
  const how = stream ? 'streamed' : 'in one piece';

  test(`parts of a thought go back with their calls, as they came, ${how}`, async (t) => {
    const { model, sent, options } = await openRouter(t, stream);
    const { verbatim } = await model.reply(request, { signal });
    assert.ok(verbatim);
    const call = { id: 'call_1', name: 'look_up', arguments: '{}', result: 'A drink.' };
    const reply = { role: 'assistant', text: null, calls: [call], verbatim } as const;
    const later = { ...request, transcript: [...request.transcript, reply] };
    await model.reply(later, { signal });
    assert.deepEqual(sent[1]?.messages[2]?.['reasoning_details'], whole);
    await openai('other', { ...options, provider: 'openrouter' }).reply(later, { signal });
    assert.equal(sent[2]?.messages[2]?.['reasoning_details'], undefined, 'it is not theirs');
  });
}
