/** Requests with an `Idempotency-Key`, over HTTP: exact repetitions and conflicts. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../server/app.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';

const pays: readonly Turn[] = [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'done'];

async function served(t: TestContext) {
  const kit = await pausingRuntime(t, { Desk: pays });
  const send = async (
    path: string,
    key: string | undefined,
    body?: unknown,
    user = 'ann',
    how: Readonly<Record<string, string>> = {},
  ) => {
    // Made for each request, so that it is of the runtime of now.
    const app = createApp(kit.runtime, {
      auth: ({ headers }) => ({ userId: headers.get('x-user') ?? '' }),
    });
    const response = await app.request(path, {
      method: 'POST',
      headers: {
        'x-user': user,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...how,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      text: await response.text(),
      type: response.headers.get('content-type'),
      replayed: response.headers.get('idempotency-replayed'),
      retryAfter: response.headers.get('retry-after'),
    };
  };
  return { kit, send };
}

const codeOf = ({ text }: { text: string }) => JSON.parse(text).code as string;

const chat = { message: 'Pay', session_id: 'ses_1' };

test('the same request with the same key is answered the same, byte for byte', async (t) => {
  const { kit, send } = await served(t);
  const first = await send('/chat', 'key-chat-1', chat);
  assert.deepEqual([first.status, first.replayed], [200, null]);
  const again = await send('/chat', 'key-chat-1', chat);
  assert.deepEqual(again, { ...first, replayed: 'true' });
  const { run_id, questions } = JSON.parse(first.text);
  const answers = { [questions[0].id]: { approved: true } };
  const resumed = await send('/resume', 'key-resume-1', { run_id, answers });
  assert.equal(JSON.parse(resumed.text).status, 'completed');
  await kit.reopen();
  const later = await send('/resume', 'key-resume-1', { run_id, answers });
  assert.deepEqual(later, { ...resumed, replayed: 'true' });
  assert.deepEqual(await send('/chat', 'key-chat-1', chat), again, 'though the run has ended');
  assert.equal((await kit.runtime.list()).length, 1);
});

test('the first answer comes again whatever the headers say, and a stream comes anew', async (t) => {
  const { kit, send } = await served(t);
  const [plain, stream, soon] = [{}, { accept: 'text/event-stream' }, { prefer: 'respond-async' }];
  const said = (key: string, how: object) =>
    send('/chat', key, { ...chat, session_id: key }, 'ann', { ...how });
  const whole = await said('key-whole', plain);
  assert.equal(whole.type, 'application/json');
  for (const how of [stream, soon, plain]) {
    assert.deepEqual(await said('key-whole', how), { ...whole, replayed: 'true' });
  }
  const begun = await said('key-begun', soon);
  assert.equal(begun.status, 202);
  for (const how of [stream, plain]) {
    assert.deepEqual(await said('key-begun', how), { ...begun, replayed: 'true' });
  }
  const told = await said('key-stream', stream);
  assert.equal(told.type, 'text/event-stream');
  assert.deepEqual(await said('key-stream', stream), told, 'every event again');
  const paused = await said('key-stream', plain);
  assert.deepEqual([paused.type, JSON.parse(paused.text).is_paused], ['application/json', true]);
  assert.deepEqual(await said('key-stream', stream), { ...paused, replayed: 'true' });
  assert.equal((await kit.runtime.list()).length, 3);
});

test('answers that were told as a stream keep their key, and are told again from where they came', async (t) => {
  const { kit, send } = await served(t);
  const run = await kit.runtime.start({ message: 'Pay' });
  const body = { run_id: run.id, answers: { [questionOf(run, 'p').id]: { approved: true } } };
  const stream = { accept: 'text/event-stream' };
  const resume = (sent: object) => send('/resume', 'key-stream', sent, 'ann', stream);
  const told = await resume(body);
  assert.deepEqual([told.status, told.type], [200, 'text/event-stream']);
  assert.match(told.text, /question\.answered[\s\S]*run\.completed/);
  const other = await resume({ ...body, answers: {} });
  assert.deepEqual([other.status, codeOf(other)], [422, 'idempotency_key_reused']);
  await kit.reopen();
  assert.deepEqual(await resume(body), told);
  assert.deepEqual(kit.written, ['pay 500 Bob']);
  const whole = await send('/resume', 'key-stream', body);
  assert.equal(JSON.parse(whole.text).status, 'completed');
  assert.deepEqual(await resume(body), { ...whole, replayed: 'true' });
});

test('an answer that comes again has the headers of its own, and not those of the first request', async (t) => {
  const kit = await pausingRuntime(t, { Desk: pays });
  const [one, other] = ['https://one.example', 'https://other.example'];
  const app = createApp(kit.runtime, { auth: () => ({}), cors: { origins: [one, other] } });
  const ask = async (more: Readonly<Record<string, string>>) => {
    const response = await app.request('/chat', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': 'key-12345',
        prefer: 'respond-async',
        ...more,
      },
      body: JSON.stringify(chat),
    });
    return response.headers;
  };
  const first = await ask({ origin: one, 'x-request-id': 'request-1' });
  const again = await ask({ origin: other, 'x-request-id': 'request-2' });
  const ofRequest = ['access-control-allow-origin', 'vary', 'x-request-id', 'idempotency-replayed'];
  const pick = (headers: Headers) => ofRequest.map((name) => headers.get(name));
  assert.deepEqual(pick(first), [one, 'Origin', 'request-1', null]);
  assert.deepEqual(pick(again), [other, 'Origin', 'request-2', 'true']);
  for (const name of ['location', 'preference-applied', 'content-type'])
    assert.equal(again.get(name), first.get(name) ?? 'sent', name);
});

test('cancelling with a key is answered the same', async (t) => {
  const { kit, send } = await served(t);
  const run = await kit.runtime.start({ message: 'Pay' });
  const first = await send(`/runs/${run.id}/cancel`, 'key-cancel');
  assert.equal(JSON.parse(first.text).status, 'cancelled');
  assert.deepEqual(await send(`/runs/${run.id}/cancel`, 'key-cancel'), {
    ...first,
    replayed: 'true',
  });
});

test('a key that comes with another body is refused', async (t) => {
  const { kit, send } = await served(t);
  await send('/chat', 'key-12345', chat);
  const other = await send('/chat', 'key-12345', { ...chat, message: 'Pay more' });
  assert.deepEqual([other.status, codeOf(other)], [422, 'idempotency_key_reused']);
  const bob = await send('/chat', 'key-12345', { message: 'Pay' }, 'bob');
  assert.equal(bob.status, 200, 'another user has keys of their own');
  assert.equal((await kit.runtime.list()).length, 2);
});

test('a refusal that stays is repeated, and one that may pass is not', async (t) => {
  const { kit, send } = await served(t);
  const run = await kit.runtime.start({ message: 'Pay', sessionId: 'ses_1' });
  const busy = await send('/chat', 'key-busy-1', chat);
  assert.deepEqual([busy.status, codeOf(busy)], [409, 'run_paused']);
  const misfit = { run_id: run.id, answers: { [questionOf(run, 'p').id]: { approved: 'x' } } };
  const refused = await send('/resume', 'key-misfit', misfit);
  assert.equal(refused.status, 422);
  assert.deepEqual(await send('/resume', 'key-misfit', misfit), { ...refused, replayed: 'true' });
  await kit.runtime.cancel(run.id);
  const now = await send('/chat', 'key-busy-1', chat);
  assert.deepEqual([now.status, now.replayed], [200, null]);
});

test('a key of another form, or two of them, are refused before anything happens', async (t) => {
  const { kit, send } = await served(t);
  for (const key of ['short', 'x'.repeat(65), 'with space', 'key-12345, key-12345']) {
    const refused = await send('/chat', key, chat);
    assert.deepEqual([refused.status, codeOf(refused)], [400, 'idempotency_key_invalid'], key);
  }
  assert.deepEqual(await kit.runtime.list(), []);
});

test('of many equal requests at once one is carried out, and the others wait or hear of it', async (t) => {
  const { kit, send } = await served(t);
  const all = await Promise.all(
    Array.from({ length: 20 }, () => send('/chat', 'key-many-1', chat)),
  );
  const fresh = all.filter(({ status, replayed }) => status === 200 && replayed === null);
  assert.equal(fresh.length, 1);
  for (const one of all) {
    if (one.status === 200) continue;
    assert.deepEqual([one.status, codeOf(one)], [409, 'request_in_progress']);
    assert.equal(one.retryAfter, '1');
  }
  assert.equal((await kit.runtime.list()).length, 1);
});
