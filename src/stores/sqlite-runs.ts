/** The runs of the SQLite store, their inboxes, and the steps that they take. */
import type { Database } from 'better-sqlite3';
import { InvariantError, RequestError } from '../errors.ts';
import type { NewLogEvent } from '../log-events.ts';
import type { RunEvent } from './events.ts';
import type { NewRevision, SavedRun } from './rows.ts';
import { prepareCreate } from './sqlite-create.ts';
import { prepareLogOn } from './sqlite-log.ts';
import { prepareAddRevision } from './sqlite-revisions.ts';
import { type Row, runOf } from './sqlite-rows.ts';
import { prepareChange } from './sqlite-step.ts';
import type { Store } from './store.ts';

/** One transaction with its boundaries: before it, inside before its commit, and after. */
export type Write = <T>(name: string, body: (now: number) => T) => T;

export type Inbox = ReturnType<typeof prepareInbox>;

export function prepareInbox(db: Database) {
  const add = db.prepare(`
    INSERT INTO inbox (run_id, dedup_key, event, status, at) VALUES (?, ?, ?, 'waiting', ?)
    ON CONFLICT (dedup_key) DO NOTHING`);
  const next = db.prepare(`
    SELECT seq, event FROM inbox WHERE run_id = ? AND status = 'waiting' ORDER BY seq LIMIT 1`);
  const close = db.prepare('UPDATE inbox SET status = ?, error = ? WHERE seq = ?');
  return {
    add: (runId: string, dedupKey: string, event: RunEvent, now: number) =>
      add.run(runId, dedupKey, JSON.stringify(event), now).changes === 1,
    next: (runId: string) => next.get(runId) as { seq: number; event: string } | undefined,
    close: (seq: number, status: 'taken' | 'late' | 'set_aside', error: string | null = null) =>
      close.run(status, error, seq),
  };
}

export function prepareRuns(
  db: Database,
  write: Write,
  inbox: Inbox,
): Pick<Store, 'createRun' | 'step' | 'cancel' | 'run' | 'runOf'> {
  const read = db.prepare('SELECT * FROM run WHERE id = ?');
  const ofTenant = db.prepare('SELECT * FROM run WHERE id = ? AND tenant_id = ?');
  const reports = db.prepare(`
    SELECT report.agent, report.text FROM tool_call JOIN report
      ON report.run_id = tool_call.run_id AND report.call = tool_call.path
    WHERE tool_call.run_id = ? AND tool_call.result IS NULL`);
  const fail = db.prepare(`
    UPDATE run SET status = 'failed', revision = revision + 1, failure = ?, updated_at = ?
    WHERE id = ? RETURNING team, revision`);
  const logOn = prepareLogOn(db);
  const unblock = db
    .prepare('UPDATE run SET blocked_by = NULL, updated_at = ? WHERE blocked_by = ? RETURNING id')
    .pluck();
  const writeChange = prepareChange(db);
  const addRevision = prepareAddRevision(db);
  const beside = prepareAsked(db);
  const dropQueued = prepareDropQueued(db);
  const dropWaiting = db.prepare(`
    UPDATE inbox SET status = 'late' WHERE run_id = ? AND status = 'waiting'
      AND json_extract(event, '$.type') <> 'run.cancelled'`);
  const closeAll = prepareCloseAll(db);

  return {
    createRun: prepareCreate(db, write, inbox),

    step: async (runId, decide) => {
      let waiting: { seq: number; event: string } | undefined;
      try {
        return write('step', (now) => {
          const row = read.get(runId) as Row;
          waiting = row['blocked_by'] === null ? inbox.next(runId) : undefined;
          if (!waiting) return { event: null };
          const event = JSON.parse(waiting.event) as RunEvent;
          const known = reports.all(runId) as { agent: string; text: string }[];
          const run = savedRunOf(row, known, beside(runId));
          const change = isEnded(row) ? undefined : safely(() => decide(run, event));
          const effects = change ? writeChange(run, change, now) : [];
          inbox.close(waiting.seq, change ? 'taken' : 'late');
          const status = change?.status ?? runOf(row).status;
          const over = status !== 'working' && status !== 'input_required';
          const unblocked = over ? (unblock.all(now, runId) as string[]) : [];
          const asked = (change?.questions.length ?? 0) > 0;
          return { event, taken: change !== undefined, status, effects, asked, unblocked };
        });
      } catch (error) {
        if (!waiting || !setsAside(error)) throw error;
        const { seq, event } = waiting;
        const message = 'A step of this run failed inside. Everything it had done is kept.';
        const unblocked = write('set aside', (now) => {
          inbox.close(seq, 'set_aside', String(error));
          const failure = { code: 'internal_error', message } as const;
          const failed = fail.get(JSON.stringify(failure), now, runId) as Row;
          const agent = failed['team'] as string;
          addRevision(runId, failed['revision'] as number, now, failedInside);
          const cancelled = closeAll(runId, now);
          logOn(runId, [...cancelled, { type: 'run.failed', agent, path: '', failure }], now);
          return unblock.all(now, runId) as string[];
        });
        const left = { status: 'failed', effects: [], asked: false, unblocked } as const;
        return { event: JSON.parse(event), taken: false, ...left };
      }
    },

    cancel: async (tenantId, runId, atOnce = false) =>
      write('cancel', (now) => {
        const row = ofTenant.get(runId, tenantId) as Row | undefined;
        if (!row || isEnded(row)) return false;
        if (row['blocked_by'] !== null) {
          dropQueued(runId, row, now);
          return true;
        }
        if (atOnce) dropWaiting.run(runId);
        inbox.add(runId, `${runId}:cancel`, { type: 'run.cancelled' }, now);
        return true;
      }),

    runOf: async (tenantId, runId) => {
      const row = ofTenant.get(runId, tenantId) as Row | undefined;
      return row && runOf(row);
    },

    run: async (runId) => {
      const row = read.get(runId) as Row | undefined;
      return row && runOf(row);
    },
  };
}

/** The last step of a run that failed inside moves nothing: its actors are kept as they are. */
const failedInside: NewRevision = {
  event: { type: 'run.failed', path: '' },
  moves: [],
  effects: [],
};

/** Closes whatever a run that failed inside left open, and tells of the questions. */
function prepareCloseAll(db: Database) {
  const effects = db.prepare(`
    UPDATE effect SET status = 'cancelled'
    WHERE run_id = ? AND status IN ('pending','running','unknown')`);
  const questions = db.prepare(`
    UPDATE question SET status = 'cancelled', closed_at = ? WHERE run_id = ? AND status = 'open'
    RETURNING id, call, asked_by`);
  const waiting = db.prepare(
    "UPDATE inbox SET status = 'late' WHERE run_id = ? AND status = 'waiting'",
  );
  return (runId: string, now: number): NewLogEvent[] => {
    effects.run(runId);
    waiting.run(runId);
    return (questions.all(now, runId) as Record<string, string>[]).map(
      ({ id: questionId = '', call: path = '', asked_by: agent = '' }) => ({
        type: 'question.cancelled',
        agent,
        path,
        questionId,
      }),
    );
  };
}

/** A run that has not begun ends at once, and those behind it move up. */
function prepareDropQueued(db: Database) {
  const moveUp = db.prepare('UPDATE run SET blocked_by = ? WHERE blocked_by = ? AND tenant_id = ?');
  const end = db
    .prepare(`
      UPDATE run SET status = 'cancelled', blocked_by = NULL, updated_at = ?
      WHERE id = ? AND tenant_id = ? RETURNING team`)
    .pluck();
  const close = db.prepare(
    "UPDATE inbox SET status = 'late' WHERE run_id = ? AND status = 'waiting'",
  );
  const logOn = prepareLogOn(db);
  return (runId: string, { blocked_by, tenant_id }: Row, now: number) => {
    moveUp.run(blocked_by, runId, tenant_id);
    const agent = end.get(now, runId, tenant_id) as string;
    logOn(runId, [{ type: 'run.cancelled', agent, path: '' }], now);
    close.run(runId);
  };
}

/** What a step throws is a bug, except a refusal, which leaves the run as it is. */
function safely<T>(decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (error instanceof RequestError || error instanceof InvariantError) throw error;
    throw new InvariantError('A step failed.', error);
  }
}

/** Errors that the same event would meet again: a bug, or a rule of the tables that was broken. */
function setsAside(error: unknown): boolean {
  if (error instanceof InvariantError) return true;
  return error instanceof Error && String(Object(error).code).startsWith('SQLITE_CONSTRAINT');
}

function isEnded(run: Row): boolean {
  return run['status'] !== 'working' && run['status'] !== 'input_required';
}

/** What a step may ask for beside the run itself. */
type Asked = Pick<SavedRun, 'used' | 'toolCall' | 'openQuestion'>;

function prepareAsked(db: Database): (runId: string) => Asked {
  const used = db.prepare(`
    SELECT
      (SELECT count(*) FROM tool_call WHERE run_id = @runId AND intent = 'delegation') AS delegations,
      (SELECT count(*) FROM question WHERE run_id = @runId) AS questions`);
  const toolCall = db.prepare(
    'SELECT name, arguments FROM tool_call WHERE run_id = ? AND path = ?',
  );
  const openQuestion = db
    .prepare("SELECT id FROM question WHERE run_id = ? AND call = ? AND status = 'open'")
    .pluck();
  return (runId) => ({
    used: () => used.get({ runId }) as ReturnType<SavedRun['used']>,
    toolCall: (path) => toolCall.get(runId, path) as ReturnType<SavedRun['toolCall']>,
    openQuestion: (call) => openQuestion.get(runId, call) as string | undefined,
  });
}

function savedRunOf(
  row: Row,
  reports: readonly { agent: string; text: string }[],
  asked: Asked,
): SavedRun {
  return {
    ...asked,
    id: row['id'] as string,
    team: row['team'] as string,
    definition: row['definition'] as string,
    revision: row['revision'] as number,
    chartVersion: row['chart_version'] as number,
    snapshot: row['snapshot'] as string | null,
    reports: Object.fromEntries(reports.map(({ agent, text }) => [agent, text])),
  };
}
