/** Answers: used once however often they are sent, and refused without a trace when they are wrong. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { startApp } from '../kit/app.ts';
import { folderFor } from '../kit/folder.ts';
import { freshClient, questionBy } from '../kit/fresh-client.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { ask, delegate, note } from '../kit/turns.ts';
import { post } from '../kit/wire.ts';
import { test } from '../kit/wires.ts';

const team = 'test/teams/desk.ts';

const agents = {
  Desk: [[delegate('c1', 'A')], 'done'],
  A: [[ask('g', 'city', 'street')], [note('n', 'A')], 'A RESULT'],
};

const values = { city: 'Rome', street: 'Via Appia' };

/** Every row of every table, as text. */
function everything(file: string): string {
  const db = new Database(file, { readonly: true });
  const tables = ['run', 'inbox', 'message', 'tool_call', 'effect', 'question', 'log'];
  const rows = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return JSON.stringify(rows);
}

test('fifty requests with one answer at once continue the run once', async (t) => {
  const file = folderFor(t);
  const model = await startStrictModel({ agents });
  t.after(() => model.close());
  const env = { WITNESS: file('witness') };
  const app = await startApp({ team, db: file('runs.db'), model: model.url, env });
  t.after(() => app.kill());
  const { body: run } = await post(app.url, '/chat', { message: 'Trip' });
  const resume = { run_id: run.run_id, answers: { [questionBy(run, 'A')]: values } };
  const answered = await Promise.all(
    Array.from({ length: 50 }, () => post(app.url, '/resume', resume)),
  );
  for (const { status, body } of answered) {
    assert.equal(status, 200);
    assert.equal(body.final_content, 'done');
  }
  const calls = (agent: string) => model.requests.filter((one) => one.agent === agent).length;
  assert.deepEqual([calls('Desk'), calls('A')], [2, 3]);
  const later = await post(app.url, '/resume', resume);
  assert.equal(later.body.final_content, 'done');
  assert.deepEqual([calls('Desk'), calls('A')], [2, 3], 'a later repeat causes nothing');
});

test('of two different answers at once, one wins and the other is told so', async (t) => {
  const file = folderFor(t);
  const model = await startStrictModel({ agents });
  t.after(() => model.close());
  const app = await startApp({ team, db: file('runs.db'), model: model.url });
  t.after(() => app.kill());
  const { body: run } = await post(app.url, '/chat', { message: 'Trip' });
  const answered = await Promise.all(
    ['Rome', 'Oslo', 'Bern', 'Kyiv'].map((city) =>
      post(app.url, '/resume', {
        run_id: run.run_id,
        answers: { [questionBy(run, 'A')]: { ...values, city } },
      }),
    ),
  );
  assert.deepEqual(answered.map(({ status }) => status).sort(), [200, 409, 409, 409]);
  const codes = new Set(answered.map(({ body }) => body.code));
  assert.deepEqual(codes, new Set([undefined, 'answer_conflict']));
  assert.equal(model.requests.filter((one) => one.agent === 'A').length, 3);
});

test('a wrong answer is refused with a pointer per field, and writes nothing', async (t) => {
  const client = await freshClient(t, { team, agents });
  const run = await client.chat('Trip');
  const id = questionBy(run, 'A');
  const before = everything(client.db);
  const refused = await client.post('/resume', {
    run_id: run.run_id,
    answers: { [id]: { city: 7, planet: 'Mars' } },
  });
  assert.equal(refused.status, 422);
  assert.equal(refused.body.code, 'answer_invalid');
  assert.deepEqual(refused.body.errors?.map(({ pointer }) => pointer).sort(), [
    `/answers/${id}/city`,
    `/answers/${id}/planet`,
    `/answers/${id}/street`,
  ]);
  const unknown = await client.post('/resume', {
    run_id: run.run_id,
    answers: { [id]: values, q_other: { city: 'Rome' } },
  });
  assert.equal(unknown.status, 409);
  assert.equal(unknown.body.code, 'question_not_open');
  assert.equal(everything(client.db), before, 'the file holds what it held');
  const end = await client.resume(run.run_id, { [id]: values });
  assert.equal(end.final_content, 'done');
});

test('an answer after the end is refused, and so is one to a cancelled run', async (t) => {
  const client = await freshClient(t, { team, agents });
  const run = await client.chat('Trip');
  const id = questionBy(run, 'A');
  const cancelled = await client.post(`/runs/${run.run_id}/cancel`, {});
  assert.equal(cancelled.body.status, 'cancelled');
  const again = await client.post(`/runs/${run.run_id}/cancel`, {});
  assert.equal(again.status, 200, 'cancelling twice causes nothing');
  const late = await client.post('/resume', { run_id: run.run_id, answers: { [id]: values } });
  assert.equal(late.status, 409);
  assert.equal(late.body.code, 'run_finished');
  assert.deepEqual(client.witness(), [], 'no tool runs');
  const db = new Database(client.db, { readonly: true });
  t.after(() => db.close());
  const open = 'SELECT count(*) FROM tool_call WHERE result IS NULL';
  assert.equal(db.prepare(open).pluck().get(), 0, 'every call has a result');
});
