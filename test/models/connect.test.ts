/** Connections that are not made, and connections that close: what is sent again, and what is not. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openai } from '../../src/index.ts';
import type { OpenAIOptions } from '../../src/models/options.ts';
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

/** A server that takes each request as it is told to, and counts them; the first on a connection is 1. */
async function countingServer(
  t: TestContext,
  take: (outgoing: ServerResponse, answer: () => void, onThis: number) => void,
  options: OpenAIOptions = {},
) {
  const used = new WeakMap<Socket, number>();
  let seen = 0;
  const server = createHttpServer((incoming, outgoing) => {
    seen += 1;
    const onThis = (used.get(incoming.socket) ?? 0) + 1;
    used.set(incoming.socket, onThis);
    const choice = { index: 0, message: { role: 'assistant', content: 'Tea.' } };
    const answer = () => {
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(JSON.stringify({ choices: [{ ...choice, finish_reason: 'stop' }] }));
    };
    incoming.resume().once('end', () => take(outgoing, answer, onThis));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const baseURL = `http://127.0.0.1:${port}/v1`;
  const asked = { baseURL, apiKey: 'test', api: 'chat', stream: false, ...options } as const;
  const model = openai('gpt-5', asked);
  /** Leaves three connections open. */
  const warm = () => Promise.all([1, 2, 3].map(() => model.reply(request, { signal })));
  return { model, warm, seen: () => seen };
}

/** Answers the first request on a connection, and does something else with one that was kept. */
function onKept(then: (outgoing: ServerResponse) => void) {
  return (outgoing: ServerResponse, answer: () => void, onThis: number) =>
    onThis === 1 ? answer() : then(outgoing);
}

for (const close of ['destroy', 'resetAndDestroy'] as const) {
  test(`a kept connection that the server closes as it is used again is no fault: ${close}`, async (t) => {
    const take = onKept(({ socket }) => socket?.[close]());
    const { model, warm, seen } = await countingServer(t, take);
    await warm();
    assert.equal((await model.reply(request, { signal })).text, 'Tea.');
    // The other kept connections are not tried.
    assert.equal(seen(), 5);
  });
}

test('neither is one whose closing a busy process hears of late', async (t) => {
  const take = onKept(({ socket }) => {
    setTimeout(() => socket?.resetAndDestroy(), 10);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
  });
  const { model, warm, seen } = await countingServer(t, take);
  await warm();
  assert.equal((await model.reply(request, { signal })).text, 'Tea.');
  assert.equal(seen(), 5);
});

test('a request is sent again only once, and over a new connection', async (t) => {
  let closes = false;
  const { model, warm, seen } = await countingServer(t, ({ socket }, answer) => {
    if (closes) socket?.destroy();
    else answer();
  });
  await warm();
  closes = true;
  const { details } = await failureOf(model.reply(request, { signal }));
  assert.deepEqual([details['fault'], seen()], ['cut', 5]);
});

test('a request that the server worked on is not sent again', async (t) => {
  const take = onKept(({ socket }) => {
    setTimeout(() => socket?.resetAndDestroy(), 200);
  });
  const { model, warm, seen } = await countingServer(t, take);
  await warm();
  const { details } = await failureOf(model.reply(request, { signal }));
  assert.deepEqual([details['fault'], seen()], ['cut', 4]);
});

test('neither is one that the server begins to answer, over a kept connection', async (t) => {
  const take = onKept((outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write('data: {"choices":[{"index":0,"delta":{"content":"Te"}}]}\n\n');
    setTimeout(() => outgoing.socket?.resetAndDestroy(), 10);
  });
  const { model, warm, seen } = await countingServer(t, take, { stream: true });
  await warm();
  const { details } = await failureOf(model.reply(request, { signal }));
  // What was sent beside it would come now.
  await delay(50);
  assert.deepEqual([details['fault'], seen()], ['cut', 4]);
});

test('nothing is sent again after an abort', async (t) => {
  const stop = new AbortController();
  const { model, warm, seen } = await countingServer(
    t,
    onKept(({ socket }) => {
      stop.abort(new Error('Enough.'));
      socket?.destroy();
    }),
  );
  await warm();
  await assert.rejects(model.reply(request, { signal: stop.signal }), /Enough/);
  await delay(50);
  assert.equal(seen(), 4);
});

test('a new connection that is closed is one, and is not tried again here', async (t) => {
  const { model, seen } = await countingServer(t, ({ socket }) => socket?.destroy());
  const { details } = await failureOf(model.reply(request, { signal }));
  assert.deepEqual([details['fault'], seen()], ['cut', 1]);
});

test('an error without an end is judged by its status', async (t) => {
  const closed = Promise.withResolvers<void>();
  const { model } = await countingServer(t, (outgoing) => {
    outgoing.writeHead(500);
    outgoing.once('close', closed.resolve);
    const more = () => {
      while (!outgoing.destroyed && outgoing.write('x'.repeat(65_536)));
    };
    outgoing.on('drain', more);
    more();
  });
  const { details } = await failureOf(model.reply(request, { signal }));
  assert.deepEqual([details['status'], details['fault']], [500, 'overloaded']);
  await closed.promise;
});
