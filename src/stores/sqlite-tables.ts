/**
 * The tables of the SQLite store, and the rules that hold whatever the code does: results never change,
 * ended effects stay ended, and no model is called beside an open call.
 */
import { deliveryTables } from './sqlite-deliveries.ts';
import { onceTables } from './sqlite-once.ts';
import { revisionTable } from './sqlite-revisions.ts';
import { tokenTables } from './sqlite-tokens.ts';
import { usageTables } from './sqlite-usage.ts';

/** Schema 2. Older ones were never released. */
export const firstTables = `
  CREATE TABLE run (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    tenant_id     TEXT NOT NULL,
    session_id    TEXT NOT NULL,
    team          TEXT NOT NULL,
    message       TEXT NOT NULL,
    message_id    TEXT NOT NULL,
    user_id       TEXT,
    metadata      TEXT NOT NULL CHECK (json_valid(metadata)),
    dependencies  TEXT NOT NULL CHECK (json_valid(dependencies)),
    definition    TEXT NOT NULL CHECK (json_valid(definition)),
    status        TEXT NOT NULL
                  CHECK (status IN ('working','input_required','completed','failed','cancelled')),
    -- The run of the session that must end before this one begins.
    blocked_by    TEXT REFERENCES run (id),
    revision      INTEGER NOT NULL,
    snapshot      TEXT CHECK (json_valid(snapshot)),
    chart_version INTEGER NOT NULL,
    content       TEXT,
    failure       TEXT CHECK (json_valid(failure)),
    log_length    INTEGER NOT NULL DEFAULT 0,
    worked_ms     INTEGER NOT NULL DEFAULT 0,
    -- The W3C traceparent of the span under which it last worked.
    trace         TEXT,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX run_by_session ON run (tenant_id, session_id, number);
  CREATE INDEX run_by_message ON run (tenant_id, session_id, message_id, number);
  CREATE INDEX run_by_tenant ON run (tenant_id, number);
  CREATE INDEX run_by_status ON run (tenant_id, status, number);
  CREATE INDEX run_unfinished ON run (tenant_id, session_id)
    WHERE status IN ('working','input_required');
  CREATE INDEX run_counted ON run (status) WHERE status IN ('working','input_required');
  CREATE INDEX run_ended ON run (updated_at) WHERE status IN ('completed','failed','cancelled');
  CREATE INDEX run_blocked ON run (blocked_by) WHERE blocked_by IS NOT NULL;

  -- What has happened to a run and waits for its step, or was taken. Kept as long as the run.
  CREATE TABLE inbox (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id    TEXT NOT NULL REFERENCES run (id),
    dedup_key TEXT NOT NULL UNIQUE,
    event     TEXT NOT NULL CHECK (json_valid(event)),
    status    TEXT NOT NULL CHECK (status IN ('waiting','taken','late','set_aside')),
    error     TEXT,
    at        INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX inbox_by_run ON inbox (run_id);
  CREATE INDEX inbox_waiting ON inbox (run_id, seq) WHERE status = 'waiting';

  CREATE TABLE message (
    run_id   TEXT NOT NULL REFERENCES run (id),
    agent    TEXT NOT NULL,
    seq      INTEGER NOT NULL,
    role     TEXT NOT NULL CHECK (role IN ('user','assistant')),
    text     TEXT,
    verbatim TEXT CHECK (json_valid(verbatim)),
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
    -- What the model wrote, where that cannot be sent again; null where it is the same.
    raw_name      TEXT,
    raw_arguments TEXT,
    intent      TEXT NOT NULL
                CHECK (intent IN ('refusal','delegation','question','tool','heldTool')),
    repeatable  INTEGER NOT NULL CHECK (repeatable IN (0, 1)),
    source      TEXT
                CHECK (source IN ('tool','member','user','expiry','refusal','cancellation')),
    result      TEXT,
    PRIMARY KEY (run_id, path),
    UNIQUE (run_id, agent, message_seq, position)
  ) STRICT, WITHOUT ROWID;
  -- An expression, because with the columns themselves the search goes through all calls of the run.
  CREATE INDEX tool_call_open ON tool_call (run_id || '/' || agent) WHERE result IS NULL;
  CREATE INDEX tool_call_delegation ON tool_call (run_id) WHERE intent = 'delegation';

  CREATE TRIGGER a_result_never_changes BEFORE UPDATE ON tool_call
  WHEN OLD.result IS NOT NULL
  BEGIN SELECT RAISE(ABORT, 'the tool call already has its result'); END;

  CREATE TABLE report (
    run_id  TEXT NOT NULL,
    call    TEXT NOT NULL,
    agent   TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('reported','failed','cancelled','skipped')),
    text    TEXT NOT NULL,
    PRIMARY KEY (run_id, agent),
    FOREIGN KEY (run_id, call) REFERENCES tool_call (run_id, path)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX report_by_call ON report (run_id, call);

  CREATE TRIGGER a_report_never_changes BEFORE UPDATE ON report
  BEGIN SELECT RAISE(ABORT, 'the member already reported'); END;

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
    tries      INTEGER NOT NULL DEFAULT 0,
    unusable   INTEGER NOT NULL DEFAULT 0,
    -- When a pending effect that was put off is tried again.
    wake_at    INTEGER,
    stall      TEXT CHECK (json_valid(stall)),
    -- Whether its tries are spent for now; between the tries of a round it does not rest.
    rests      INTEGER NOT NULL DEFAULT 0 CHECK (rests IN (0, 1) AND (rests = 0 OR stall IS NOT NULL)),
    at         INTEGER NOT NULL,
    -- Whether the log has something that this attempt of a model call said.
    said       INTEGER NOT NULL DEFAULT 0 CHECK (said IN (0, 1))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX effect_by_run ON effect (run_id, path);
  CREATE INDEX effect_unfinished ON effect (run_id) WHERE status IN ('pending','running');
  CREATE INDEX effect_waking ON effect (wake_at) WHERE status = 'pending' AND wake_at IS NOT NULL;

  CREATE TRIGGER no_model_call_beside_an_open_call BEFORE INSERT ON effect
  WHEN NEW.kind = 'callModel' AND EXISTS (
    SELECT 1 FROM tool_call
    WHERE run_id || '/' || agent = NEW.run_id || '/' || NEW.path AND result IS NULL)
  BEGIN SELECT RAISE(ABORT, 'a model call while a tool call is unanswered'); END;

  CREATE TRIGGER an_ended_effect_stays_ended BEFORE UPDATE OF status ON effect
  WHEN OLD.status IN ('done','cancelled')
  BEGIN SELECT RAISE(ABORT, 'the effect has ended'); END;

  CREATE TABLE question (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT NOT NULL UNIQUE,
    tenant_id      TEXT NOT NULL,
    run_id         TEXT NOT NULL REFERENCES run (id),
    call           TEXT NOT NULL,
    asked_by       TEXT NOT NULL,
    reason         TEXT NOT NULL CHECK (
                     reason IN ('input_required','approval','external_execution','outcome_unknown')),
    prompt         TEXT NOT NULL,
    fields         TEXT NOT NULL CHECK (json_valid(fields)),
    arguments_hash TEXT NOT NULL,
    status         TEXT NOT NULL CHECK (status IN ('open','answered','expired','cancelled')),
    opened_at      INTEGER NOT NULL,
    remind_at      INTEGER,
    expires_at     INTEGER,
    on_expiry      TEXT CHECK (json_valid(on_expiry)),
    assignee       TEXT,
    claimed_by     TEXT,
    answer         TEXT CHECK (json_valid(answer)),
    answer_hash    TEXT,
    answered_by    TEXT,
    closed_at      INTEGER,
    FOREIGN KEY (run_id, call) REFERENCES tool_call (run_id, path)
  ) STRICT;
  -- With the tenant, or a run's questions would be looked for among all of its tenant.
  CREATE INDEX question_by_run ON question (run_id, tenant_id, number);
  CREATE INDEX question_by_tenant ON question (tenant_id, number);
  CREATE INDEX question_open ON question (tenant_id, number) WHERE status = 'open';
  CREATE INDEX question_expiring ON question (expires_at)
    WHERE status = 'open' AND expires_at IS NOT NULL;

  CREATE TRIGGER a_closed_question_stays_closed
  BEFORE UPDATE OF status, answer, answer_hash, answered_by, closed_at ON question
  WHEN OLD.status <> 'open'
  BEGIN SELECT RAISE(ABORT, 'the question is closed'); END;

  CREATE TABLE session (
    tenant_id TEXT NOT NULL,
    id        TEXT NOT NULL,
    state     TEXT NOT NULL CHECK (json_valid(state)),
    PRIMARY KEY (tenant_id, id)
  ) STRICT, WITHOUT ROWID;

  -- Tools that a person allowed for the rest of a session.
  CREATE TABLE remembered_approval (
    id          TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL,
    session_id  TEXT NOT NULL,
    agent       TEXT NOT NULL,
    tool        TEXT NOT NULL,
    -- It may be gone with its run; the approval stays as long as its session.
    question_id TEXT NOT NULL,
    created_at  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX remembered_by_session ON remembered_approval (tenant_id, session_id);

  CREATE TABLE log (
    run_id TEXT NOT NULL REFERENCES run (id),
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    type   TEXT NOT NULL,
    agent  TEXT NOT NULL,
    data   TEXT NOT NULL CHECK (json_valid(data)),
    PRIMARY KEY (run_id, seq)
  ) STRICT, WITHOUT ROWID;
  ${usageTables}
  ${revisionTable}
  ${deliveryTables}
  ${onceTables}
  ${tokenTables}`;

/** Schema 3: which messages a run was begun with. */
export const joinedMessages = `
  -- The earlier ones of the messages that a run's message is joined of.
  CREATE TABLE joined_message (
    run_id        TEXT NOT NULL REFERENCES run (id),
    position      INTEGER NOT NULL,
    message_id    TEXT NOT NULL,
    message       TEXT NOT NULL,
    PRIMARY KEY (run_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX joined_by_message ON joined_message (message_id);
  DROP INDEX run_by_message;
  CREATE INDEX run_by_message ON run (tenant_id, message_id, session_id);`;
