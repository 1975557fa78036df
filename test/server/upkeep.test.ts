/** What operators ask: whether the server is ready, and its numbers. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { bearerTokens, createApp } from '../../server/app.ts';
import { DefinitionError } from '../../src/index.ts';
import { askingTeam, askingTurns } from '../kit/asking.ts';
import type { Contract } from '../kit/contract.ts';
import { testRuntime } from '../kit/runtime.ts';
import { served } from '../kit/served.ts';
import { ask } from '../kit/turns.ts';
import { post, type WireBody } from '../kit/wire.ts';

test('a server is ready while its store can be written, and says what is in the way', async (t) => {
  const { runtime, db } = await testRuntime(t, askingTurns, askingTeam);
  const app = createApp(runtime);
  const ready = await app.request('/ready');
  assert.equal(ready.status, 200);
  assert.deepEqual(await ready.json(), { status: 'ready' });
  const other = new Database(db);
  other.exec('BEGIN IMMEDIATE');
  let busy = await app.request('/ready');
  // What was found last counts for a second.
  while (busy.status === 200) busy = await app.request('/ready');
  assert.equal(busy.status, 503);
  assert.equal(busy.headers.get('retry-after'), '1');
  assert.equal(((await busy.json()) as WireBody).code, 'store_busy');
  assert.equal((await app.request('/health')).status, 200);
  other.exec('ROLLBACK');
  other.close();
  await runtime.close();
  assert.equal((await app.request('/ready')).status, 503);
  assert.equal((await app.request('/health')).status, 200);
});

test('there is no /metrics unless it is asked for', async (t) => {
  const { runtime } = await testRuntime(t, askingTurns, askingTeam);
  assert.equal((await createApp(runtime).request('/metrics')).status, 404);
});

test('the metrics, totals of all tenants, are for nobody whom the app knows', async (t) => {
  const { runtime } = await testRuntime(t, askingTurns, askingTeam);
  const [ann, watcher] = ['ann-0123456789abcdef', 'watcher-0123456789'];
  const auth = bearerTokens({ [ann]: { tenantId: 'acme' } });
  const unguarded = (error: unknown) =>
    error instanceof DefinitionError && error.code === 'auth_unusable';
  assert.throws(() => createApp(runtime, { auth, metrics: true }), unguarded);
  assert.throws(() => createApp(runtime, { metrics: { token: 'short' } }), unguarded);
  const app = createApp(runtime, { auth, metrics: { token: watcher } });
  const asked = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await app.request(path, { headers })).status;
  };
  assert.equal(await asked('/metrics'), 401);
  assert.equal(await asked('/metrics', ann), 401);
  assert.equal(await asked('/metrics', watcher), 200);
  assert.equal(await asked('/runs', watcher), 401, 'nor does its token open anything else');
  const { paths } = (await (await app.request('/openapi.json')).json()) as Contract;
  assert.deepEqual(Object(paths['/metrics']?.['get']).security, [{ metricsToken: [] }]);
});

/** The numbers of the page, by name and labels. */
async function numbersOf(url: string): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${url}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).trimEnd().split('\n');
  for (const line of lines) {
    assert.match(line, /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [\d.e+-]+)$/);
  }
  return new Map(
    lines
      .filter((line) => !line.startsWith('#'))
      .map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]),
  );
}

async function servedWithMetrics(t: TestContext) {
  const agents = { Desk: [[ask('q', 'city')], 'done'] };
  return served(t, { agents, env: { CADENZA_METRICS: '1' } });
}

test('the metrics tell of runs, questions, models, tokens and answers given twice', async (t) => {
  const { app } = await servedWithMetrics(t);
  const { body } = await post(app.url, '/chat', { message: 'Trip' });
  const paused = await numbersOf(app.url);
  assert.equal(paused.get('cadenza_runs{status="input_required"}'), 1);
  assert.equal(paused.get('cadenza_runs{status="working"}'), 0);
  assert.equal(paused.get('cadenza_questions_open'), 1);
  assert.ok((paused.get('cadenza_questions_oldest_age_seconds') ?? 0) > 0);
  assert.equal(paused.get('cadenza_effects{status="running"}'), 0);
  assert.equal(paused.get('cadenza_model_calls_total{model="gpt-4o-mini",outcome="replied"}'), 1);
  const answer = (city: string) =>
    post(app.url, '/resume', {
      run_id: body.run_id,
      answers: { [body.questions?.[0]?.id ?? '']: { city } },
    });
  assert.equal((await answer('Rome')).status, 200);
  assert.equal((await answer('Rome')).status, 200);
  assert.equal((await answer('Oslo')).body.code, 'answer_conflict');
  const ended = await numbersOf(app.url);
  assert.equal(ended.get('cadenza_runs{status="input_required"}'), 0);
  assert.equal(ended.get('cadenza_runs_ended_total{status="completed"}'), 1);
  assert.equal(ended.get('cadenza_questions_open'), 0);
  assert.equal(ended.get('cadenza_duplicate_answers_total{kind="same"}'), 1);
  assert.equal(ended.get('cadenza_duplicate_answers_total{kind="different"}'), 1);
  assert.ok((ended.get('cadenza_tokens_total{model="gpt-4o-mini",type="input"}') ?? 0) > 0);
  assert.ok((ended.get('process_resident_memory_bytes') ?? 0) > 0);
});
