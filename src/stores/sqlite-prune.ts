/** The upkeep of the SQLite store: whether it works, what is in it, and the deletion of old runs. */
import type { Database } from 'better-sqlite3';
import type { StoreFigures } from './figures.ts';
import { keyKeptMs, prepareForget } from './sqlite-once.ts';
import type { Row } from './sqlite-rows.ts';
import type { Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';

/** Ended long ago, nobody waits for news of it, and no request that is about it may come again. */
const isPrunable = `
  status IN ('completed','failed','cancelled') AND updated_at < @before
  AND NOT EXISTS (SELECT 1 FROM run AS behind WHERE behind.blocked_by = run.id)
  AND NOT EXISTS (
    SELECT 1 FROM delivery JOIN subscription USING (target, type)
    WHERE delivery.run_id = run.id AND delivery.status IN ('pending','sending'))
  AND NOT EXISTS (SELECT 1 FROM keyed_request AS keyed
    WHERE keyed.run_id = run.id AND keyed.at > @now - ${keyKeptMs})`;

/** Reads only, so that it can be prepared on a file that another process writes. */
export function preparePrunable(db: Database): Pick<Store, 'prunable'> {
  const count = db.prepare(`SELECT count(*) FROM run WHERE ${isPrunable}`).pluck();
  return { prunable: async (before) => count.get({ before, now: Date.now() }) as number };
}

export function prepareUpkeep(
  db: Database,
  write: Write,
): Pick<Store, 'check' | 'figures' | 'prune'> {
  const version = db.pragma('user_version', { simple: true });
  // Writes the first page as it is.
  const touch = db.prepare(`PRAGMA user_version = ${version}`);
  const read = db.prepare('SELECT 1 FROM run LIMIT 1');
  return {
    check: async () =>
      write('check', () => {
        touch.run();
        read.get();
      }),
    figures: prepareFigures(db),
    prune: preparePrune(db, write),
  };
}

function preparePrune(db: Database, write: Write): Store['prune'] {
  const old = db.prepare(`
    SELECT id, tenant_id, session_id FROM run WHERE ${isPrunable} ORDER BY updated_at LIMIT @limit`);
  const named = '(SELECT value FROM json_each(?))';
  // Asked of the schema, so that no table is forgotten; their order matters at the commit only.
  const tables = db
    .prepare(`
      SELECT sqlite_schema.name FROM sqlite_schema JOIN pragma_table_info(sqlite_schema.name) AS part
      WHERE sqlite_schema.type = 'table' AND part.name = 'run_id'`)
    .pluck()
    .all() as string[];
  const deletions = [
    ...tables.map((table) => db.prepare(`DELETE FROM ${table} WHERE run_id IN ${named}`)),
    db.prepare(`DELETE FROM run WHERE id IN ${named}`),
  ];
  const empty = (table: string, id: string) => `
    DELETE FROM ${table}
    WHERE (tenant_id, ${id}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))
      AND NOT EXISTS (SELECT 1 FROM run
        WHERE run.tenant_id = ${table}.tenant_id AND run.session_id = ${table}.${id})`;
  const sessions = [
    db.prepare(empty('remembered_approval', 'session_id')),
    db.prepare(empty('session', 'id')),
  ];
  const forget = prepareForget(db);
  return async (before, limit) =>
    write('prune', (now) => {
      forget(now);
      // It takes effect when it is compiled, and until the commit.
      db.pragma('defer_foreign_keys = ON');
      const runs = old.all({ before, now, limit }) as Row[];
      const ids = JSON.stringify(runs.map((run) => run['id']));
      for (const deletion of deletions) deletion.run(ids);
      const left = JSON.stringify(runs.map((run) => [run['tenant_id'], run['session_id']]));
      for (const deletion of sessions) deletion.run(left);
      return runs.length;
    });
}

function prepareFigures(db: Database): Store['figures'] {
  // A partial index is used where its own condition stands.
  const unended = "status IN ('working','input_required')";
  const unfinished = "status IN ('pending','running')";
  const one = db.prepare(`
    SELECT
      (SELECT count(*) FROM run WHERE ${unended} AND status = 'working') AS working,
      (SELECT count(*) FROM run WHERE blocked_by IS NOT NULL) AS queued,
      (SELECT count(*) FROM run WHERE ${unended} AND status = 'input_required') AS inputRequired,
      (SELECT count(*) FROM question WHERE status = 'open') AS openQuestions,
      (SELECT opened_at FROM question WHERE status = 'open' ORDER BY number LIMIT 1)
        AS oldestQuestionAt,
      (SELECT count(*) FROM effect WHERE ${unfinished} AND status = 'pending') AS pending,
      (SELECT count(*) FROM effect WHERE ${unfinished} AND status = 'running') AS running,
      (SELECT count(*) FROM delivery JOIN subscription USING (target, type)
        WHERE status = 'pending') + (SELECT count(*) FROM delivery WHERE status = 'sending')
        AS deliveries`);
  return async () => {
    const row = one.get() as Record<string, number> & { oldestQuestionAt: number | null };
    const { working = 0, queued = 0, inputRequired = 0, openQuestions = 0 } = row;
    const { pending = 0, running = 0, deliveries = 0 } = row;
    const figures: StoreFigures = {
      runs: { working: working - queued, queued, inputRequired },
      openQuestions,
      oldestQuestionAt: row.oldestQuestionAt,
      effects: { pending, running },
      deliveries,
    };
    return figures;
  };
}
