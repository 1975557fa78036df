/** The SQLite store: durable, one writer, and rules in the tables that no code can get around. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { chartVersion } from '../../machines/version.ts';
import { createRuntime, defineAgent, openai, sqliteStore } from '../../src/index.ts';
import { startApp } from '../kit/app.ts';
import { folderFor } from '../kit/folder.ts';
import { freshClient, questionBy } from '../kit/fresh-client.ts';
import { ask, delegate } from '../kit/turns.ts';

const agents = { Desk: [[delegate('c1', 'A')], 'done'], A: [[ask('g', 'city')], 'A RESULT'] };
const team = 'test/teams/desk.ts';

/** The file of a run that waits for an answer, opened for writing as nobody should. */
async function pausedFile(t: TestContext) {
  const client = await freshClient(t, { team, agents });
  const run = await client.chat('Trip');
  const db = new Database(client.db);
  t.after(() => db.close());
  return { client, run, db };
}

const forbidden: readonly [string, string, RegExp][] = [
  [
    'a model call beside an open call',
    `INSERT INTO effect (id, run_id, kind, path, name, up_to, repeatable, status, at)
     SELECT 'forged', run_id, 'callModel', '', name, 1, 1, 'pending', 0
     FROM effect WHERE kind = 'callModel' AND path = '' LIMIT 1`,
    /a model call while a tool call is unanswered/,
  ],
  [
    'a second result',
    `UPDATE tool_call SET result = 'y' WHERE path = 'done'`,
    /already has its result/,
  ],
  [
    'an ended effect that begins again',
    `UPDATE effect SET status = 'pending'`,
    /the effect has ended/,
  ],
  ['a second report', `UPDATE report SET text = 'y'`, /already reported/],
  ['a closed question that opens', `UPDATE question SET status = 'open'`, /the question is closed/],
  ['an unknown status', `UPDATE run SET status = 'sleeping'`, /CHECK constraint/],
  ['text where a number belongs', `UPDATE run SET revision = 'one'`, /cannot store TEXT/],
  ['a snapshot that is no JSON', `UPDATE run SET snapshot = '{'`, /CHECK constraint/],
];

test('the tables refuse what must never be', async (t) => {
  const { db } = await pausedFile(t);
  db.exec(`
    INSERT INTO tool_call
      (run_id, path, agent, message_seq, position, id, name, arguments, intent, repeatable, source,
        result)
      SELECT run_id, 'done', agent, message_seq, 9, 'done', name, arguments, intent, 0, 'tool', 'x'
      FROM tool_call LIMIT 1;
    INSERT INTO question (id, tenant_id, run_id, call, asked_by, reason, prompt, fields, arguments_hash,
      status, opened_at) SELECT 'closed', tenant_id, run_id, call, asked_by, reason, prompt, fields, '', 'answered', 0
      FROM question LIMIT 1;
    INSERT INTO report SELECT run_id, path, 'c1:A', 'reported', 'x' FROM tool_call LIMIT 1;`);
  for (const [what, sql, message] of forbidden) {
    assert.throws(() => db.exec(sql), message, what);
  }
});

test('a model call of another agent is not refused', async (t) => {
  const { db } = await pausedFile(t);
  db.exec(`INSERT INTO effect (id, run_id, kind, path, name, up_to, repeatable, status, at)
    SELECT 'other', run_id, 'callModel', 'c9', name, 1, 1, 'pending', 0
    FROM effect LIMIT 1`);
});

test('a second process is refused while the first one writes, and may read', async (t) => {
  const { client } = await pausedFile(t);
  const app = await startApp({ team, db: client.db, model: client.model.url });
  t.after(() => app.kill());
  await assert.rejects(
    startApp({ team, db: client.db, model: client.model.url }),
    /is written by process \d+\. One process writes a file at a time/,
  );
  const db = new Database(client.db, { readonly: true });
  assert.equal(db.prepare('SELECT count(*) FROM run').pluck().get(), 1);
  db.close();
  await app.kill();
  const next = await startApp({ team, db: client.db, model: client.model.url });
  await next.stop();
});

test('every commit is synced, also after the file was opened again', (t) => {
  const file = folderFor(t)('runs.db');
  const script = `
    import Database from 'better-sqlite3';
    import { openDatabase } from './src/stores/sqlite-open.ts';
    for (let time = 0; time < 2; time += 1) {
      const { db, close } = openDatabase(process.argv[1]);
      db.exec("UPDATE run SET updated_at = 0");
      console.log(db.pragma('synchronous', { simple: true }), db.pragma('journal_mode', { simple: true }));
      close();
    }`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script, file],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(stdout, '2 wal\n2 wal\n', stderr);
});

test('a summary that comes when its model call is over is neither kept nor told', async (t) => {
  const { client, db, run } = await pausedFile(t);
  const read = () =>
    db
      .prepare(`SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM model_use), log_length,
        (SELECT count(*) FROM summary) FROM run`)
      .raw()
      .all();
  const before = read();
  const { id } = db.prepare("SELECT id FROM effect WHERE path = ''").get() as { id: string };
  const store = sqliteStore(client.db);
  const call = { id, runId: run.run_id, path: '', name: 'Desk', attempt: 1 };
  const left = { kind: 'callModel', upTo: 1, tries: 1, unusable: 0, stall: null } as const;
  const use = { model: 'gpt-5', usage: { inputTokens: 1, outputTokens: 1 } };
  await store.saveSummary({ ...call, ...left }, { upTo: 1, text: 'Tea.' }, use);
  await store.close();
  assert.deepEqual(read(), before);
});

test('a paused run in a file of the schema before goes on', async (t) => {
  const { client, run, db } = await pausedFile(t);
  db.exec(`
    DROP TABLE joined_message;
    DROP INDEX run_by_message;
    CREATE INDEX run_by_message ON run (tenant_id, session_id, message_id, number);
    PRAGMA user_version = 2`);
  const end = await client.resume(run.run_id, { [questionBy(run, 'A')]: { city: 'Rome' } });
  assert.equal(end.final_content, 'done');
  assert.equal(db.pragma('user_version', { simple: true }), 3);
  const next = await client.post('/chat', { message: 'Another' });
  assert.equal(next.status, 200);
});

const unusable: readonly [string, (file: string) => unknown, RegExp][] = [
  [
    'a database of another program',
    (file) => new Database(file).exec('CREATE TABLE invoice (id)').close(),
    /is a database of another program/,
  ],
  [
    'a database of a newer build',
    async (file) => {
      await sqliteStore(file).close();
      new Database(file).exec('PRAGMA user_version = 99').close();
    },
    /has schema 99; this build reads up to 3/,
  ],
  ['a file that is no database', (file) => writeFileSync(file, 'x'.repeat(5_000)), /SQLITE_NOTADB/],
];

for (const [what, make, message] of unusable) {
  test(`${what} is refused and kept`, async (t) => {
    const file = folderFor(t)('runs.db');
    await make(file);
    assert.throws(() => sqliteStore(file), message);
  });
}

test('a folder that is not there is named', () => {
  assert.throws(() => sqliteStore('/nowhere/runs.db'), /there is no "\/nowhere"/);
});

test('a folder in which nothing can be written is told by name', (t) => {
  const file = folderFor(t)('runs.db');
  mkdirSync(`${file}-writer`);
  assert.throws(() => sqliteStore(file), {
    code: 'store_unusable',
    message: `"${file}-writer" cannot be used: SQLITE_CANTOPEN.`,
  });
});

test('a run that other charts saved is refused and kept', async (t) => {
  const { client, run, db } = await pausedFile(t);
  db.exec(`UPDATE run SET chart_version = ${chartVersion + 1}`);
  const before = db.prepare('SELECT * FROM run').all();
  const answers = { [questionBy(run, 'A')]: { city: 'Rome' } };
  const { status, body } = await client.post('/resume', { run_id: run.run_id, answers });
  assert.equal(status, 503);
  assert.equal(body.code, 'snapshot_unreadable');
  assert.deepEqual(db.prepare('SELECT * FROM run').all(), before);
});

test('a step that fails inside sets its event aside, and the run says so', async (t) => {
  const { client, run, db } = await pausedFile(t);
  db.exec(`CREATE TRIGGER bug BEFORE UPDATE OF result ON tool_call
    BEGIN SELECT RAISE(ABORT, 'planted'); END`);
  const answers = { [questionBy(run, 'A')]: { city: 'Rome' } };
  const { status, body } = await client.post('/resume', { run_id: run.run_id, answers });
  assert.equal(status, 200);
  assert.equal(body.status, 'failed');
  const [inbox] = db.prepare("SELECT error FROM inbox WHERE status = 'set_aside'").all();
  assert.match(JSON.stringify(inbox), /planted/);
  assert.equal(db.prepare('SELECT count(*) FROM message').pluck().get(), 4, 'all is kept');
});

test('a store in memory works alike, and forgets', async () => {
  const model = openai('gpt-4o-mini', { apiKey: 'x', baseURL: 'http://127.0.0.1:9' });
  const teams = [defineAgent({ name: 'Desk', model })];
  const store = sqliteStore(':memory:');
  const retries = { firstWaitMs: 1 };
  const runtime = await createRuntime({ teams, store, retries, onError: () => {} });
  const run = await runtime.start({ message: 'Hello' });
  assert.equal(run.status === 'working' && run.stalled?.code, 'model_unavailable');
  await runtime.close();
});
