/** Concurrent, repeated and stale answers, and crashes around a tool: it runs once. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { call, type Turn } from '../../../src/testing/index.ts';
import { startApp } from '../../kit/app.ts';
import { folderFor } from '../../kit/folder.ts';
import { freshClient, questionBy } from '../../kit/fresh-client.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { delegate } from '../../kit/turns.ts';
import { post } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';

const team = 'test/teams/pauses.ts';

const agents = {
  Desk: [[delegate('c1', 'A')], 'done'],
  A: [[call('send', { to: 'Ada' }, 's')], 'A RESULT'],
};

/** A server in a process of its own, beside whatever else a test starts on the same file. */
async function served(t: TestContext, scripts: Readonly<Record<string, readonly Turn[]>>) {
  const file = folderFor(t);
  const model = await startStrictModel({ agents: scripts });
  t.after(() => model.close());
  const env = { WITNESS: file('witness') };
  const start = async () => {
    const app = await startApp({ team, db: file('runs.db'), model: model.url, env });
    t.after(() => app.kill());
    return app;
  };
  return { model, start, written: () => readFileSync(file('witness'), 'utf8').trim().split('\n') };
}

test('two servers cannot have one file, and of two different answers at once one is used', async (t) => {
  const client = await freshClient(t, { team, agents });
  const run = await client.chat('Send');
  await client.end();
  const env = { WITNESS: '/dev/null' };
  const app = await startApp({ team, db: client.db, model: client.model.url, env });
  t.after(() => app.kill());
  const second = startApp({ team, db: client.db, model: client.model.url, env });
  await assert.rejects(second, /is written by process/, 'the second server does not start');
  const id = questionBy(run, 'A');
  const answer = (values: object) =>
    post(app.url, '/resume', { run_id: run.run_id, answers: { [id]: values } });
  const [yes, no, again] = await Promise.all([
    answer({ approved: true }),
    answer({ approved: false }),
    answer({ approved: true }),
  ]);
  assert.deepEqual([yes.status, no.status, again.status], [200, 409, 200]);
  assert.deepEqual(yes.body, again.body);
  assert.equal(client.modelCalls('Desk'), 2);
  assert.equal(client.modelCalls('A'), 2);
});

test('an answer that comes again after the end tells the end, and changes nothing', async (t) => {
  const client = await freshClient(t, { team, agents });
  const run = await client.chat('Send');
  const answers = { [questionBy(run, 'A')]: { approved: true } };
  const end = await client.resume(run.run_id, answers);
  const requests = client.model.requests.length;
  assert.deepEqual(await client.resume(run.run_id, answers), end, 'no new run, the same end');
  assert.equal(client.model.requests.length, requests);
  const other = { [questionBy(run, 'A')]: { approved: false } };
  const refused = await client.post('/resume', { run_id: run.run_id, answers: other });
  assert.deepEqual([refused.status, refused.body.code], [409, 'answer_conflict']);
  assert.deepEqual(client.witness(), ['send Ada']);
});

test('a process that dies after the tool, and before the model is answered, runs the tool once', async (t) => {
  const asked = Promise.withResolvers<void>();
  let times = 0;
  const second: Turn = () => {
    times += 1;
    asked.resolve();
    return times === 1 ? new Promise<never>(() => undefined) : 'A RESULT';
  };
  const { model, start, written } = await served(t, { ...agents, A: [agents.A[0] ?? [], second] });
  const first = await start();
  const run = (await post(first.url, '/chat', { message: 'Send' })).body;
  const resume = { run_id: run.run_id, answers: { [questionBy(run, 'A')]: { approved: true } } };
  const lost = assert.rejects(post(first.url, '/resume', resume));
  await asked.promise;
  await first.kill();
  await lost;
  const later = await start();
  const end = await post(later.url, '/resume', resume);
  assert.equal(end.body.final_content, 'done');
  assert.equal(times, 2, 'the model is asked again');
  assert.deepEqual(written(), ['send Ada']);
  assert.deepEqual(model.refusals, []);
});
