/** Lists find their pages by an index, whatever they are asked by: none reads a table from its start. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { sqliteStore } from '../../src/index.ts';
import { folderFor } from '../kit/folder.ts';

test('pages of runs and of questions are found by an index, in order', async (t) => {
  const file = folderFor(t)('runs.db');
  const prepare = t.mock.method(Database.prototype, 'prepare');
  const store = sqliteStore(file);
  t.after(() => store.close());
  prepare.mock.resetCalls();
  const after = 'run_some';
  const sessionId = 'ses_some';
  await store.listRuns('acme', {});
  for (const filter of [{ status: 'input_required' }, { team: 'Desk' }, { sessionId }] as const) {
    await store.listRuns('acme', { ...filter, after });
    await store.listRuns('acme', { ...filter, sessionId });
  }
  await store.listQuestions('acme', {});
  for (const filter of [
    { status: 'open' },
    { status: 'answered' },
    { runId: 'run_some' },
    { assignee: 'ada' },
    { sessionId },
  ] as const) {
    await store.listQuestions('acme', { ...filter, after });
    await store.listQuestions('acme', { ...filter, status: 'open' });
  }
  const statements = prepare.mock.calls.map((call) => String(call.arguments[0]));
  assert.ok(statements.length >= 12, `${statements.length} statements`);
  const db = new Database(file);
  t.after(() => db.close());
  for (const sql of new Set(statements)) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(boundTo(sql)) as { detail: string }[];
    const steps = plan.map(({ detail }) => detail);
    t.diagnostic(steps.join(' · '));
    const slow = steps.filter((step) => /^SCAN|TEMP B-TREE/.test(step));
    assert.deepEqual(slow, [], sql);
    if (sql.includes('AND question.run_id = @runId'))
      assert.ok(
        steps.some((step) => step.includes('question_by_run')),
        sql,
      );
  }
});

test('no statement is planned anew for the values that it is asked by', async (t) => {
  const prepare = t.mock.method(Database.prototype, 'prepare');
  const store = sqliteStore(folderFor(t)('runs.db'));
  t.after(() => store.close());
  await store.listRuns('acme', { status: 'completed' });
  await store.listQuestions('acme', { runId: 'run_some' });
  const statements = prepare.mock.calls.map((call) => String(call.arguments[0]));
  // SQLite does so for a bare parameter that something is compared to, or that limits a list.
  const replanned = statements.filter((sql) => /([=<>]|LIMIT)\s*[@?]/.test(sql));
  assert.deepEqual(replanned, []);
  assert.ok(statements.filter((sql) => /[=<>] \+[@?]/.test(sql)).length > 50);
});

/** A plan needs no values, but the driver wants them. */
function boundTo(sql: string): Record<string, null> {
  return Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name]) => [String(name), null]));
}
