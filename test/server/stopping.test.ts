/** A signal: nothing new is taken, what is under way finishes or is kept, and the process ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { held, served } from '../kit/served.ts';
import { ask, delegate } from '../kit/turns.ts';
import { fetchRun, post, type WireBody } from '../kit/wire.ts';

/** Waits until the server says that it stops. */
async function stopping(url: string): Promise<Response> {
  for (;;) {
    const ready = await fetch(`${url}/ready`);
    if (ready.status !== 200) return ready;
    await sleep(10);
  }
}

/** How the run of a session ended that nobody has the id of. */
async function endOfSession(url: string, sessionId: string): Promise<WireBody> {
  for (;;) {
    const { body } = await post(url, '/chat', { message: 'Next', session_id: sessionId });
    const runId = /run_[0-9a-f]+/.exec(body.detail ?? '')?.[0];
    if (runId === undefined) return body;
    let run = await fetchRun(url, runId);
    while (run.status === 'working') run = await fetchRun(url, runId);
    return run;
  }
}

test('a server that stops lets a model call finish, answers who waits for it, and takes nothing new', async (t) => {
  const hold = held('done');
  const { app } = await served(t, { agents: { Desk: [hold.turn] } });
  const waiting = post(app.url, '/chat', { message: 'Trip' });
  await hold.asked;
  // As npm and systemd do, which both signal this process.
  app.signal('SIGINT');
  app.signal('SIGTERM');
  const ready = await stopping(app.url);
  assert.equal(ready.status, 503);
  assert.equal(ready.headers.get('retry-after'), '1');
  assert.equal(((await ready.json()) as WireBody).code, 'runtime_closed');
  assert.equal((await fetch(`${app.url}/health`)).status, 200, 'it is alive until it ends');
  const refused = await post(app.url, '/chat', { message: 'Another' });
  assert.equal(refused.status, 503);
  assert.equal(refused.body.code, 'runtime_closed');
  hold.letGo();
  const { status, body } = await waiting;
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.final_content, 'done');
  assert.deepEqual(await app.ended, { code: 0, signal: null });
});

test('npm hands the signal that it gets on to the server, and ends when the server has', async (t) => {
  const hold = held('done');
  const { app } = await served(t, { agents: { Desk: [hold.turn] }, npm: true });
  const waiting = post(app.url, '/chat', { message: 'Trip' });
  await hold.asked;
  app.signal('SIGTERM');
  await stopping(app.url);
  hold.letGo();
  assert.equal((await waiting).body.final_content, 'done');
  assert.deepEqual(await app.ended, { code: 0, signal: null });
  assert.match(app.stderr(), /"msg":"stopped"\}\n$/);
});

test('a question that opens while the server stops is answered in the next process', async (t) => {
  const hold = held([ask('q', 'city')]);
  const { app, again } = await served(t, { agents: { Desk: [hold.turn, 'done'] } });
  const waiting = post(app.url, '/chat', { message: 'Trip' });
  await hold.asked;
  app.signal('SIGTERM');
  await stopping(app.url);
  hold.letGo();
  const { status, body } = await waiting;
  assert.equal(status, 200, JSON.stringify(body));
  await app.ended;
  const next = await again();
  const answers = { [body.questions?.[0]?.id ?? '']: { city: 'Rome' } };
  const end = await post(next.url, '/resume', { run_id: body.run_id, answers });
  assert.equal(end.body.status, 'completed');
});

test('a run that needs more than what is under way says so, and goes on in the next process', async (t) => {
  const hold = held([delegate('c', 'A')]);
  const { app, again, model } = await served(t, {
    agents: { Desk: [hold.turn, 'done'], A: ['A'] },
  });
  const waiting = post(app.url, '/chat', { message: 'Trip', session_id: 'ses_kept' });
  await hold.asked;
  app.signal('SIGTERM');
  await stopping(app.url);
  hold.letGo();
  const { status, body } = await waiting;
  assert.equal(status, 503);
  assert.equal(body.code, 'runtime_closed');
  await app.ended;
  assert.equal(model.requests.length, 1, 'the member was not begun');
  const next = await again();
  assert.equal((await endOfSession(next.url, 'ses_kept')).final_content, 'done');
  assert.equal(model.requests.length, 3, 'nothing was asked twice');
});

test('a model call that does not finish in time is left for the next process', async (t) => {
  const hold = held('never heard');
  const { app, model, again } = await served(t, {
    agents: {
      Desk: [(request) => (model.requests.length > 1 ? 'done' : pass(hold.turn, request))],
    },
    env: { CADENZA_STOP_SECONDS: '1' },
  });
  const started = post(app.url, '/chat', { message: 'Trip', session_id: 'ses_kept' });
  await hold.asked;
  app.signal('SIGTERM');
  const { status, body } = await started;
  assert.equal(status, 503);
  assert.equal(body.code, 'runtime_closed');
  assert.deepEqual(await app.ended, { code: 0, signal: null });
  hold.letGo();
  const next = await again();
  assert.equal((await endOfSession(next.url, 'ses_kept')).final_content, 'done');
});

test('streams of events end as streams do, and the process does not wait for their clients', async (t) => {
  const { app } = await served(t, { agents: { Desk: [[ask('q', 'city')]] } });
  const { body } = await post(app.url, '/chat', { message: 'Trip' });
  const stream = await fetch(`${app.url}/runs/${body.run_id}/events`);
  assert.equal(stream.status, 200);
  const read = stream.text();
  // As a terminal does that is closed.
  app.signal('SIGHUP');
  // An end that was cut off would reject.
  assert.match(await read, /"type":"run\.paused"[^\n]*\n\n$/);
  assert.deepEqual(await app.ended, { code: 0, signal: null });
});

test('a second signal, half a second later, ends the process at once', async (t) => {
  const hold = held('never heard');
  const { app } = await served(t, {
    agents: { Desk: [hold.turn] },
    env: { CADENZA_STOP_SECONDS: '3600' },
  });
  const cut = assert.rejects(post(app.url, '/chat', { message: 'Trip' }));
  await hold.asked;
  app.signal('SIGTERM');
  await stopping(app.url);
  const again = setInterval(() => app.signal('SIGTERM'), 50);
  t.after(() => clearInterval(again));
  assert.deepEqual(await app.ended, { code: 143, signal: null });
  await cut;
  hold.letGo();
});

function pass<T, R>(turn: unknown, request: T): R {
  return (turn as (request: T) => R)(request);
}
