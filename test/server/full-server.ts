/** Requests to a server that has as much to do as it may have; each answer is held against the contract. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createApp } from '../../server/app.ts';
import { createRuntime, defineAgent, openai, sqliteStore } from '../../src/index.ts';
import { ask } from '../kit/contract.ts';
import { httpOf } from '../kit/local-http.ts';
import type { PausingRuntime } from '../kit/pauses.ts';
import type { Held } from '../kit/served.ts';
import { askForRun, askFrontEnds } from './every-front-end.ts';

/** As many runs are at work, and as many streams are open, as may be; and the store is of no use. */
export async function tooMany(t: TestContext, kit: PausingRuntime, hold: Held): Promise<void> {
  const model = openai('gpt-4o-mini', { baseURL: kit.model.url, apiKey: 'test' });
  const check = () => Promise.reject(new Error('the disk is gone'));
  const runtime = await createRuntime({
    teams: [defineAgent({ name: 'Busy', model })],
    store: { ...sqliteStore(':memory:'), check },
    runsAtOnce: 2,
    runsPerTenant: 1,
  });
  t.after(() => runtime.close({ graceMs: 0 }));
  const http = httpOf(runtime);
  const first = http('POST', '/chat', { message: 'Work', session_id: 'ses_work' });
  await hold.asked;
  const full = createApp(runtime, { streams: { max: 0 } });
  await askForRun(full, 'too_many_streams', 'Busy');
  const rejoined = askForRun(createApp(runtime), '200', 'Busy');
  const second = await http('POST', '/chat', { message: 'Work' });
  assert.equal(second.body['code'], 'too_many_tenant_runs');
  await askFrontEnds(createApp(runtime), 'too_many_tenant_runs', 'Busy');
  const other = runtime.as({ tenantId: 'acme' }).start({ message: 'Work' });
  assert.equal((await http('POST', '/chat', { message: 'Work' })).body['code'], 'too_many_runs');
  await askFrontEnds(createApp(runtime), 'too_many_runs', 'Busy');
  hold.letGo();
  await other;
  await rejoined;
  const run_id = String((await first).body['run_id']);
  assert.equal((await http('GET', '/ready')).body['code'], 'store_unusable');
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  const bodies = { '/chat': { message: 'Work' }, '/resume': { run_id, answers: {} } };
  for (const [path, body] of Object.entries(bodies)) {
    const { status } = await ask(full, 'POST', path, { headers, body: JSON.stringify(body) });
    assert.equal(status, 503);
  }
  await askFrontEnds(full, 'too_many_streams', 'Busy');
  assert.equal((await ask(full, 'GET', `/runs/${run_id}/events`)).status, 503);
}
