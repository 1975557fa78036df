/** What the SQLite store keeps of every step, and what it tells of where a run stands. */
import type { Database } from 'better-sqlite3';
import type { NewRevision, RevisionRow } from './rows.ts';
import { ofTenant, questionColumns, questionOf, type Row, runOf } from './sqlite-rows.ts';
import type { StandingCall, StandingEffect } from './standing.ts';
import type { Store } from './store.ts';

/** What each step did to the actors; the states that they are in now are in the run's snapshot. */
export const revisionTable = `
  CREATE TABLE revision (
    run_id   TEXT NOT NULL REFERENCES run (id),
    revision INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    event    TEXT NOT NULL,
    path     TEXT NOT NULL,
    moves    TEXT NOT NULL CHECK (json_valid(moves)),
    effects  TEXT NOT NULL CHECK (json_valid(effects)),
    PRIMARY KEY (run_id, revision)
  ) STRICT, WITHOUT ROWID;`;

/** Adds what one step did; part of the step's own transaction. */
export function prepareAddRevision(db: Database) {
  const add = db.prepare(`
    INSERT INTO revision (run_id, revision, at, event, path, moves, effects)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  return (runId: string, revision: number, now: number, step: NewRevision) => {
    const { event, moves, effects } = step;
    const rest = [JSON.stringify(moves), JSON.stringify(effects)];
    add.run(runId, revision, now, event.type, event.path, ...rest);
  };
}

export function prepareRevisions(db: Database): Pick<Store, 'standing' | 'revisions'> {
  const read = db.prepare('SELECT * FROM run WHERE id = ? AND tenant_id = ?');
  const revisions = db.prepare(`
    SELECT revision, at, event, path, moves, effects FROM revision
    WHERE ${ofTenant} AND revision <= @upTo ORDER BY revision`);
  const standingCalls = `
    SELECT path FROM tool_call WHERE run_id = @runId AND (agent, message_seq) IN (
      SELECT agent, message_seq FROM tool_call WHERE run_id = @runId AND result IS NULL)`;
  const calls = db.prepare(`
    SELECT path, name FROM tool_call WHERE run_id = @runId AND path IN (${standingCalls})
    ORDER BY agent, message_seq, position`);
  const questions = db.prepare(`
    ${questionColumns} WHERE question.run_id = @runId AND question.tenant_id = @tenantId
      AND question.call IN (${standingCalls})
    ORDER BY question.number`);
  const effects = db.prepare(`
    SELECT kind, path, status, attempt,
      iif(rests = 1, stall ->> '$.message', NULL) AS stalledBy FROM effect
    WHERE run_id = ? AND status IN ('pending','running','unknown') ORDER BY at`);
  const waiting = db
    .prepare("SELECT count(*) FROM inbox WHERE run_id = ? AND status = 'waiting'")
    .pluck();
  const revisionsOf = (tenantId: string, runId: string, upTo: number) =>
    (revisions.all({ tenantId, runId, upTo }) as Row[]).map(revisionOf);

  return {
    standing: async (tenantId, runId) =>
      db.transaction(() => {
        const row = read.get(runId, tenantId) as Row | undefined;
        if (!row) return undefined;
        return {
          run: runOf(row),
          blockedBy: row['blocked_by'] as string | null,
          snapshot: row['snapshot'] as string | null,
          calls: calls.all({ runId }) as StandingCall[],
          questions: (questions.all({ tenantId, runId }) as Row[]).map(questionOf),
          effects: effects.all(runId) as StandingEffect[],
          waiting: waiting.get(runId) as number,
          revisions: revisionsOf(tenantId, runId, Number.MAX_SAFE_INTEGER),
        };
      })(),
    revisions: async (tenantId, runId, upTo) => revisionsOf(tenantId, runId, upTo),
  };
}

function revisionOf(row: Row): RevisionRow {
  return {
    revision: row['revision'] as number,
    at: row['at'] as number,
    event: { type: row['event'] as string, path: row['path'] as string },
    moves: JSON.parse(row['moves'] as string),
    effects: JSON.parse(row['effects'] as string),
  };
}
