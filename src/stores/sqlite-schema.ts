/**
 * The tables of the SQLite store, as numbered migrations, and the rules that hold whatever the code
 * does: results never change, ended effects stay ended, and no model is called beside an open call.
 */
import type { Database } from 'better-sqlite3';
import { RequestError } from '../errors.ts';

/** Marks the file as ours: "CDZA" in ASCII. */
const applicationId = 0x43445a41;

const migrations: readonly string[] = [
  `
  CREATE TABLE run (
    id            TEXT PRIMARY KEY,
    session_id    TEXT NOT NULL,
    team          TEXT NOT NULL,
    message       TEXT NOT NULL,
    status        TEXT NOT NULL
                  CHECK (status IN ('working','input_required','completed','failed','cancelled')),
    revision      INTEGER NOT NULL,
    snapshot      TEXT CHECK (json_valid(snapshot)),
    chart_version INTEGER NOT NULL,
    content       TEXT,
    failure       TEXT CHECK (json_valid(failure)),
    log_length    INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX run_by_session ON run (session_id, created_at);

  -- What has happened to a run and waits for its step, or was taken. Kept for ever.
  CREATE TABLE inbox (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id    TEXT NOT NULL REFERENCES run (id),
    dedup_key TEXT NOT NULL UNIQUE,
    event     TEXT NOT NULL CHECK (json_valid(event)),
    status    TEXT NOT NULL CHECK (status IN ('waiting','taken','late','set_aside')),
    error     TEXT,
    at        INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX inbox_waiting ON inbox (run_id, seq) WHERE status = 'waiting';

  CREATE TABLE message (
    run_id TEXT NOT NULL REFERENCES run (id),
    agent  TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    role   TEXT NOT NULL CHECK (role IN ('user','assistant')),
    text   TEXT,
    PRIMARY KEY (run_id, agent, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tool_call (
    run_id      TEXT NOT NULL REFERENCES run (id),
    path        TEXT NOT NULL,
    agent       TEXT NOT NULL,
    message_seq INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    arguments   TEXT NOT NULL CHECK (json_valid(arguments)),
    intent      TEXT NOT NULL CHECK (intent IN ('refusal','delegation','question','tool')),
    member      TEXT,
    source      TEXT CHECK (source IN ('tool','member','user','refusal','cancellation')),
    result      TEXT,
    PRIMARY KEY (run_id, path),
    UNIQUE (run_id, agent, message_seq, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tool_call_open ON tool_call (run_id, agent) WHERE result IS NULL;

  CREATE TRIGGER a_result_never_changes BEFORE UPDATE ON tool_call
  WHEN OLD.result IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'the tool call already has its result'); END;

  CREATE TABLE effect (
    id         TEXT PRIMARY KEY,
    run_id     TEXT NOT NULL REFERENCES run (id),
    kind       TEXT NOT NULL CHECK (kind IN ('callModel','runTool')),
    path       TEXT NOT NULL,
    name       TEXT NOT NULL,
    up_to      INTEGER NOT NULL,
    repeatable INTEGER NOT NULL CHECK (repeatable IN (0, 1)),
    status     TEXT NOT NULL CHECK (status IN ('pending','running','done','unknown','cancelled')),
    attempt    INTEGER NOT NULL DEFAULT 0,
    at         INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX effect_by_run ON effect (run_id, path);
  CREATE INDEX effect_unfinished ON effect (status) WHERE status IN ('pending','running');

  CREATE TRIGGER no_model_call_beside_an_open_call BEFORE INSERT ON effect
  WHEN NEW.kind = 'callModel' AND EXISTS (
    SELECT 1 FROM tool_call
    WHERE run_id = NEW.run_id AND agent = NEW.path AND result IS NULL)
  BEGIN SELECT RAISE(ABORT, 'a model call while a tool call is unanswered'); END;

  CREATE TRIGGER an_ended_effect_stays_ended BEFORE UPDATE OF status ON effect
  WHEN OLD.status IN ('done','cancelled')
  BEGIN SELECT RAISE(ABORT, 'the effect has ended'); END;

  CREATE TABLE question (
    id          TEXT PRIMARY KEY,
    run_id      TEXT NOT NULL REFERENCES run (id),
    call        TEXT NOT NULL,
    asked_by    TEXT NOT NULL,
    reason      TEXT NOT NULL CHECK (reason IN ('input_required','outcome_unknown')),
    prompt      TEXT NOT NULL,
    fields      TEXT NOT NULL CHECK (json_valid(fields)),
    status      TEXT NOT NULL CHECK (status IN ('open','answered','cancelled')),
    answer      TEXT CHECK (json_valid(answer)),
    answer_hash TEXT,
    opened_at   INTEGER NOT NULL,
    closed_at   INTEGER,
    FOREIGN KEY (run_id, call) REFERENCES tool_call (run_id, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX question_by_run ON question (run_id, opened_at, id);

  CREATE TRIGGER a_closed_question_stays_closed BEFORE UPDATE ON question
  WHEN OLD.status <> 'open'
  BEGIN SELECT RAISE(ABORT, 'the question is closed'); END;

  CREATE TABLE log (
    run_id TEXT NOT NULL REFERENCES run (id),
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    type   TEXT NOT NULL,
    agent  TEXT NOT NULL,
    data   TEXT NOT NULL CHECK (json_valid(data)),
    PRIMARY KEY (run_id, seq)
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * Brings the file to the newest schema.
 *
 * @throws RequestError `store_unusable` if the file is another program's, or a newer build's
 */
export function migrate(db: Database, file: string): void {
  const found = db.pragma('application_id', { simple: true });
  const version = Number(db.pragma('user_version', { simple: true }));
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (found !== applicationId && (found !== 0 || tables !== 0)) {
    throw new RequestError(
      'store_unusable',
      `"${file}" is a database of another program. It is unchanged: name another file.`,
    );
  }
  if (version > migrations.length) {
    throw new RequestError(
      'store_unusable',
      `"${file}" has schema ${version}; this build reads up to ${migrations.length}. It is unchanged: use a newer build.`,
    );
  }
  db.transaction(() => {
    for (const migration of migrations.slice(version)) db.exec(migration);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}
