/** How much may be open at once, in all and of one tenant, and that nothing keeps its place for ever. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppOptions, createApp } from '../../server/app.ts';
import type { Runtime, RuntimeOptions } from '../../src/index.ts';
import type { Turn } from '../../src/testing/index.ts';
import { ask } from '../kit/contract.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { held } from '../kit/served.ts';
import { settled } from '../kit/team-run.ts';
import { ask as askFor } from '../kit/turns.ts';

/** The routes of a runtime, for the tenant that a header names. */
function appOf(runtime: Runtime, options: AppOptions) {
  const app = createApp(runtime, {
    auth: ({ headers }) => {
      const tenantId = headers.get('x-tenant');
      return tenantId === null ? {} : { tenantId };
    },
    ...options,
  });
  const send = (method: string, path: string, tenant?: string, body?: object) =>
    app.request(path, {
      method,
      headers: {
        'content-type': 'application/json',
        accept: body ? 'text/event-stream' : 'application/json',
        ...(tenant === undefined ? {} : { 'x-tenant': tenant }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const refusal = async (path: string, tenant?: string) => {
    const headers = { 'x-tenant': tenant ?? 'default' };
    const answer = await ask(app, 'GET', path, { headers });
    assert.equal(answer.headers.get('retry-after'), answer.status < 400 ? null : '1');
    return answer.status < 400 ? answer.status : answer.body.code;
  };
  return { send, refusal };
}

async function paused(t: TestContext, options: Partial<RuntimeOptions> = {}) {
  const { runtime } = await pausingRuntime(t, { Desk: [[askFor('g', 'city')], 'done'] }, options);
  const run = await runtime.start({ message: 'Trip' });
  return { runtime, run, path: `/runs/${run.id}/events` };
}

test('a stream has its place from the start, and gives it up however it ends', async (t) => {
  const { runtime, run, path } = await paused(t);
  const told: unknown[] = [];
  const onError = (error: unknown) => void told.push(error);
  const { send } = appOf(runtime, { streams: { max: 1, stallMs: 50 }, onError });
  const unread = await send('GET', path);
  assert.equal((await send('GET', path)).status, 503, 'though nobody has read of the first');
  let next = await send('GET', path);
  while (next.status === 503) {
    await sleep(5);
    next = await send('GET', path);
  }
  await assert.rejects(unread.text(), /took nothing for 50 ms/);
  assert.equal(told.length, 1);
  await next.body?.cancel();
  const wrong = { run_id: run.id, answers: { [`${run.id}`]: { city: 'Rome' } } };
  assert.equal((await send('POST', '/resume', undefined, wrong)).status, 409);
  assert.equal((await send('HEAD', path)).status, 200);
  const stream = await send('GET', path);
  assert.equal(stream.status, 200, 'a refusal and an answer to HEAD have no place');
  await stream.body?.cancel();
});

test('a stream that fails gives its place up', async (t) => {
  const { runtime, path } = await paused(t);
  const broken = {
    get: runtime.get,
    async *events() {
      yield* [];
      throw new Error('a bug');
    },
  };
  const onError = () => {
    throw new Error('a bug of another');
  };
  const failing = { as: () => broken } as unknown as Runtime;
  const { send } = appOf(failing, { streams: { max: 1 }, onError });
  for (let round = 0; round < 2; round += 1) {
    const stream = await send('GET', path);
    assert.equal(stream.status, 200);
    await assert.rejects(stream.text());
  }
});

test('one tenant may have half of what there is, or as much as you say, and takes nothing from others', async (t) => {
  const { runtime } = await paused(t);
  const acme = await runtime.as({ tenantId: 'acme' }).start({ message: 'Trip' });
  const path = `/runs/${acme.id}/events`;
  for (const options of [{ streams: { max: 2 } }, { requestsPerTenant: 1 }]) {
    const { send, refusal } = appOf(runtime, options);
    const stream = await send('GET', path, 'acme');
    assert.equal(stream.status, 200);
    assert.equal(await refusal(path, 'acme'), 'too_many_requests');
    assert.equal(await refusal('/questions', 'acme'), 'too_many_requests');
    assert.equal(await refusal('/health', 'acme'), 200);
    assert.equal(await refusal('/questions', 'globex'), 200);
    await stream.body?.cancel();
    assert.equal(await refusal('/questions', 'acme'), 200);
  }
});

test('requests by token have places of their own, from before their body is read', async (t) => {
  const { runtime } = await paused(t);
  const app = createApp(runtime, { streams: { max: 2 } });
  const headers = { 'content-type': 'application/json' };
  const bytes = new TextEncoder().encode('{"token":"none"}');
  let finish: (() => void) | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      finish = () => {
        controller.enqueue(bytes);
        controller.close();
      };
    },
  });
  const slow = app.request('/answer/question', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  const next = () => ask(app, 'POST', '/answer/question', { headers, body: bytes });
  const refused = await next();
  assert.deepEqual([refused.status, refused.body.code], [429, 'too_many_requests']);
  assert.equal((await ask(app, 'GET', '/questions')).status, 200, 'others have theirs');
  finish?.();
  assert.equal((await slow).status, 403);
  assert.equal((await next()).status, 403);
});

test('who has no tenant may have all that there is', async (t) => {
  const { runtime, path } = await paused(t);
  const { send } = appOf(runtime, { streams: { max: 2 } });
  const streams = [await send('GET', path), await send('GET', path)];
  assert.deepEqual(
    streams.map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await send('GET', '/questions')).status, 200);
  for (const { body } of streams) await body?.cancel();
});

test('one tenant may have half of the runs at work, and waits for nobody else', async (t) => {
  const [first, second] = [held('done'), held('done')];
  const turns: readonly Turn[] = [first.turn];
  const { runtime } = await pausingRuntime(
    t,
    { Desk: turns, QueueDesk: [second.turn] },
    { runsAtOnce: 2 },
  );
  const [acme, globex] = ['acme', 'globex'].map((tenantId) => runtime.as({ tenantId }));
  const { send } = appOf(runtime, {});
  const working = acme?.start({ message: 'One' });
  await first.asked;
  const message = { message: 'Two' };
  const refused = await send('POST', '/chat', 'acme', message);
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1']);
  assert.equal(((await refused.json()) as { code: string }).code, 'too_many_tenant_runs');
  const other = globex?.start({ message: 'One', team: 'QueueDesk' });
  await second.asked;
  assert.equal((await send('POST', '/chat', 'initech', message)).status, 503);
  first.letGo();
  assert.equal((await working)?.status, 'completed');
  second.letGo();
  await other;
  const again = await send('POST', '/chat', 'acme', message);
  assert.equal(again.status, 200);
  await again.text();
});

test('a run that a restart makes go on is one of its tenant', async (t) => {
  const { asked, letGo, turn } = held('done');
  t.after(letGo);
  const kit = await pausingRuntime(t, { Desk: [turn] }, { runsAtOnce: 4, runsPerTenant: 1 });
  const { id } = await kit.runtime.as({ tenantId: 'acme' }).start({ message: 'One', wait: false });
  await asked;
  const runtime = await kit.reopen();
  const [acme, globex] = ['acme', 'globex'].map((tenantId) => runtime.as({ tenantId }));
  assert.ok(acme && globex);
  const more = { message: 'Two', wait: false };
  await assert.rejects(acme.start(more), { code: 'too_many_tenant_runs' });
  const other = globex.start({ message: 'Two' });
  letGo();
  assert.equal((await other).status, 'completed');
  assert.equal((await settled(acme, id)).status, 'completed');
  assert.equal((await acme.start({ message: 'Two' })).status, 'completed');
});

test('a bound that is no number is refused, for it would bound nothing', async (t) => {
  const { runtime } = await paused(t);
  for (const options of [
    { streams: { max: Number.NaN } },
    { streams: { heartbeatMs: 0 } },
    { streams: { heartbeatMs: Number.POSITIVE_INFINITY } },
    { streams: { heartbeatMs: 30_001 } },
    { streams: { stallMs: 2 ** 31 } },
    { requestsPerTenant: -1 },
    { requestsPerTenant: 1.5 },
  ]) {
    assert.throws(() => createApp(runtime, options), { code: 'limit_unusable' });
  }
});
