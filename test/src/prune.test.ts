/** Pruning: what ended long ago goes as a whole, and nothing else changes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Run, Runtime, TenantRuntime } from '../../src/index.ts';
import { askingTeam, askingTurns, until } from '../kit/asking.ts';
import { rowsOf } from '../kit/changing.ts';
import { openQuestions, testRuntime } from '../kit/runtime.ts';

const day = 86_400_000;

/** Makes runs as old as that. */
function age(file: string, days: number, ...ids: string[]): void {
  const db = new Database(file);
  for (const id of ids) {
    db.prepare('UPDATE run SET updated_at = updated_at - ? WHERE id = ?').run(days * day, id);
  }
  db.close();
}

/** Makes requests with keys older than those are kept. */
function ageKeys(file: string): void {
  const db = new Database(file);
  db.prepare('UPDATE keyed_request SET at = at - ?').run(day);
  db.close();
}

async function endedRun(runtime: Runtime, sessionId: string, remember = false): Promise<string> {
  const run = await runtime.start({ message: 'Pay', sessionId });
  if (run.status !== 'input_required') return run.id;
  const [question] = openQuestions(run);
  const approval = { approved: true, ...(remember ? { remember: true } : {}) };
  const end = await runtime.resume(run.id, { [question?.id ?? '']: approval });
  assert.equal(end.status, 'completed');
  return run.id;
}

/** Where an id, or what is named after it, stands in the file. */
function tablesWith(file: string, id: string): string[] {
  return Object.entries(rowsOf(file)).flatMap(([table, rows]) =>
    JSON.stringify(rows).includes(id.replace(/^run_/, '')) ? [table] : [],
  );
}

async function pruned(t: TestContext) {
  const kit = await testRuntime(t, askingTurns, askingTeam, { hooks: { onSettled: () => {} } });
  const old = await endedRun(kit.runtime, 'ses_gone');
  const both = await endedRun(kit.runtime, 'ses_kept');
  const recent = await endedRun(kit.runtime, 'ses_kept');
  const waiting = await kit.runtime.start({ message: 'Pay', sessionId: 'ses_waits' });
  await until(t, () => !JSON.stringify(rowsOf(kit.db)['delivery']).match(/pending|sending/));
  age(kit.db, 31, old, both, waiting.id);
  return { ...kit, runtime: kit.runtime, old, both, recent, waiting };
}

test('pruning deletes every row of old ended runs, and no other', async (t) => {
  const { runtime, db, old, both, recent, waiting } = await pruned(t);
  const mentions = tablesWith(db, old);
  for (const table of ['run', 'message', 'tool_call', 'question', 'effect', 'inbox', 'log']) {
    assert.ok(mentions.includes(table), `the run had rows in ${table}`);
  }
  const told: number[] = [];
  const count = await runtime.prune({
    olderThanMs: 30 * day,
    onProgress: (soFar) => told.push(soFar),
  });
  assert.equal(count, 2);
  assert.deepEqual(told, [2]);
  assert.deepEqual(tablesWith(db, old), []);
  assert.deepEqual(tablesWith(db, both), []);
  assert.equal((await runtime.get(recent)).status, 'completed');
  const [question] = openQuestions(waiting);
  const end = await runtime.resume(waiting.id, { [question?.id ?? '']: { approved: true } });
  assert.equal(end.status, 'completed', 'a run that waits is not old, however long it waits');
  assert.equal(await runtime.prune({ olderThanMs: 30 * day }), 0, 'it ended just now');
});

test('a session goes with its last run, and what it remembers with it', async (t) => {
  const { runtime, db } = await testRuntime(t, askingTurns, (url) =>
    askingTeam(url, undefined, true),
  );
  const first = await endedRun(runtime, 'ses_1', true);
  const second = await endedRun(runtime, 'ses_1');
  assert.equal((await runtime.rememberedApprovals('ses_1')).length, 1);
  age(db, 31, first);
  await runtime.prune({ olderThanMs: 30 * day });
  assert.equal((await runtime.rememberedApprovals('ses_1')).length, 1, 'the session has a run');
  age(db, 31, second);
  await runtime.prune({ olderThanMs: 30 * day });
  assert.deepEqual(await runtime.rememberedApprovals('ses_1'), []);
});

test('a run of which somebody is still to be told is kept', async (t) => {
  let fails = true;
  const { runtime, db } = await testRuntime(t, askingTurns, askingTeam, {
    hooks: {
      onSettled: () => {
        if (fails) throw new Error('not now');
      },
    },
  });
  const id = await endedRun(runtime, 'ses_1');
  age(db, 31, id);
  assert.equal(await runtime.prune({ olderThanMs: 30 * day }), 0);
  fails = false;
  await until(t, () => !JSON.stringify(rowsOf(db)['delivery']).match(/pending|sending/));
  assert.equal(await runtime.prune({ olderThanMs: 30 * day }), 1);
});

test('what a request with a key was answered stays for a day, and goes with its run', async (t) => {
  const { runtime, db } = await testRuntime(t, askingTurns, askingTeam);
  const keyed = (route: string, move: (one: TenantRuntime) => Promise<Run>) =>
    runtime.once({ route, key: 'key-12345', body: route }, async (one) => ({
      text: JSON.stringify(await move(one)),
      isFinal: true,
    }));
  const chat = () => keyed('chat', (one) => one.start({ message: 'Pay' }));
  const first = await chat();
  const { id, questions } = JSON.parse(first.text ?? '');
  const answers = { [questions[0].id]: { approved: true } };
  const resume = () => keyed('resume', (one) => one.resume(id, answers));
  const resumed = await resume();
  const other = await runtime.start({ message: 'Pay', sessionId: 'ses_other' });
  const cancel = () => keyed('cancel', (one) => one.cancel(other.id));
  const cancelled = await cancel();
  age(db, 31, id, other.id);
  assert.equal(await runtime.prune({ olderThanMs: 30 * day }), 0);
  for (const [again, before] of [
    [await chat(), first],
    [await resume(), resumed],
    [await cancel(), cancelled],
  ] as const) {
    assert.deepEqual(again, { ...before, replayed: true });
  }
  assert.equal((await runtime.list()).length, 2, 'no second run was begun');
  // A request that answers nothing of a run, and is about none.
  await runtime.once({ route: 'x', key: 'key-12345', body: '' }, async () => ({
    text: 'of no run',
    isFinal: true,
  }));
  ageKeys(db);
  assert.equal(await runtime.prune({ olderThanMs: 30 * day }), 2);
  assert.deepEqual(rowsOf(db)['keyed_request'], []);
  assert.deepEqual([tablesWith(db, id), tablesWith(db, other.id)], [[], []]);
});

test('a run goes with every answer to a request about it', async (t) => {
  const { runtime, db } = await testRuntime(t, askingTurns, askingTeam);
  const run = await runtime.start({ message: 'Pay' });
  const routes = ['resume', 'refused', 'cancel'];
  for (const route of routes) {
    await runtime.once({ route, key: 'key-12345', body: '' }, async (one) => {
      const said =
        route === 'cancel' ? one.cancel(run.id) : one.resume(run.id, { nothing: { x: 1 } });
      return { text: await said.then(() => 'done', String), isFinal: true };
    });
  }
  const rows = rowsOf(db)['keyed_request'] ?? [];
  assert.deepEqual(
    rows.map((row) => Object(row).run_id),
    routes.map(() => run.id),
  );
});

test('an age that is none is refused', async (t) => {
  const { runtime } = await testRuntime(t, askingTurns, askingTeam);
  await assert.rejects(runtime.prune({ olderThanMs: Number.NaN }), { code: 'limit_unusable' });
});

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `npm run prune`. */
async function command(...args: string[]) {
  const child = spawn('npm', ['run', '-s', 'prune', '--', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}

test('the command refuses beside a server, counts beside it, and deletes once it stopped', async (t) => {
  const { runtime, db, old } = await pruned(t);
  const named = ['--older-than', '30d', '--db', db];
  const before = rowsOf(db);
  const refused = await command(...named);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    new RegExp(`is written by process ${process.pid}\\..* Nothing was deleted`),
  );
  const dry = await command(...named, '--dry-run');
  assert.equal(dry.stdout, `2 runs of "${db}" ended more than 30d ago. Nothing was deleted.\n`);
  assert.deepEqual(rowsOf(db), before);
  await runtime.close();
  const done = await command(...named);
  assert.equal(done.code, 0, done.stderr);
  assert.match(
    done.stdout,
    /^2 of 2 deleted\n2 runs of ".*" ended more than 30d ago and were deleted\./,
  );
  assert.deepEqual(tablesWith(db, old), []);
  const unclear = await command('--older-than', 'a while', '--db', db);
  assert.equal(unclear.code, 2);
  assert.match(unclear.stderr, /--older-than is "a while"\. Use a number with m, h or d/);
});
