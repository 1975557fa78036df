/** Streams of events over HTTP: never a gap, never a repeat, across pauses, restarts and crashes. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Turn } from '../../src/testing/index.ts';
import { type App, startApp } from '../kit/app.ts';
import { framesOf, readEvents, type WireEvent } from '../kit/events.ts';
import { folderFor } from '../kit/folder.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { post, request, type WireBody } from '../kit/wire.ts';

const json = { 'content-type': 'application/json' };
const asStream = { method: 'POST', headers: { ...json, accept: 'text/event-stream' } };

/** The team of `npm start`, served by processes that can be ended. */
async function served(t: TestContext, agents?: Readonly<Record<string, readonly Turn[]>>) {
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel(agents ? { agents } : {});
  const started: App[] = [];
  t.after(async () => {
    await Promise.all(started.map((app) => app.kill()));
    await model.close();
    assert.deepEqual(model.refusals, []);
  });
  return {
    start: async () => {
      const app = await startApp({ db, model: model.url });
      started.push(app);
      return app;
    },
  };
}

/** Starts a run that pauses. */
async function paused(app: App): Promise<WireBody> {
  const { body } = await post(app.url, '/chat', { message: 'Coffee' });
  assert.equal(body.status, 'input_required');
  return body;
}

function answersOf({ queries = [] }: WireBody) {
  return queries.map(({ field_name, question_id }) => {
    return { field_name, question_id, query: 'black' };
  });
}

function resume(app: App, run: WireBody) {
  return post(app.url, '/resume', { run_id: run.run_id, approved_queries: answersOf(run) });
}

function eventsOf(app: App, run: WireBody, lastEventId?: number, most?: number) {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': `${lastEventId}` };
  return readEvents(`${app.url}/runs/${run.run_id}/events`, { headers }, most);
}

test('a stream that is cut after any event goes on without a gap or a repeat', async (t) => {
  const { start } = await served(t);
  const before = await start();
  const run = await paused(before);
  const pausedAt = (run as WireBody & { last_seq: number }).last_seq;
  const early: WireEvent[][] = [];
  for (let k = 0; k < pausedAt; k += 1) {
    early.push(await eventsOf(before, run, k, pausedAt - k));
  }
  const live = eventsOf(before, run, undefined, pausedAt);
  assert.deepEqual(early[0], await live);
  early.forEach((events, k) => void assert.deepEqual(events, early[0]?.slice(k)));
  await before.stop();
  const after = await start();
  const following = eventsOf(after, run, 3);
  assert.equal((await resume(after, run)).body.status, 'completed');
  const all = await eventsOf(after, run);
  assert.deepEqual(await following, all.slice(3));
  assert.deepEqual(all.slice(0, pausedAt), early[0]);
  assert.deepEqual(
    all.map(({ seq }) => seq),
    all.map((_, index) => index + 1),
  );
  assert.equal(all.at(-1)?.type, 'run.completed');
  await after.kill();
  const last = await start();
  for (let k = 0; k <= all.length; k += 1) {
    assert.deepEqual(await eventsOf(last, run, k), all.slice(k), `after ${k}`);
    const cut = await eventsOf(last, run, 0, k === 0 ? 1 : k);
    assert.deepEqual([...cut, ...(await eventsOf(last, run, cut.length))], all, `cut after ${k}`);
  }
});

test('POST /chat and /resume stream the events of a run until it pauses or ends', async (t) => {
  const app = await (await served(t)).start();
  const chat = { ...asStream, body: JSON.stringify({ message: 'Coffee' }) };
  const asked = await readEvents(`${app.url}/chat`, chat);
  assert.deepEqual(
    [asked[0]?.seq, asked[0]?.type, asked.at(-1)?.type],
    [1, 'run.started', 'run.paused'],
  );
  const run = (await request<WireBody>(app.url, 'GET', `/runs/${asked[0]?.run_id}`)).body;
  const body = JSON.stringify({ run_id: run.run_id, approved_queries: answersOf(run) });
  const answered = await readEvents(`${app.url}/resume`, { ...asStream, body });
  assert.equal(answered[0]?.type, 'question.answered');
  assert.equal(answered.at(-1)?.type, 'run.completed');
  assert.deepEqual([...asked, ...answered], await eventsOf(app, run));
  const again = await readEvents(`${app.url}/resume`, { ...asStream, body });
  assert.deepEqual(again, answered.slice(-1), 'the same answers again tell how it ended');
});

test('a request that is refused is answered with a problem, not with a stream', async (t) => {
  const app = await (await served(t)).start();
  const run = await paused(app);
  const refused = async (path: string, init: RequestInit) => {
    const response = await fetch(app.url + path, init);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    return [response.status, ((await response.json()) as WireBody).code];
  };
  const wrong = JSON.stringify({
    run_id: run.run_id,
    answers: { [run.questions?.[0]?.id ?? '']: {} },
  });
  assert.deepEqual(await refused('/resume', { ...asStream, body: wrong }), [422, 'answer_invalid']);
  assert.deepEqual(await refused('/chat', { ...asStream, body: '{}' }), [422, 'body_invalid']);
  assert.deepEqual(await refused('/runs/run_x/events', {}), [404, 'run_not_found']);
  for (const id of ['x', '-1', '1.5', '9'.repeat(16)]) {
    const headers = { 'last-event-id': id };
    const path = `/runs/${run.run_id}/events`;
    assert.deepEqual(await refused(path, { headers }), [422, 'body_invalid']);
    assert.deepEqual(await refused(`${path}?after=${id}`, {}), [422, 'body_invalid']);
  }
});

test('a client that prefers not to wait is answered at once', async (t) => {
  const app = await (await served(t)).start();
  const post202 = async (path: string, body: unknown) => {
    const headers = { ...json, prefer: 'wait=1, respond-async' };
    const response = await fetch(app.url + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const run = (await response.json()) as WireBody;
    assert.equal(response.status, 202);
    assert.equal(response.headers.get('preference-applied'), 'respond-async');
    assert.equal(response.headers.get('location'), `/runs/${run.run_id}`);
    return run;
  };
  const run = await post202('/chat', { message: 'Coffee' });
  assert.equal(run.status, 'working');
  const headers = await fetch(`${app.url}/runs/${run.run_id}/events?after=0`);
  assert.equal(headers.headers.get('content-type'), 'text/event-stream');
  assert.equal(headers.headers.get('cache-control'), 'no-store');
  assert.equal(headers.headers.get('x-accel-buffering'), 'no');
  let asked: WireBody | undefined;
  for await (const { data } of framesOf(headers)) {
    if (JSON.parse(data ?? '{}').type !== 'run.paused') continue;
    asked = (await request<WireBody>(app.url, 'GET', `/runs/${run.run_id}`)).body;
    await post202('/resume', { run_id: run.run_id, approved_queries: answersOf(asked) });
  }
  const end = (await request<WireBody>(app.url, 'GET', `/runs/${run.run_id}`)).body;
  assert.equal(end.status, 'completed');
});

test('what was said before a crash is taken back in the stream of the next process', async (t) => {
  const text = 'One word after the other. '.repeat(8);
  const agents = { OrchestratorTeam: [{ text, fault: { name: 'drip', everyMs: 30 } }] } as const;
  const { start } = await served(t, agents);
  const before = await start();
  const chat = { ...asStream, body: JSON.stringify({ message: 'Coffee' }) };
  const response = await fetch(`${before.url}/chat`, chat);
  const seen: WireEvent[] = [];
  for await (const { data } of framesOf(response)) {
    seen.push(JSON.parse(data ?? ''));
    if (seen.at(-1)?.type === 'text.delta') break;
  }
  await before.kill();
  const after = await start();
  const rest = await eventsOf(after, { run_id: seen[0]?.run_id ?? '', status: '' }, seen.length);
  const restarted = rest.findIndex(({ type }) => type === 'model.restarted');
  assert.ok(restarted >= 0);
  const said = rest
    .slice(restarted)
    .flatMap((one) => (one.type === 'text.delta' ? one['text'] : []));
  assert.ok(said.length > 0 && text.startsWith(said.join('')));
  assert.equal(rest.at(-1)?.['final_content'], text);
  assert.deepEqual(
    [...seen, ...rest].map(({ seq }) => seq),
    [...seen, ...rest].map((_, index) => index + 1),
  );
});
