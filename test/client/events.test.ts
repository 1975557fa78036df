/** Following a run: over real sockets that break, stall, refuse and lie. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { CadenzaProblem, createClient, type EventBody } from 'cadenza/client';

type Answer = (response: ServerResponse, after: string) => void;

/** A server that gives each connection the next answer, and what each asked for. */
async function serving(t: TestContext, ...answers: Answer[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const after = String(request.headers['last-event-id']);
    asked.push(`${request.url} ${after}`);
    const answer = answers[asked.length - 1];
    if (answer) answer(response, after);
    else response.writeHead(500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const baseURL = `http://127.0.0.1:${port}`;
  return { asked, baseURL, client: createClient({ baseURL }) };
}

const event = (seq: number, type = 'text.delta') =>
  `id: ${seq}\ndata: ${JSON.stringify({ run_id: 'run_1', seq, type, text: 'naïve\n🎻' })}\n\n`;

const end = event(9, 'run.completed');

const opened = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' });

const refuse = (status: number, body: object) => (response: ServerResponse) =>
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify(body));

const busy = { code: 'store_busy', detail: 'Busy.', status: 503, retryable: true };
const gone = { code: 'run_not_found', detail: 'There is no run.', status: 404, retryable: false };

async function followed(events: AsyncIterable<EventBody>): Promise<number[]> {
  const seen: number[] = [];
  for await (const event of events) {
    if (event.type === 'text.delta') assert.equal(event.text, 'naïve\n🎻');
    seen.push(event.seq);
  }
  return seen;
}

test('a run is followed to its end, and the connection is not made again', async (t) => {
  const whole: Answer = (response) =>
    opened(response).end(`: hello\n\n${event(1)}${event(2)}${end}`);
  const { client, asked } = await serving(t, whole);
  assert.deepEqual(await followed(client.events('run_1')), [1, 2, 9]);
  assert.deepEqual(asked, ['/runs/run_1/events 0']);
});

test('a stream that is cut at any byte goes on after the last event that came whole', async (t) => {
  const bytes = Buffer.from(`: heartbeat\r\n\r\n${event(4).replaceAll('\n', '\r\n')}${event(5)}`);
  for (let cut = 1; cut < bytes.length; cut += 7) {
    const broken: Answer = (response) => {
      opened(response).write(bytes.subarray(0, cut), () => response.destroy());
    };
    const rest: Answer = (response, after) => {
      const text = [event(4), event(5), end].slice(Math.max(0, Number(after) - 3)).join('');
      opened(response).end(text);
    };
    const { client, asked } = await serving(t, broken, rest);
    assert.deepEqual(await followed(client.events('run_1', { after: 3 })), [4, 5, 9], `at ${cut}`);
    assert.equal(asked.length, 2);
  }
});

test('bytes that come one by one are read as they are meant', async (t) => {
  const bytes = Buffer.from(`${event(1)}: heartbeat\n\n${event(2)}`.replaceAll('\n', '\r\n'));
  const slow: Answer = async (response) => {
    opened(response);
    for (const byte of bytes) {
      await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
      await new Promise(setImmediate);
    }
    response.destroy();
  };
  const { client, asked } = await serving(t, slow, (response) => opened(response).end(end));
  assert.deepEqual(await followed(client.events('run_1')), [1, 2, 9]);
  assert.deepEqual(
    asked.map((one) => one.split(' ')[1]),
    ['0', '2'],
  );
});

test('a connection that says nothing for too long is dead, and made again', async (t) => {
  const silent: Answer = (response) => opened(response).write(event(1));
  const { client, asked } = await serving(t, silent, (response) => opened(response).end(end));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const events = client.events('run_1')[Symbol.asyncIterator]();
  assert.equal((await events.next()).value?.seq, 1);
  const next = events.next();
  while (asked.length < 2) {
    await new Promise(setImmediate);
    t.mock.timers.tick(1_000);
  }
  assert.equal((await next).value?.seq, 9);
});

test('what may pass is tried again, what will not is thrown, also in the middle of a stream', async (t) => {
  const named = (problem: object) => (response: ServerResponse) =>
    opened(response).end(`${event(1)}event: problem\ndata: ${JSON.stringify(problem)}\n\n`);
  const { client, asked } = await serving(
    t,
    refuse(503, busy),
    named(busy),
    (response) => response.destroy(),
    named(gone),
  );
  const seen: number[] = [];
  const following = async () => {
    for await (const { seq } of client.events('run_1')) seen.push(seq);
  };
  await assert.rejects(
    following(),
    (error) => error instanceof CadenzaProblem && error.code === 'run_not_found',
  );
  assert.deepEqual(seen, [1, 1]);
  assert.deepEqual(
    asked.map((one) => one.split(' ')[1]),
    ['0', '0', '1', '1'],
  );
  const { client: lost } = await serving(t, refuse(404, gone));
  await assert.rejects(followed(lost.events('run_1')), { status: 404, retryable: false });
});

test('what keeps a request from being sent is thrown, and refusals of whoever asks, too', async (t) => {
  const { baseURL, asked } = await serving(t);
  const own = new TypeError('The session has no token.');
  const lost = createClient({
    baseURL,
    headers: () => {
      throw own;
    },
  });
  await assert.rejects(followed(lost.events('run_1')), own);
  assert.deepEqual(asked, []);
  for (const status of [401, 403, 410]) {
    const refused = await serving(t, refuse(status, {}));
    await assert.rejects(followed(refused.client.events('run_1')), { status, retryable: false });
    assert.equal(refused.asked.length, 1);
  }
});

test('whatever 5xx something in between answers, the run is followed on', async (t) => {
  const bare =
    (status: number): Answer =>
    (response) =>
      response.writeHead(status).end('Oops');
  const answers = [500, 520].map(bare);
  const { client, asked } = await serving(t, ...answers, (response) => opened(response).end(end));
  assert.deepEqual(await followed(client.events('run_1')), [9]);
  assert.equal(asked.length, 3);
});

test('a run that is over brings nothing more, and says so', async (t) => {
  const { client, asked } = await serving(t, (response) => response.writeHead(204).end());
  assert.deepEqual(await followed(client.events('run_1', { after: 9 })), []);
  assert.deepEqual(asked, ['/runs/run_1/events 9']);
});

test('whoever leaves the loop, or aborts, leaves no connection behind', async (t) => {
  const closed: Promise<unknown>[] = [];
  const open: Answer = (response) => {
    closed.push(once(response, 'close'));
    opened(response).write(event(1));
  };
  const { client, asked } = await serving(t, open, open, (response) => response.destroy());
  for await (const { seq } of client.events('run_1')) {
    assert.equal(seq, 1);
    break;
  }
  await closed[0];
  const stop = new AbortController();
  const reason = new Error('enough');
  const following = async () => {
    for await (const _ of client.events('run_1', { signal: stop.signal })) stop.abort(reason);
  };
  await assert.rejects(following(), reason);
  await closed[1];
  const later = new AbortController();
  const waiting = followed(client.events('run_1', { signal: later.signal }));
  while (asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  later.abort(reason);
  await assert.rejects(waiting, reason, 'also between two connections');
});
