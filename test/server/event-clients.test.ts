/** Clients of a stream of events that vanish, never read, or wait for long: no run waits for them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { createClient } from 'cadenza/client';
import { createApp } from '../../server/app.ts';
import { defineAgent, getUserInput, openai, type Runtime } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { framesOf } from '../kit/events.ts';
import { testRuntime } from '../kit/runtime.ts';
import { ask } from '../kit/turns.ts';

/** An agent that says once more than the buffers of a connection hold. */
const loud = {
  Desk: [
    Array.from({ length: 16 }, (_, n) => call('nothing', { x: '語'.repeat(260_000) }, `c${n}`)),
    'done',
  ],
};

/** A server in this process, so that its connections can be counted. */
async function local(t: TestContext, agents: Readonly<Record<string, readonly Turn[]>>) {
  const { runtime } = await testRuntime(t, agents, (baseURL) => [
    defineAgent({
      name: 'Desk',
      model: openai('gpt-4o-mini', { baseURL, apiKey: 'test' }),
      tools: [getUserInput()],
    }),
  ]);
  const app = createApp(runtime, { streams: { heartbeatMs: 20, stallMs: 500 } });
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  const open = async (runId: string) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.pause().write(`GET /runs/${runId}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    return socket;
  };
  return { runtime, url: `http://127.0.0.1:${port}`, connections, open };
}

test('a client that never reads is dropped, and no run waits for it', async (t) => {
  const { runtime, connections, open } = await local(t, loud);
  const reported = t.mock.method(console, 'error', () => undefined);
  const run = await runtime.start({ message: 'Trip', wait: false });
  const sockets: Socket[] = [await open(run.id), await open(run.id)];
  assert.equal(await connections(), 2);
  for await (const { type } of runtime.events(run.id)) if (type === 'run.completed') break;
  while ((await connections()) > 0) await sleep(20);
  const lines = reported.mock.calls.map(({ arguments: [who, line] }) => [who, JSON.parse(line)]);
  assert.equal(lines.length, sockets.length, 'each is told of in one line, and nothing else is');
  for (const [who, { error }] of lines) {
    assert.deepEqual([who, error.code, error.at], ['cadenza:', 'reader_stalled', undefined]);
    assert.match(error.message, /took nothing for 500 ms/);
  }
  for (const socket of sockets) {
    let tail = '';
    socket.on('data', (bytes) => {
      tail = (tail + bytes.toString('latin1')).slice(-5);
    });
    socket.resume();
    await once(socket, 'close');
    assert.notEqual(tail, '0\r\n\r\n', 'an answer that is cut off does not look like a whole one');
  }
});

test('a client that is dropped loses its connection, however the server hands it over', async (t) => {
  const { runtime } = await local(t, { Desk: ['done'] });
  const run = await runtime.start({ message: 'Trip' });
  const stallMs = 1_000;
  const options = { streams: { stallMs }, auth: () => ({}), onError: () => undefined };
  const app = createApp(runtime, options);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const nest of [(env: object) => env, (env: object) => ({ server: env })]) {
    const destroy = t.mock.fn();
    const { status } = await app.request(
      `/runs/${run.id}/events`,
      {},
      nest({ outgoing: { destroy } }),
    );
    assert.equal(status, 200);
    t.mock.timers.tick(stallMs);
    assert.equal(destroy.mock.callCount(), 1);
  }
});

test('a client that reads slowly is not dropped, however large an event is', async (t) => {
  const { runtime } = await local(t, { Desk: ['done'] });
  const run = await runtime.start({ message: 'Trip' });
  const large = {
    get: runtime.get,
    async *events() {
      for await (const event of runtime.events(run.id)) {
        yield event.type === 'run.completed' ? { ...event, content: '語'.repeat(400_000) } : event;
      }
    },
  };
  const stallMs = 1_000;
  const serving = { as: () => large } as unknown as Runtime;
  const app = createApp(serving, { streams: { stallMs } });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { body } = await app.request(`/runs/${run.id}/events`);
  const reader = body?.getReader();
  let largest = 0;
  let bytes = 0;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    largest = Math.max(largest, value.length);
    bytes += value.length;
    t.mock.timers.tick(stallMs - 1);
  }
  assert.ok(bytes > 1_200_000, `${bytes} bytes`);
  assert.ok(largest <= 65_536, 'a piece is small enough to be taken in time');
});

test('clients that vanish leave nothing behind', async (t) => {
  const { runtime, connections, open } = await local(t, { Desk: [[ask('g', 'city')], 'done'] });
  const run = await runtime.start({ message: 'Trip' });
  for (let round = 0; round < 10; round += 1) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => open(run.id)));
    for (const socket of sockets) socket.resetAndDestroy();
  }
  while ((await connections()) > 0) await sleep(20);
  assert.equal((await runtime.cancel(run.id)).status, 'cancelled');
});

test('a stream stays open across a pause, and says that it is alive', async (t) => {
  const { runtime, url } = await local(t, { Desk: [[ask('g', 'city')], 'done'] });
  const run = await runtime.start({ message: 'Trip' });
  const response = await fetch(`${url}/runs/${run.id}/events?after=${run.lastSeq}`);
  let heartbeats = 0;
  const types: string[] = [];
  for await (const { comment, data } of framesOf(response)) {
    if (data) types.push(JSON.parse(data).type);
    if (comment !== 'heartbeat') continue;
    heartbeats += 1;
    if (heartbeats === 2) await runtime.cancel(run.id);
  }
  assert.ok(heartbeats >= 2);
  assert.equal(types.at(-1), 'run.cancelled');
});

test('a place that the log does not reach is refused with where it ends, and not waited for', async (t) => {
  const { runtime, url } = await local(t, { Desk: [[ask('g', 'city')], 'done'] });
  const run = await runtime.start({ message: 'Trip' });
  const seen = run.lastSeq + 5;
  const path = `${url}/runs/${run.id}/events`;
  const answers = [
    fetch(`${path}?after=${seen}`),
    fetch(path, { headers: { 'last-event-id': `${seen}` } }),
  ];
  for (const answer of await Promise.all(answers)) {
    const { code, detail } = (await answer.json()) as { code: string; detail: string };
    assert.deepEqual([answer.status, code], [422, 'event_unknown']);
    assert.match(detail, new RegExp(`has the number ${run.lastSeq}, .* after ${seen}\\.`));
  }
  const client = createClient({ baseURL: url });
  const events = client.events(run.id, { after: seen })[Symbol.asyncIterator]();
  await assert.rejects(events.next(), { code: 'event_unknown', retryable: false });
});

test('a browser is told not to come back to a stream that is over', async (t) => {
  const { runtime, url } = await local(t, { Desk: ['done'] });
  const run = await runtime.start({ message: 'Trip' });
  const headers = { 'last-event-id': `${run.lastSeq}` };
  const { status } = await fetch(`${url}/runs/${run.id}/events`, { headers });
  assert.equal(status, 204);
});
