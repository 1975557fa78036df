/**
 * What a file with 10,000 paused runs costs: to open, to begin serving, and to list, at the first
 * page and deep in: `npm run bench`. It fails if the server is slow to begin; the plans of the queries
 * are tested in test/stores.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { createRuntime, openai, type Runtime, sqliteStore } from '../../src/index.ts';
import { call, startModelServer } from '../../src/testing/index.ts';
import { pausingTeam } from '../teams/pauses.ts';

const runs = 10_000;
const rounds = 50;

/** The server begins in less than a second with all of them. */
const bootMsMax = 1_000;

/** The columns that name a run, or something in one. */
const idColumns = new Set([
  'run.id',
  'run.session_id',
  'inbox.run_id',
  'inbox.dedup_key',
  'message.run_id',
  'tool_call.run_id',
  'effect.id',
  'effect.run_id',
  'question.id',
  'question.run_id',
  'log.run_id',
]);

const folder = mkdtempSync(join(tmpdir(), 'cadenza-bench-'));
const file = join(folder, 'runs.db');
const model = await startModelServer({
  agents: { Desk: [[call('send', { to: 'Ada' }, 's')], 'done'] },
});
const client = openai('gpt-4o-mini', { baseURL: model.url, apiKey: 'bench' });
const open = () =>
  createRuntime({
    teams: [pausingTeam(client, { write: () => undefined })],
    store: sqliteStore(file),
  });

const first = await open();
const { id } = await first.start({ message: 'Work' });
await first.close();
multiply(id);

const begun = performance.now();
const runtime = await open();
const bootMs = performance.now() - begun;
console.log(`boot with ${runs} paused runs: ${bootMs.toFixed(0)} ms`);
assert.ok(bootMs < bootMsMax, `The boot took ${bootMs.toFixed(0)} ms, more than ${bootMsMax}.`);
await pages(runtime);
await runtime.close();
await model.close();
rmSync(folder, { recursive: true, force: true });

/** Writes a paused run again and again, with all its rows, under other ids. */
function multiply(id: string): void {
  const db = new Database(file);
  const tables = ['run', 'inbox', 'message', 'effect', 'tool_call', 'question', 'log'];
  const copies = tables.map((table) => {
    const columns = db.pragma(`table_info(${table})`) as { name: string }[];
    const numbered = table === 'inbox' ? 'seq' : 'number';
    const named = columns.map(({ name }) => name).filter((name) => name !== numbered);
    const values = named.map((name) =>
      idColumns.has(`${table}.${name}`) ? `"${name}" || '_' || copy` : `"${name}"`,
    );
    const key = table === 'run' ? 'id' : 'run_id';
    return db.prepare(`
      WITH RECURSIVE copy_number (copy) AS (
        SELECT 1 UNION ALL SELECT copy + 1 FROM copy_number WHERE copy < @copies)
      INSERT INTO ${table} (${named.map((name) => `"${name}"`)})
      SELECT ${values} FROM ${table} CROSS JOIN copy_number WHERE ${key} = @id`);
  });
  db.transaction(() => {
    for (const statement of copies) statement.run({ id, copies: runs - 1 });
  })();
  db.close();
}

async function pages(runtime: Runtime): Promise<void> {
  const deepRun = `${id}_${runs / 2}`;
  const [question] = await runtime.questions({ runId: deepRun });
  const asked: Readonly<Record<string, () => Promise<readonly unknown[]>>> = {
    'runs, first page': () => runtime.list(),
    'runs, deep page': () => runtime.list({ after: deepRun }),
    'paused runs, deep page': () => runtime.list({ status: 'input_required', after: deepRun }),
    'open questions, first page': () => runtime.questions({ status: 'open' }),
    'open questions, deep page': () =>
      runtime.questions({ status: 'open', ...(question ? { after: question.id } : {}) }),
  };
  for (const [name, page] of Object.entries(asked)) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const since = performance.now();
      const { length } = await page();
      if (length !== 50) throw new Error(`${name}: ${length} rows`);
      times.push(performance.now() - since);
    }
    const median = times.sort((a, b) => a - b)[rounds / 2] ?? 0;
    console.log(`${name}: ${median.toFixed(2)} ms`);
  }
}
