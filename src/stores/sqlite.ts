/**
 * The SQLite store: one file, one writer process, every commit on disk before it is acknowledged.
 *
 * Everything is synchronous inside; the methods return promises because the contract is shared with
 * stores that are not. Each write passes three boundaries: before it, inside before its commit, and
 * after.
 */
import type { Database } from 'better-sqlite3';
import { boundary } from '../boundary.ts';
import { InvariantError, RequestError } from '../errors.ts';
import { outcomeQuestion } from '../questions.ts';
import { openDatabase } from './sqlite-open.ts';
import { effectOf, questionOf, type Row, runOf, transcriptOf } from './sqlite-rows.ts';
import { prepareChange } from './sqlite-step.ts';
import type { RunEvent, SavedRun, Store } from './store.ts';

/**
 * Opens a store in a SQLite file, creating the file if need be. `:memory:` keeps nothing.
 *
 * The file must lie on a local disk: network file systems do not keep the locks that hold a second
 * writer off. Beside it lie `-wal` and `-shm`, which belong to it, and `-writer`, the lock.
 *
 * @throws RequestError `store_in_use` or `store_unusable`
 */
export function sqliteStore(file: string): Store {
  const { db, close } = openDatabase(file);
  const write = <T>(name: string, body: (now: number) => T): T => {
    boundary(`${name}: begin`);
    const result = db
      .transaction(() => {
        const outcome = body(Date.now());
        boundary(`${name}: before commit`);
        return outcome;
      })
      .immediate();
    boundary(`${name}: committed`);
    return result;
  };
  const inbox = prepareInbox(db);
  return {
    ...prepareRuns(db, write, inbox),
    ...prepareEffects(db, write, inbox),
    ...prepareQuestions(db, write, inbox),
    ...prepareReads(db),
    close: async () => close(),
  };
}

type Write = <T>(name: string, body: (now: number) => T) => T;
type Inbox = ReturnType<typeof prepareInbox>;

function prepareInbox(db: Database) {
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

function prepareRuns(
  db: Database,
  write: Write,
  inbox: Inbox,
): Pick<Store, 'createRun' | 'step' | 'cancel'> {
  const add = db.prepare(`
    INSERT INTO run (id, session_id, team, message, status, revision, chart_version, created_at, updated_at)
    VALUES (@id, @sessionId, @team, @message, 'working', 0, 0, @now, @now)`);
  const read = db.prepare('SELECT * FROM run WHERE id = ?');
  const fail = db.prepare(`
    UPDATE run SET status = 'failed', revision = revision + 1, failure = ?, updated_at = ? WHERE id = ?`);
  const writeChange = prepareChange(db);

  return {
    createRun: async (run) => {
      write('createRun', (now) => {
        add.run({ ...run, now });
        inbox.add(run.id, `${run.id}:start`, { type: 'run.started', message: run.message }, now);
      });
    },

    step: async (runId, decide) => {
      let waiting: { seq: number; event: string } | undefined;
      try {
        return write('step', (now) => {
          waiting = inbox.next(runId);
          if (!waiting) return { event: null };
          const event = JSON.parse(waiting.event) as RunEvent;
          const row = read.get(runId) as Row;
          const run = savedRunOf(row);
          const change = isEnded(row) ? undefined : decide(run, event);
          const effects = change ? writeChange(run, change, now) : [];
          inbox.close(waiting.seq, change ? 'taken' : 'late');
          const status = change?.status ?? runOf(row).status;
          return { event, taken: change !== undefined, status, effects };
        });
      } catch (error) {
        if (!waiting || !setsAside(error)) throw error;
        const { seq, event } = waiting;
        const message = 'A step of this run failed inside. Everything it had done is kept.';
        write('set aside', (now) => {
          inbox.close(seq, 'set_aside', String(error));
          fail.run(JSON.stringify({ code: 'internal_error', message }), now, runId);
        });
        return { event: JSON.parse(event), taken: false, status: 'failed', effects: [] };
      }
    },

    cancel: async (runId) =>
      write('cancel', (now) => {
        if (isEnded(read.get(runId) as Row)) return false;
        inbox.add(runId, `${runId}:cancel`, { type: 'run.cancelled' }, now);
        return true;
      }),
  };
}

/** Errors that the same event would meet again: a bug, or a rule of the tables that was broken. */
function setsAside(error: unknown): boolean {
  if (error instanceof InvariantError) return true;
  return error instanceof Error && String(Object(error).code).startsWith('SQLITE_CONSTRAINT');
}

function isEnded(run: Row): boolean {
  return run['status'] !== 'working' && run['status'] !== 'input_required';
}

function savedRunOf(row: Row): SavedRun {
  return {
    id: row['id'] as string,
    team: row['team'] as string,
    revision: row['revision'] as number,
    chartVersion: row['chart_version'] as number,
    snapshot: row['snapshot'] as string | null,
  };
}

const effectColumns = `
  SELECT effect.*, run.session_id, run.team FROM effect JOIN run ON run.id = effect.run_id`;

function prepareEffects(
  db: Database,
  write: Write,
  inbox: Inbox,
): Pick<Store, 'claim' | 'deliver' | 'recover'> {
  const claim = db.prepare(`
    UPDATE effect SET status = 'running', attempt = attempt + 1 WHERE id = ? AND status = 'pending'`);
  const finish = db.prepare(`
    UPDATE effect SET status = 'done' WHERE id = ? AND status = 'running' AND attempt = ?`);
  const read = db.prepare(`${effectColumns} WHERE effect.id = ?`);
  const unfinished = db.prepare(`
    ${effectColumns} WHERE effect.status = ? AND run.chart_version = ? ORDER BY effect.at`);
  const setStatus = db.prepare('UPDATE effect SET status = ? WHERE id = ?');
  const toolName = db.prepare('SELECT name FROM tool_call WHERE run_id = ? AND path = ?').pluck();
  const waiting = db
    .prepare(`
      SELECT DISTINCT run_id FROM inbox JOIN run ON run.id = inbox.run_id
      WHERE inbox.status = 'waiting' AND run.chart_version IN (0, ?)`)
    .pluck();

  const outcomeUnknown = (row: Row, now: number) => {
    const effect = effectOf(row);
    const question = outcomeQuestion(toolName.get(effect.runId, effect.path) as string);
    setStatus.run('unknown', effect.id);
    const event: RunEvent = { type: 'tool.outcomeUnknown', call: effect.path, question };
    inbox.add(effect.runId, `${effect.id}:${effect.attempt}:unknown`, event, now);
  };

  return {
    claim: async (effectId) =>
      write('claim', () => {
        if (claim.run(effectId).changes === 0) return undefined;
        return effectOf(read.get(effectId) as Row);
      }),

    deliver: async (effect, event) =>
      write('deliver', (now) => {
        if (finish.run(effect.id, effect.attempt).changes === 0) return false;
        return inbox.add(effect.runId, `${effect.id}:${effect.attempt}`, event, now);
      }),

    recover: async (chartVersion) =>
      write('recover', (now) => {
        for (const row of unfinished.all('running', chartVersion) as Row[]) {
          if (row['repeatable'] === 1) setStatus.run('pending', row['id']);
          else outcomeUnknown(row, now);
        }
        return {
          runIds: waiting.all(chartVersion) as string[],
          effects: (unfinished.all('pending', chartVersion) as Row[]).map(effectOf),
        };
      }),
  };
}

function prepareQuestions(
  db: Database,
  write: Write,
  inbox: Inbox,
): Pick<Store, 'answer' | 'questions'> {
  const close = db.prepare(`
    UPDATE question SET status = 'answered', answer = @answer, answer_hash = @hash, closed_at = @now
    WHERE id = @questionId AND run_id = @runId AND status = 'open'`);
  const all = db.prepare(`
    SELECT question.*, tool_call.id AS tool_call_id, tool_call.name AS tool_name, tool_call.arguments
    FROM question JOIN tool_call
      ON tool_call.run_id = question.run_id AND tool_call.path = question.call
    WHERE question.run_id = ? ORDER BY question.opened_at, question.id`);
  const notOpen = new RequestError('question_not_open', 'A question was closed meanwhile.');

  return {
    answer: async (runId, answers) => {
      try {
        write('answer', (now) => {
          for (const { questionId, answer, hash, event } of answers) {
            const closed = { questionId, runId, answer: JSON.stringify(answer), hash, now };
            if (close.run(closed).changes === 0) throw notOpen;
            inbox.add(runId, questionId, event, now);
          }
        });
        return true;
      } catch (error) {
        if (error === notOpen) return false;
        throw error;
      }
    },
    questions: async (runId) => (all.all(runId) as Row[]).map(questionOf),
  };
}

function prepareReads(db: Database): Pick<Store, 'run' | 'transcript' | 'toolCall'> {
  const run = db.prepare('SELECT * FROM run WHERE id = ?');
  const messages = db.prepare(`
    SELECT seq, role, text FROM message WHERE run_id = ? AND agent = ? AND seq <= ? ORDER BY seq`);
  const calls = db.prepare(`
    SELECT message_seq, id, name, arguments, result FROM tool_call
    WHERE run_id = ? AND agent = ? AND message_seq <= ? ORDER BY message_seq, position`);
  const call = db.prepare(
    'SELECT id, name, arguments FROM tool_call WHERE run_id = ? AND path = ?',
  );
  return {
    run: async (runId) => {
      const row = run.get(runId) as Row | undefined;
      return row && runOf(row);
    },
    transcript: async (runId, agent, upTo) =>
      transcriptOf(
        messages.all(runId, agent, upTo) as Row[],
        calls.all(runId, agent, upTo) as Row[],
      ),
    toolCall: async (runId, path) =>
      call.get(runId, path) as { id: string; name: string; arguments: string } | undefined,
  };
}
