/** The unfinished runs of the SQLite store: read with all that they need, and rewritten. */
import type { Database } from 'better-sqlite3';
import { argumentsHash } from '../questions/fields.ts';
import { prepareAddEvents } from './sqlite-log.ts';
import { prepareAddRevision } from './sqlite-revisions.ts';
import { type Row, runOf } from './sqlite-rows.ts';
import type { Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';
import type { Adoption, OpenCallRow, UnfinishedFilter, UnfinishedRun } from './unfinished.ts';

/** Reads only, so that it can be prepared on a file that another process writes. */
export function prepareUnfinished(db: Database): Pick<Store, 'unfinished'> {
  const page = (which: string) =>
    db.prepare(`
      SELECT * FROM run
      WHERE status IN ('working','input_required') AND ${which}
        AND number > coalesce((SELECT number FROM run WHERE id = @after), 0)
      ORDER BY number LIMIT @limit`);
  const all = page('TRUE');
  const one = page('id = @runId');
  const interrupted = page(`id IN (
    SELECT run_id FROM inbox WHERE status = 'waiting'
    UNION SELECT run_id FROM effect WHERE status IN ('pending','running'))`);
  const openCalls = db.prepare(
    'SELECT path, name, arguments FROM tool_call WHERE run_id = ? AND result IS NULL',
  );
  const waiting = db.prepare(
    "SELECT seq, event FROM inbox WHERE run_id = ? AND status = 'waiting' ORDER BY seq",
  );
  const unfinishedOf = (row: Row): UnfinishedRun => ({
    run: runOf(row),
    snapshot: row['snapshot'] as string | null,
    openCalls: openCalls.all(row['id']) as OpenCallRow[],
    waiting: (waiting.all(row['id']) as { seq: number; event: string }[]).map(({ seq, event }) => ({
      seq,
      event: JSON.parse(event),
    })),
  });
  return {
    unfinished: async (filter: UnfinishedFilter) => {
      const { runId, limit } = filter;
      const after = filter.after ?? null;
      const rows =
        runId === undefined
          ? (filter.interrupted ? interrupted : all).all({ after, limit })
          : one.all({ runId, after, limit });
      return (rows as Row[]).map(unfinishedOf);
    },
  };
}

/** Rewrites a run, if nobody took a step of it meanwhile. */
export function prepareAdopt(db: Database, write: Write): Pick<Store, 'adopt'> {
  const update = db.prepare(`
    UPDATE run SET team = @team, definition = @definition, snapshot = @snapshot,
      chart_version = @chartVersion, revision = revision + 1, log_length = log_length + @logged
    WHERE id = @runId AND revision = @revision AND status IN ('working','input_required')
    RETURNING log_length`);
  // In one go, so that two agents may change names with each other.
  const renameEffects = db.prepare(`
    UPDATE effect SET name = (SELECT value FROM json_each(@agents) WHERE key = effect.name)
    WHERE run_id = @runId AND status IN ('pending','running','unknown')
      AND name IN (SELECT key FROM json_each(@agents))`);
  const renameAskers = db.prepare(`
    UPDATE question
    SET asked_by = (SELECT value FROM json_each(@agents) WHERE key = question.asked_by)
    WHERE run_id = @runId AND status = 'open'
      AND asked_by IN (SELECT key FROM json_each(@agents))`);
  const renameTool = prepareRenameTool(db);
  const addRevision = prepareAddRevision(db);
  const rewriteEvent = db.prepare(
    "UPDATE inbox SET event = ? WHERE seq = ? AND run_id = ? AND status = 'waiting'",
  );
  const addEvents = prepareAddEvents(db);
  return {
    adopt: async (runId, revision, adoption: Adoption) =>
      write('adopt', (now) => {
        const { team, definition, snapshot, chartVersion, tools, log } = adoption;
        const agents = JSON.stringify(adoption.agents);
        const logged = log.length;
        const row = { runId, revision, team, definition, snapshot, chartVersion, logged };
        const updated = update.get(row) as { log_length: number } | undefined;
        if (!updated) return false;
        addRevision(runId, revision + 1, now, adoption.step);
        renameEffects.run({ runId, agents });
        renameAskers.run({ runId, agents });
        for (const [path, name] of Object.entries(tools)) renameTool(runId, path, name);
        for (const { seq, event } of adoption.waiting) {
          rewriteEvent.run(JSON.stringify(event), seq, runId);
        }
        addEvents(runId, updated.log_length - logged + 1, log, now);
        return true;
      }),
  };
}

/** A call's questions are bound to its tool's name, the closed ones too. */
function prepareRenameTool(db: Database) {
  const rename = db
    .prepare(`
      UPDATE tool_call SET name = ? WHERE run_id = ? AND path = ? AND result IS NULL
      RETURNING arguments`)
    .pluck();
  const bind = db.prepare('UPDATE question SET arguments_hash = ? WHERE run_id = ? AND call = ?');
  return (runId: string, path: string, name: string) => {
    const args = rename.get(name, runId, path) as string | undefined;
    // The call of a reply that waits for its step has no row yet.
    if (args !== undefined) bind.run(argumentsHash(runId, path, name, args), runId, path);
  };
}
