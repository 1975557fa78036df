/** Answers that break off or stop coming. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import OpenAI from 'openai';
import type { Faults, Wire } from '../../src/testing/index.ts';
import { rawPost } from './raw-client.ts';
import { body, client, send, serverFor, user } from './requests.ts';
import { responsesBody } from './responses-requests.ts';

const WIRES: readonly Wire[] = ['chat', 'responses'];

async function answerTo(
  t: TestContext,
  fault: Faults,
  {
    wire = 'chat',
    stream = true,
    forMs = 10_000,
  }: { wire?: Wire; stream?: boolean; forMs?: number } = {},
) {
  const server = await serverFor(t, { fault, respond: () => 'Good morning.' });
  const sent = wire === 'chat' ? body([user()], { stream }) : responsesBody('Hello', { stream });
  return rawPost(server, sent, { wire, forMs });
}

for (const wire of WIRES) {
  for (const stream of [true, false]) {
    const what = `on ${wire}, ${stream ? 'a stream' : 'a reply'}`;

    test(`${what} is cut after a number of bytes, in three ways`, async (t) => {
      for (const [how, ending] of [
        ['end', 'end'],
        ['close', 'close'],
        ['reset', 'ECONNRESET'],
      ] as const) {
        const answer = await answerTo(t, { name: 'cut', afterBytes: 100, how }, { wire, stream });
        assert.equal(answer.status, 200);
        assert.equal(Buffer.byteLength(answer.text), 100);
        assert.equal(answer.ending, ending);
      }
    });

    test(`${what} stalls after a number of bytes`, async (t) => {
      const fault = { name: 'stall', afterBytes: 100 } as const;
      const answer = await answerTo(t, fault, { wire, stream, forMs: 150 });
      assert.equal(answer.ending, 'open');
      const received = stream ? answer.text : answer.text.slice(0, 100);
      assert.equal(Buffer.byteLength(received), 100);
      assert.equal(Buffer.byteLength(answer.text), 100);
    });
  }
}

test('a cut beyond the end changes nothing', async (t) => {
  const answer = await answerTo(t, { name: 'cut', afterBytes: 1_000_000, how: 'reset' });
  assert.match(answer.text, /\[DONE\]\n\n$/);
  assert.equal(answer.ending, 'end');
});

test('a cut before the first byte of the body leaves the headers', async (t) => {
  const answer = await answerTo(t, { name: 'cut', afterBytes: 0, how: 'close' });
  assert.deepEqual([answer.status, answer.text, answer.ending], [200, '', 'close']);
});

test('a stall before the headers sends nothing, for ever or for a time', async (t) => {
  const silent = await answerTo(t, 'stall', { forMs: 100 });
  assert.deepEqual([silent.status, silent.ending], [0, 'open']);
  const begun = performance.now();
  const late = await answerTo(t, { name: 'stall', forMs: 80 });
  assert.ok(performance.now() - begun >= 75);
  assert.deepEqual([late.status, late.ending], [200, 'end']);
});

test('a stall in the middle goes on after its time', async (t) => {
  const begun = performance.now();
  const answer = await answerTo(t, { name: 'stall', afterBytes: 50, forMs: 80 });
  assert.ok(performance.now() - begun >= 75);
  assert.match(answer.text, /\[DONE\]\n\n$/);
});

test('a drip lets time pass between chunks', async (t) => {
  const begun = performance.now();
  const answer = await answerTo(t, { name: 'drip', everyMs: 20 });
  const took = performance.now() - begun;
  assert.ok(took >= 19 * (answer.chunks.length - 1), `${took} ms, ${answer.chunks.length} chunks`);
});

test('a connection is reset before an answer', async (t) => {
  const answer = await answerTo(t, 'reset_before_headers');
  assert.deepEqual([answer.status, answer.ending], [0, 'ECONNRESET']);
  const server = await serverFor(t, { fault: 'reset_before_headers', respond: () => 'Good.' });
  const messages = [{ role: 'user' as const, content: 'Coffee' }];
  await assert.rejects(
    client(server).chat.completions.create({ model: 'm', messages }),
    OpenAI.APIConnectionError,
  );
});

test('faults strike together: odd calls, byte by byte, and a reset', async (t) => {
  const fault: Faults = [
    'crlf',
    'comments',
    'byte_by_byte',
    { name: 'cut', afterBytes: 40, how: 'reset' },
  ];
  const answer = await answerTo(t, fault);
  assert.equal(answer.chunks.length, 40);
  assert.match(answer.text, /^: keep-alive\r\n\r\n\r\n/);
  assert.equal(answer.ending, 'ECONNRESET');
});

test('a server that is closed ends the answers that stall', async (t) => {
  const server = await serverFor(t, { fault: 'stall', respond: () => 'Good.' });
  const due = send(server, body([user()]));
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await Promise.all([server.close(), assert.rejects(due)]);
  assert.deepEqual(server.refusals, []);
});

test('a client that leaves a stalled answer is no refusal', async (t) => {
  const server = await serverFor(t, { fault: { name: 'stall', times: 1 }, respond: () => 'Good.' });
  await assert.rejects(send(server, body([user()]), 'chat', AbortSignal.timeout(60)));
  assert.equal((await send(server, body([user()]))).status, 200);
  assert.deepEqual(server.refusals, []);
});
