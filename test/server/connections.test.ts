/** Slow and many clients: requests have a time to arrive in, and connections and runs a number. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { type ListenOptions, listen } from '../../server/listen.ts';
import { startApp } from '../kit/app.ts';
import { misfits } from '../kit/contract.ts';
import { folderFor } from '../kit/folder.ts';
import { held, served } from '../kit/served.ts';
import { ask } from '../kit/turns.ts';
import { post } from '../kit/wire.ts';

/** A server of the real kind, with other limits, that reads each body and answers with it. */
async function echoServer(t: TestContext, limits: Partial<ListenOptions>) {
  const app = new Hono()
    .get('/slow', async (c) => {
      await sleep(500);
      return c.text('at last');
    })
    .all('*', async (c) => c.text(await c.req.text()))
    .onError((_, c) => c.text('the body did not arrive', 400));
  const server = await listen({
    fetch: (request) => app.fetch(request),
    host: '127.0.0.1',
    port: 0,
    ...limits,
  });
  t.after(() => server.close(0));
  return server;
}

async function opened(t: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  // A connection that is refused may be reset.
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** A problem document, as the contract has it. */
function problemIn(text: string): { readonly code: string; readonly instance: string } {
  const problem = JSON.parse(text);
  assert.deepEqual(misfits(problem, 'components', 'schemas', 'Problem'), [], text);
  return problem;
}

test('the head of a request that takes too long is answered with 408', async (t) => {
  const { port } = await echoServer(t, { headersMs: 200 });
  const socket = await opened(t, port);
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
  const drip = setInterval(() => socket.write('x'), 20);
  t.after(() => clearInterval(drip));
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 408 /);
  assert.equal(problemIn(String(answer).split('\r\n\r\n')[1] ?? '').code, 'request_timeout');
});

test('the body of a request that takes too long ends the connection', async (t) => {
  const { port } = await echoServer(t, { headersMs: 200, requestMs: 300 });
  const socket = await opened(t, port);
  socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n');
  socket.write('as much as there will be');
  const answer = await text(socket);
  assert.match(answer, /^HTTP\/1\.1 408 /);
});

test('an answer may take longer than its request', async (t) => {
  const { port } = await echoServer(t, { headersMs: 100, requestMs: 100 });
  const answer = await fetch(`http://127.0.0.1:${port}/slow`);
  assert.equal(answer.status, 200);
});

test('one connection more than there may be is told to come again, and told of', async (t) => {
  const told: number[] = [];
  const { port } = await echoServer(t, {
    connectionsMax: 2,
    onTooMany: (refused) => told.push(refused),
  });
  const first = await opened(t, port);
  await opened(t, port);
  const refused = await fetch(`http://127.0.0.1:${port}/chat?x=1`, { method: 'POST', body: 'Hi' });
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '1']);
  const { code, instance } = problemIn(await refused.text());
  assert.deepEqual([code, instance], ['too_many_connections', '/chat']);
  assert.deepEqual(told, [1]);
  first.end();
  await once(first, 'close');
  const next = await opened(t, port);
  next.end('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  assert.match(await text(next), /^HTTP\/1\.1 200 /);
});

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.address === '::1');

test('where it listens is a url, also at an address of IPv6', { skip: !hasIPv6 }, async (t) => {
  const fetch = () => new Response('here');
  const server = await listen({ fetch, host: '::1', port: 0 });
  t.after(() => server.close(0));
  assert.match(server.url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal(await (await globalThis.fetch(server.url)).text(), 'here');
});

test('an address that cannot be had is refused in words', async () => {
  // Of a block that is kept for documentation.
  const refused = listen({ fetch: () => new Response(), host: '192.0.2.1', port: 1 });
  await assert.rejects(refused, {
    name: 'StartError',
    message:
      'The server cannot listen on 192.0.2.1, port 1: EADDRNOTAVAIL. Set HOST or PORT to another.',
  });
});

test('an answer that nobody reads is not kept for ever', async (t) => {
  const answer = 'x'.repeat(24 * 1_048_576);
  const { promise: asked, resolve } = Promise.withResolvers<Socket>();
  const fetch = (_: Request, bindings?: HttpBindings) => {
    if (bindings) resolve(bindings.incoming.socket);
    return new Response(answer);
  };
  const server = await listen({ fetch, host: '127.0.0.1', port: 0, answerMs: 100 });
  t.after(() => server.close(0));
  const socket = await opened(t, server.port);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  await once(await asked, 'close');
  const taken = (await text(socket)).length;
  assert.ok(taken < answer.length, `all ${taken} characters were kept`);
});

const unreadable: Readonly<Record<string, readonly [status: number, code: string]>> = {
  'GARBAGE\r\n\r\n': [400, 'request_malformed'],
  'GET / HTTP/1.1\r\n\r\n': [400, 'request_malformed'],
  'GET / HTTP/1.1\r\nHost: a b\r\n\r\n': [400, 'request_malformed'],
  'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n': [
    400,
    'request_malformed',
  ],
  [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`]: [
    431,
    'headers_too_large',
  ],
};

test('what cannot be read is answered with a problem document', async (t) => {
  const { port } = await echoServer(t, {});
  for (const [sent, expected] of Object.entries(unreadable)) {
    const socket = await opened(t, port);
    socket.end(sent);
    const answer = await text(socket);
    const status = Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);
    const { code } = problemIn(answer.split('\r\n\r\n')[1] ?? '');
    assert.deepEqual([status, code], expected, sent.slice(0, 80));
  }
  const expecting = await opened(t, port);
  expecting.end('GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n');
  assert.match(await text(expecting), /^HTTP\/1\.1 200 /);
});

test('a run more than may be at work is not begun, and may be asked for again', async (t) => {
  const hold = held('done');
  const { app } = await served(t, {
    agents: { Desk: [hold.turn] },
    env: { CADENZA_RUNS_AT_ONCE: '1' },
  });
  const first = post(app.url, '/chat', { message: 'One' });
  await hold.asked;
  const refused = await fetch(`${app.url}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: 'Two', session_id: 'ses_two' }),
  });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(((await refused.json()) as { code: string }).code, 'too_many_runs');
  hold.letGo();
  assert.equal((await first).status, 200);
  const again = await post(app.url, '/chat', { message: 'Two', session_id: 'ses_two' });
  assert.equal(again.body.status, 'completed', 'nothing was left in the session');
});

test('a stream more than may be open is refused before anything moves', async (t) => {
  const { app, model } = await served(t, {
    agents: { Desk: [[ask('q', 'city')], 'done'] },
    env: { CADENZA_STREAMS: '1' },
  });
  const { body } = await post(app.url, '/chat', { message: 'Trip' });
  const url = `${app.url}/runs/${body.run_id}/events`;
  const first = new AbortController();
  const stream = await fetch(url, { signal: first.signal });
  await stream.body?.getReader().read();
  const refused = await fetch(url);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal(((await refused.json()) as { code: string }).code, 'too_many_streams');
  const chat = await fetch(`${app.url}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ message: 'Another' }),
  });
  assert.equal(chat.status, 503);
  assert.equal(model.requests.length, 1, 'no run was begun');
  first.abort();
  let next = await fetch(url);
  while (next.status === 503) next = await fetch(url);
  assert.equal(next.status, 200);
  await next.body?.cancel();
});

for (const [name, value, sentence] of [
  ['CADENZA_STOP_SECONDS', '0', /CADENZA_STOP_SECONDS is "0"\. Use a whole number from 1 to/],
  ['CADENZA_CONNECTIONS', 'many', /CADENZA_CONNECTIONS is "many"/],
  ['CADENZA_METRICS', 'yes', /CADENZA_METRICS is "yes"\. Use 1 or 0\./],
  ['LOG_LEVEL', 'loud', /LOG_LEVEL is "loud"\. Use one of trace, debug/],
] as const) {
  test(`${name} "${value}" is refused in words when the server starts`, async (t) => {
    const started = startApp({
      db: folderFor(t)('runs.db'),
      model: 'http://127.0.0.1:9',
      env: { [name]: value },
    });
    await assert.rejects(started, sentence);
  });
}
