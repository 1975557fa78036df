/** Starting and resuming: over answers that take long, get lost, or ask for time. */
import assert from 'node:assert/strict';
import { getEventListeners, once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { createClient } from 'cadenza/client';
import { createApp } from '../../server/app.ts';
import { call } from '../../src/testing/index.ts';
import { type PausingRuntime, pausingRuntime } from '../kit/pauses.ts';
import { held } from '../kit/served.ts';
import { ask } from '../kit/turns.ts';

interface Asked {
  readonly request: string;
  readonly prefer: string | null;
  readonly key: string | null;
}

/** A client, and what it asked for. */
function clientOf(answer: (request: Request, count: number) => Promise<Response> | Response) {
  const asked: Asked[] = [];
  const client = createClient({
    baseURL: 'http://127.0.0.1',
    fetch: async (url, init) => {
      const request = new Request(url, init);
      const { method, headers } = request;
      asked.push({
        request: `${method} ${new URL(request.url).pathname}`,
        prefer: headers.get('prefer'),
        key: headers.get('idempotency-key'),
      });
      return answer(request, asked.length);
    },
  });
  return { client, asked };
}

/** Answers of a runtime, which may be opened anew meanwhile. */
function answersOf(kit: PausingRuntime) {
  let app = createApp(kit.runtime);
  return {
    answer: async (request: Request) => app.fetch(request),
    reopen: async () => {
      await kit.reopen();
      app = createApp(kit.runtime);
    },
  };
}

const lost = new TypeError('fetch failed');

const working = { run_id: 'run_1', status: 'working', queued: false };
const completed = { run_id: 'run_1', status: 'completed' };

function refusal(code: string, status: number, headers: Record<string, string> = {}): Response {
  const body = { code, detail: 'Not now.', retryable: true };
  return new Response(JSON.stringify(body), { status, headers });
}

/** What a promise comes to while time flies, and how much of it flew. */
async function flown(t: TestContext, begin: () => Promise<unknown>) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  const promise = begin();
  promise.then(over, over);
  let ms = 0;
  for (; !isOver; ms += 50) {
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    t.mock.timers.tick(50);
  }
  t.mock.timers.reset();
  return { ms, result: await promise.catch((error: unknown) => error) };
}

test('a request that takes long is answered at once, and its run looked at until it pauses or ends', async (t) => {
  const [first, last] = [held([ask('g', 'city')]), held('done')];
  const kit = await pausingRuntime(t, { Desk: [first.turn, last.turn] });
  const { client, asked } = clientOf(answersOf(kit).answer);
  const starting = client.start({ message: 'Trip' });
  await first.asked;
  first.letGo();
  const run = await starting;
  assert.deepEqual(run, await client.get(run.run_id));
  const resuming = client.resume(run.run_id, [{ field_name: 'city', query: 'Rome' }]);
  await last.asked;
  last.letGo();
  const end = await resuming;
  assert.equal(end.status === 'completed' && end.final_content, 'done');
  const read = { request: `GET /runs/${run.run_id}`, key: null };
  const [chat, wait, get, resume, again] = asked;
  assert.deepEqual(
    [wait, get, again],
    [
      { ...read, prefer: 'wait=20' },
      { ...read, prefer: null },
      { ...read, prefer: 'wait=20' },
    ],
  );
  for (const one of [chat, resume]) {
    assert.equal(one?.prefer, 'respond-async');
    assert.match(one?.key ?? '', /^[A-Za-z0-9_-]{8,64}$/);
  }
  assert.notEqual(chat?.key, resume?.key);
});

test('a request whose answer is lost is sent again with its key, and moves its run once', async (t) => {
  const kit = await pausingRuntime(t, {
    Desk: [[call('give', { amount: 1 }, 'g'), ask('a', 'city')], 'done'],
  });
  const { answer } = answersOf(kit);
  const { client, asked } = clientOf(async (request, count) => {
    const response = await answer(request);
    if (count === 1 || count === 4) throw lost;
    return response;
  });
  const run = await client.start({ message: 'Trip' });
  assert.equal((await kit.runtime.list()).length, 1);
  const half = await client.resume(run.run_id, [{ field_name: 'note', query: 'x' }]);
  assert.equal(half.status === 'input_required' && half.questions.length, 1);
  const [chat, chatAgain, , resume, resumeAgain] = asked;
  assert.deepEqual([chatAgain, resumeAgain], [chat, resume]);
  assert.deepEqual(kit.written, ['give 1 x']);
});

test('a try that is still under way is waited for; what else does not pass is thrown', async (t) => {
  const late = clientOf((_, count) => {
    if (count === 1) throw lost;
    if (count < 6) return refusal('request_in_progress', 409);
    return Response.json(completed);
  });
  assert.deepEqual((await flown(t, () => late.client.start({ message: 'x' }))).result, completed);
  assert.equal(new Set(late.asked.slice(0, 6).map(({ key }) => key)).size, 1);
  for (const [answer, sent] of [
    [() => Promise.reject(lost), 3],
    [() => refusal('too_many_runs', 503), 3],
    [
      () => new Response('{"code":"run_finished","detail":"x","retryable":false}', { status: 409 }),
      1,
    ],
    [() => new Response('<html>'), 1],
    // Of something between the two.
    [() => new Response('<html>', { status: 408 }), 3],
    [() => new Response('<html>', { status: 429 }), 3],
    [() => new Response('<html>', { status: 404 }), 1],
  ] as const) {
    const { client, asked } = clientOf(answer);
    const { result } = await flown(t, () => client.resume('run_1', {}));
    assert.ok(result instanceof Error, String(result));
    assert.equal(asked.length, sent, result.message);
  }
});

test('a server that asks for time is given it, and no longer than a minute', async (t) => {
  for (const [seconds, least, most] of [
    ['7', 7_000, 8_000],
    ['99999999', 60_000, 61_000],
    ['Mon, 30 Nov 2026 20:00:00 GMT', 0, 1_000],
  ] as const) {
    const busy = (response: () => Response) => (_: Request, count: number) =>
      count === 1 ? refusal('too_many_streams', 503, { 'retry-after': seconds }) : response();
    const moving = clientOf(busy(() => Response.json(completed)));
    const following = clientOf(busy(() => new Response(null, { status: 204 })));
    for (const begin of [
      () => moving.client.start({ message: 'x' }),
      () => following.client.events('run_1')[Symbol.asyncIterator]().next(),
    ]) {
      const { ms, result } = await flown(t, begin);
      assert.ok(!(result instanceof Error), String(result));
      assert.ok(ms >= least && ms <= most, `${seconds}: ${ms} ms`);
    }
  }
});

test('a run is waited for over refusals and lost answers, and not looked at in a hurry', async (t) => {
  const { client, asked } = clientOf((_, count) => {
    if (count === 3) throw lost;
    if (count === 4) return refusal('runtime_closed', 503);
    return Response.json(count < 7 ? working : completed);
  });
  const { signal } = new AbortController();
  const { ms, result } = await flown(t, () => client.start({ message: 'x' }, { signal }));
  assert.deepEqual(result, completed);
  assert.deepEqual(getEventListeners(signal, 'abort'), [], 'a signal that is kept gathers nothing');
  assert.deepEqual(
    asked.map(({ request }) => request),
    ['POST /chat', ...Array.from({ length: 6 }, () => 'GET /runs/run_1')],
  );
  assert.ok(ms > 2_000, `${ms} ms`);
  for (const more of [{ queued: true }, { stalled: { code: 'model_unavailable' } }]) {
    const { client: other } = clientOf(() => Response.json({ ...working, ...more }));
    assert.deepEqual(await other.start({ message: 'x' }), { ...working, ...more });
  }
});

test('what is never answered is asked for again, and a run is begun once', {
  // Without the limit it would be waited for, for ever.
  timeout: 20_000,
}, async (t) => {
  const limits: AbortController[] = [];
  t.mock.method(AbortSignal, 'timeout', () => {
    limits.push(new AbortController());
    return limits.at(-1)?.signal;
  });
  const { client, asked } = clientOf(({ signal }, count) => {
    if (count % 2 === 0) return Response.json(count < 4 ? working : completed);
    const dead = once(signal, 'abort').then(() => Promise.reject(signal.reason));
    limits.at(-1)?.abort(new DOMException('Too long.', 'TimeoutError'));
    return dead;
  });
  const { result } = await flown(t, () => client.start({ message: 'x' }));
  assert.deepEqual(result, completed);
  const [chat, chatAgain, look, lookAgain] = asked;
  assert.deepEqual([chatAgain, lookAgain], [chat, look]);
  assert.equal(asked.length, 4);
});

test('a run is waited for over a restart of the server', async (t) => {
  const hold = held('early');
  const kit = await pausingRuntime(t, { Desk: [hold.turn, 'done'] });
  const { answer, reopen } = answersOf(kit);
  const { client } = clientOf(answer);
  const starting = client.start({ message: 'Trip' });
  await hold.asked;
  await reopen();
  hold.letGo();
  const end = await starting;
  assert.equal(end.status, 'completed');
  assert.equal((await kit.runtime.list()).length, 1);
});

test('who no longer wants to wait is told the reason at once, and the run goes on', async (t) => {
  const hold = held('done');
  const kit = await pausingRuntime(t, { Desk: [hold.turn] });
  const { client } = clientOf(answersOf(kit).answer);
  const leaving = new AbortController();
  const starting = client.start({ message: 'Trip' }, { signal: leaving.signal });
  await hold.asked;
  const reason = new Error('enough');
  leaving.abort(reason);
  await assert.rejects(starting, reason);
  hold.letGo();
  const [run] = await kit.runtime.list();
  for await (const { type } of kit.runtime.events(run?.id ?? '')) {
    if (type === 'run.completed') return;
  }
  assert.fail('The run did not end.');
});
