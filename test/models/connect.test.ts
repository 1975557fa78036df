/** A host that takes no connection is given up before anything was sent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openai } from '../../src/index.ts';
import { failureOf, request, strictServer } from './ask.ts';

const signal = new AbortController().signal;

test('a host that never ends the handshake was not reached', async (t) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const baseURL = `https://127.0.0.1:${port}/v1`;
  const model = openai('gpt-5', { baseURL, apiKey: 'test', connectMs: 50, firstByteMs: 5_000 });
  const { details } = await failureOf(model.reply(request, { signal }));
  assert.deepEqual([details['fault'], details['retryable']], ['unreached', true]);
});

test('a server that took the connection may think for longer', async (t) => {
  const respond = () => ({ text: 'Tea.', delayMs: 400 });
  const { url } = await strictServer(t, { respond });
  const model = openai('gpt-5', { baseURL: url, apiKey: 'test', connectMs: 200 });
  assert.equal((await model.reply(request, { signal })).text, 'Tea.');
});

/** A server that closes each connection that it answered on, as soon as it is used again. */
async function closingServer(t: TestContext, answers: boolean) {
  const used = new WeakSet<Socket>();
  let seen = 0;
  const server = createHttpServer((incoming, outgoing) => {
    seen += 1;
    const { socket } = incoming;
    if (used.has(socket) || !answers) socket.destroy();
    used.add(socket);
    const choice = { index: 0, message: { role: 'assistant', content: 'Tea.' } };
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify({ choices: [{ ...choice, finish_reason: 'stop' }] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const baseURL = `http://127.0.0.1:${port}/v1`;
  const model = openai('gpt-5', { baseURL, apiKey: 'test', api: 'chat', stream: false });
  return { model, seen: () => seen };
}

test('a kept connection that the server closes as it is used again is no fault', async (t) => {
  const { model, seen } = await closingServer(t, true);
  await Promise.all([1, 2, 3].map(() => model.reply(request, { signal })));
  assert.equal((await model.reply(request, { signal })).text, 'Tea.');
  assert.equal(seen(), 7);
});

test('a new connection that is closed is one, and is not tried again here', async (t) => {
  const { model, seen } = await closingServer(t, false);
  const { details } = await failureOf(model.reply(request, { signal }));
  assert.deepEqual([details['fault'], seen()], ['cut', 1]);
});
