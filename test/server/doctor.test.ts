/** `npm run doctor` finds the paused runs that a team's module could not continue, and only reads. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { call, type Turn } from '../../src/testing/index.ts';
import { rowsOf } from '../kit/changing.ts';
import { delegate } from '../kit/turns.ts';
import { type VersionedServer, versionedServer } from '../kit/versions.ts';
import { post } from '../kit/wire.ts';

const echo: Turn = (request) => `${request.messages.at(-1)?.content}`;

const agents = {
  Desk: [[delegate('c', 'Clerk')], echo],
  Clerk: [[call('book_table', { guests: 2 }, 'b')], echo],
};

const renamed = { VERSION: 'renamed' };

/** A server that is running, with a run that waits. */
async function servedRun(t: TestContext) {
  const server = await versionedServer(t, agents);
  const app = await server.serve();
  t.after(() => app.kill());
  const { body } = await post(app.url, '/chat', { message: 'Dinner' });
  return { server, app, runId: body.run_id };
}

async function assertFound(server: VersionedServer, runId: string): Promise<void> {
  const { code, stdout } = await server.doctor(renamed);
  assert.equal(code, 1);
  const [sum, _, heads, row, why, ...rest] = stdout.trimEnd().split('\n');
  assert.equal(sum, `0 of 1 unfinished runs in ${server.db} can go on.`);
  assert.match(heads ?? '', /^RUN +TEAM +STATUS +SINCE$/);
  assert.match(row ?? '', new RegExp(`^${runId}  Desk  input_required  \\d{4}-\\d\\d-\\d\\dT`));
  assert.equal(why, '  - Agent "Desk/Clerk" has a task in the run and is not defined now.');
  assert.deepEqual(rest, []);
}

test('the doctor lists what the code cannot continue, while a server serves and after it was killed', async (t) => {
  const { server, app, runId } = await servedRun(t);
  const before = rowsOf(server.db);
  await assertFound(server, runId);
  const same = await server.doctor();
  assert.equal(same.code, 0);
  assert.equal(same.stdout, `1 of 1 unfinished runs in ${server.db} can go on.\n`);
  await app.kill();
  await assertFound(server, runId);
  assert.deepEqual(rowsOf(server.db), before);
});

test('the doctor speaks JSON too, and counts what the migration saves', async (t) => {
  const { server, runId } = await servedRun(t);
  const { code, stdout } = await server.doctor(renamed, '--json');
  assert.equal(code, 1);
  const [{ since, ...found }, ...rest] = JSON.parse(stdout);
  assert.ok(!Number.isNaN(Date.parse(since)));
  assert.match(found.session_id, /^ses_/);
  assert.deepEqual(rest, []);
  assert.deepEqual(found, {
    run_id: runId,
    session_id: found.session_id,
    team: 'Desk',
    status: 'input_required',
    verdict: 'refused',
    differences: [
      {
        kind: 'agent_gone',
        agent: 'Desk/Clerk',
        message: 'Agent "Desk/Clerk" has a task in the run and is not defined now.',
      },
    ],
  });
  const migrated = await server.doctor({ ...renamed, MIGRATE: 'yes' });
  assert.equal(migrated.code, 0);
  assert.match(migrated.stdout, /can go on\. 1 after the migration\.$/m);
});

test('the doctor lists a run that other charts saved', async (t) => {
  const { server, app, runId } = await servedRun(t);
  await app.kill();
  new Database(server.db).exec('UPDATE run SET chart_version = 99').close();
  const { code, stdout } = await server.doctor();
  assert.equal(code, 1);
  assert.match(
    stdout,
    new RegExp(`${runId}.*\n  - It was saved by charts that this build does not`),
  );
});

test('the doctor says in one sentence what it cannot look at, and makes no file', async (t) => {
  const server = await versionedServer(t, agents);
  const missing = await server.doctor();
  assert.equal(missing.code, 2);
  assert.equal(missing.stderr, `There is no "${server.db}".\n`);
  writeFileSync(server.db, '');
  const empty = await server.doctor();
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /is a database of another program/);
  const misused = await server.doctor({}, '--fix');
  assert.equal(misused.code, 2);
  assert.match(misused.stderr, /^Unknown option '--fix'\. See cadenza --help/);
});

test('the doctor is content with a file without runs', async (t) => {
  const server = await versionedServer(t, agents);
  const app = await server.serve();
  t.after(() => app.kill());
  const { code, stdout } = await server.doctor();
  assert.equal(code, 0);
  assert.equal(stdout, `No run in ${server.db} is unfinished.\n`);
});
