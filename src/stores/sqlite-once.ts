/** Requests that carry a key, in the SQLite store: each is answered once, whoever repeats it. */
import type { Database } from 'better-sqlite3';
import { RequestError } from '../errors.ts';
import type { KeyedRequest, KeyedRun } from './keyed.ts';
import type { Row } from './sqlite-rows.ts';
import type { Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';

/** How long a key is kept, in milliseconds. */
export const keyKeptMs = 24 * 60 * 60 * 1_000;

/** A part of the schema's first migration. */
export const onceTables = `
  CREATE TABLE keyed_request (
    tenant_id TEXT NOT NULL,
    -- Empty where nobody says who asks.
    user_id   TEXT NOT NULL,
    route     TEXT NOT NULL,
    key       TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    -- The run that the request is about: one that it started from the moment it exists, another one
    -- from the answer on.
    run_id    TEXT REFERENCES run (id),
    -- How long the run's log was before.
    log_length INTEGER,
    -- Null until there is one, and where it was a stream.
    response  TEXT,
    at        INTEGER NOT NULL,
    CHECK ((run_id IS NULL) = (log_length IS NULL)),
    PRIMARY KEY (tenant_id, user_id, route, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keyed_request_by_age ON keyed_request (at);
  CREATE INDEX keyed_request_by_run ON keyed_request (run_id) WHERE run_id IS NOT NULL;
  `;

const byKey = 'tenant_id = @tenantId AND user_id = @userId AND route = @route AND key = @key';

export function prepareOnce(
  db: Database,
  write: Write,
): Pick<Store, 'beginRequest' | 'endRequest'> {
  const forget = prepareForget(db);
  const read = db.prepare(`SELECT * FROM keyed_request WHERE ${byKey}`);
  const add = db.prepare(`
    INSERT INTO keyed_request (tenant_id, user_id, route, key, body_hash, at)
    VALUES (@tenantId, @userId, @route, @key, @bodyHash, @now)`);
  const keep = db.prepare(`UPDATE keyed_request SET response = @response WHERE ${byKey}`);
  // It may have been pruned meanwhile.
  const name = db.prepare(`
    UPDATE keyed_request SET run_id = @runId, log_length = @logLength
    WHERE ${byKey} AND run_id IS NULL
      AND EXISTS (SELECT 1 FROM run WHERE run.id = @runId AND run.tenant_id = @tenantId)`);
  // A run that was started stays the key's own: repeating the request must not start another.
  const release = db.prepare(`DELETE FROM keyed_request WHERE ${byKey} AND run_id IS NULL`);
  return {
    beginRequest: async (request) =>
      write('begin request', (now) => {
        forget(now);
        const row = read.get(request) as Row | undefined;
        if (!row) {
          add.run({ ...request, now });
          return {};
        }
        if (row['body_hash'] !== request.bodyHash) return { otherBody: true };
        return {
          ...(row['response'] === null ? {} : { response: row['response'] as string }),
          ...(row['run_id'] === null ? {} : { run: runIn(row) }),
        };
      }),
    endRequest: async (request, outcome) =>
      write('end request', () => {
        if (outcome) keep.run({ ...request, response: outcome.response ?? null });
        else release.run(request);
        if (outcome?.run) name.run({ ...request, ...outcome.run });
      }),
  };
}

/** Forgets keys that are too old, with what was answered to them. */
export function prepareForget(db: Database) {
  const forget = db.prepare('DELETE FROM keyed_request WHERE at <= ?');
  return (now: number) => forget.run(now - keyKeptMs);
}

function runIn(row: Row): KeyedRun {
  return { runId: row['run_id'] as string, logLength: row['log_length'] as number };
}

/** Ties a run to the request that starts it, in the transaction that writes the run. */
export function prepareTie(db: Database) {
  const tie = db.prepare(
    `UPDATE keyed_request SET run_id = @runId, log_length = @logLength
    WHERE ${byKey} AND run_id IS NULL`,
  );
  return (request: KeyedRequest, run: KeyedRun) => {
    if (tie.run({ ...request, ...run }).changes === 1) return;
    throw new RequestError(
      'idempotency_key_reused',
      'A request with an idempotency key starts one run. Start another one under another key.',
    );
  };
}
