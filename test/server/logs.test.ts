/** The log: a JSON line for each request and error, and never a word of what was said. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { createApp } from '../../server/app.ts';
import { createLog, logFatal } from '../../server/log.ts';
import { type AnsweredRequest, identified } from '../../server/requests.ts';
import type { Runtime } from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import type { App } from '../kit/app.ts';
import { folderFor } from '../kit/folder.ts';
import { served } from '../kit/served.ts';
import { ask } from '../kit/turns.ts';
import { post, type WireBody } from '../kit/wire.ts';

type Line = Readonly<Record<string, unknown>>;

function linesOf(app: App): Line[] {
  const lines = app.stderr().split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Waits for a line, as long as the test lasts: the log is read through a pipe. */
async function lineOf(
  { signal }: TestContext,
  app: App,
  holds: (line: Line) => boolean,
): Promise<Line> {
  for (;;) {
    const found = linesOf(app).find(holds);
    if (found) return found;
    await sleep(5, undefined, { signal });
  }
}

const agents = {
  Loud: [[call('leak', { card: 'CARD-SECRET:4:2' }, 'l'), ask('q', 'city')], 'REPLY-SECRET'],
};

function loud(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  return served(t, { team: 'test/teams/loud.ts', agents, env });
}

/** A run with a secret in every part that somebody says something in. */
async function secretRun(url: string): Promise<WireBody> {
  const session_id = 'ses_logged';
  const { body } = await post(url, '/chat', {
    message: 'PROMPT-SECRET',
    session_id,
    metadata: { note: 'METADATA-SECRET' },
  });
  await post(url, '/resume', { run_id: body.run_id, answers: { q_0: { city: 'WRONG-SECRET' } } });
  await fetch(`${url}/nowhere/PATH-SECRET?key=QUERY-SECRET`, {
    headers: { authorization: 'Bearer TOKEN-SECRET', 'x-request-id': 'x'.repeat(65) },
  });
  const answers = { [body.questions?.[0]?.id ?? '']: { city: 'ANSWER-SECRET' } };
  const end = await post(url, '/resume', { run_id: body.run_id, answers });
  assert.equal(end.body.status, 'completed', JSON.stringify(end.body));
  return end.body;
}

test('each request and each error is one line of JSON, with ids, and without a word that was said', async (t) => {
  const { app } = await loud(t);
  const { run_id } = await secretRun(app.url);
  const { time, ms, request_id, ...resumed } = await lineOf(
    t,
    app,
    ({ route, status }) => route === '/resume' && status === 200,
  );
  assert.deepEqual(resumed, {
    level: 'info',
    method: 'POST',
    route: '/resume',
    status: 200,
    run_id,
    msg: 'request',
  });
  assert.ok(!Number.isNaN(Date.parse(String(time))));
  assert.equal(typeof ms, 'number');
  assert.match(String(request_id), /^req_[0-9a-f]{24}$/);
  const lost = linesOf(app).find(({ status }) => status === 404);
  assert.equal(lost?.['route'], null);
  const { error, ...where } = await lineOf(t, app, ({ msg }) => msg === 'error');
  assert.equal(where['run_id'], run_id);
  assert.match(String(where['effect_id']), new RegExp(`^${run_id}:\\d+:\\d+$`));
  const { kind, at } = error as { kind: string; at: string[] };
  assert.equal(kind, 'TypeError');
  assert.match(at[0] ?? '', /loud\.ts:\d+:\d+\)?$/);
  const { stop } = app;
  await stop();
  assert.doesNotMatch(app.stderr(), /SECRET|Bearer|test\/rehearsal/);
  assert.deepEqual(
    linesOf(app)
      .slice(-2)
      .map(({ msg }) => msg),
    ['stopping', 'stopped'],
  );
});

test('a request keeps a usable id, and its problem tells the id that it has', async (t) => {
  const { app } = await loud(t);
  const ask = async (id: string) => {
    const answer = await fetch(`${app.url}/runs/run_0`, { headers: { 'x-request-id': id } });
    const { request_id } = (await answer.json()) as { request_id: string };
    assert.equal(answer.headers.get('x-request-id'), request_id);
    return request_id;
  };
  assert.equal(await ask('from-my-proxy_1'), 'from-my-proxy_1');
  for (const unusable of ['short', 'x'.repeat(65), 'with space', 'semi;colon', '{"json":1}']) {
    assert.match(await ask(unusable), /^req_[0-9a-f]{24}$/, unusable);
  }
  const line = await lineOf(t, app, ({ request_id }) => request_id === 'from-my-proxy_1');
  assert.equal(line['route'], '/runs/:id');
  assert.equal(line['run_id'], 'run_0');
});

test('probes are told at debug, and only trace tells what an error of a tool says', async (t) => {
  const { app } = await loud(t, { LOG_LEVEL: 'trace' });
  await fetch(`${app.url}/health`);
  await lineOf(t, app, ({ route, level }) => route === '/health' && level === 'debug');
  await post(app.url, '/chat', { message: 'x' });
  const { error } = await lineOf(t, app, ({ msg }) => msg === 'error');
  assert.match((error as { message: string }).message, /^Declined: CARD-SECRET/);
});

test('a line that cannot be written ends nothing, and is written once it can be', (t) => {
  const file = folderFor(t)('log');
  writeFileSync(file, '');
  // As a full disk: nothing can be written to what is open for reading.
  const fd = openSync(file, 'r');
  const log = createLog('info', fd);
  log.info('first');
  logFatal(log, new TypeError('SECRET'));
  closeSync(fd);
  assert.equal(openSync(file, 'a'), fd, 'there is room again');
  t.after(() => closeSync(fd));
  log.info('last');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['first', 'uncaught', 'last'],
  );
});

test('an app that nobody listens to prints what failed, without what was said', async (t) => {
  const print = t.mock.method(console, 'error', () => undefined);
  const as = () => {
    throw new TypeError('PROMPT-SECRET\n    at PROMPT-SECRET');
  };
  const app = createApp({ as } as unknown as Runtime);
  const answer = await app.request('/runs', { headers: { 'x-request-id': 'from-my-proxy_1' } });
  assert.equal(answer.status, 500);
  assert.equal(print.mock.callCount(), 1);
  const [prefix, line] = print.mock.calls[0]?.arguments ?? [];
  const { request_id, error } = JSON.parse(line);
  assert.deepEqual([prefix, request_id, error.kind], ['cadenza:', 'from-my-proxy_1', 'TypeError']);
  assert.match(error.at[0], /logs\.test\.ts:/);
  assert.doesNotMatch(line, /SECRET/);
});

test('an app around the routes shares its request id with them, and each is told once', async () => {
  const told: AnsweredRequest[] = [];
  const inner = new Hono()
    .use(identified((request) => told.push(request)))
    .get('/runs/:id', (c) => c.text('run'));
  const app = new Hono().use(identified()).route('/cadenza', inner);
  const answer = await app.request('/cadenza/runs/run_1');
  assert.equal(told.length, 1);
  assert.equal(told[0]?.route, '/cadenza/runs/:id');
  assert.equal(told[0]?.runId, 'run_1');
  assert.equal(answer.headers.get('x-request-id'), told[0]?.requestId);
});
