/** `npm run backup` copies the file of a server that is at work, and the copy can be served. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { rowsOf } from '../kit/changing.ts';
import { served } from '../kit/served.ts';
import { ask } from '../kit/turns.ts';
import { post } from '../kit/wire.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function backup(db: string, ...args: string[]) {
  const child = spawn('npm', ['run', '-s', 'backup', '--', ...args], {
    cwd: root,
    env: { ...process.env, CADENZA_DB: db },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}

test('a copy made beside a server that works is sound, and goes on where it was made', async (t) => {
  const agents = { Desk: [[ask('q', 'city')], 'done'] };
  const { app, db, again } = await served(t, { agents });
  const { body } = await post(app.url, '/chat', { message: 'Trip' });
  let isOver = false;
  const traffic = (async () => {
    while (!isOver) await post(app.url, '/chat', { message: 'More' });
  })();
  const copy = `${db}.copy`;
  const { code, stdout, stderr } = await backup(db, copy);
  isOver = true;
  await traffic;
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /100 % copied\n".*" is a sound copy of ".*": \d+ bytes, schema \d+, in \d+ ms\.\n$/,
  );
  assert.deepEqual(
    readdirSync(dirname(db)).filter((name) => name.includes('copy')),
    ['runs.db.copy'],
    'nothing is left beside the copy',
  );
  // Restoring: stop the server, put the copy in its place, start.
  await app.stop();
  const restored = await again({ CADENZA_DB: copy });
  const answers = { [body.questions?.[0]?.id ?? '']: { city: 'Rome' } };
  const end = await post(restored.url, '/resume', { run_id: body.run_id, answers });
  assert.equal(end.body.status, 'completed');
});

test('a copy overwrites nothing, and a file that is not ours is not copied', async (t) => {
  const { app, db } = await served(t, { agents: { Desk: ['done'] } });
  await post(app.url, '/chat', { message: 'Trip' });
  const before = rowsOf(db);
  const there = `${db}.there`;
  writeFileSync(there, 'precious');
  const refused = await backup(db, there);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /is there already\. Name another file\./);
  assert.equal(readFileSync(there, 'utf8'), 'precious');
  assert.equal((await backup(db, db)).code, 2);
  assert.deepEqual(rowsOf(db), before);
  const nowhere = await backup(db, `${db}/nowhere/copy`);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /could not be written: ENOTDIR\./);
  const foreign = new Database(`${db}.foreign`);
  foreign.exec('CREATE TABLE theirs (a)');
  foreign.close();
  const other = await backup(`${db}.foreign`, `${db}.copy`);
  assert.match(other.stderr, /is a database of another program/);
  assert.equal(existsSync(`${db}.copy`), false);
  assert.match((await backup(db)).stderr, /^Use: npm run backup -- target\.db/);
});
