/** A host that takes no connection is given up before anything was sent. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
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
