/** Reads all that is saved of a run, in one transaction, by a connection that cannot write. */
import Database from 'better-sqlite3';
import type { Answer, Intent, ResultSource, RunStatus } from '../../machines/vocabulary.ts';
import type { Move } from '../../src/actors.ts';
import type { RunEvent } from '../../src/stores/events.ts';

export interface CallRow {
  readonly path: string;
  readonly agent: string;
  readonly messageSeq: number;
  readonly position: number;
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  readonly intent: Intent;
  readonly source: ResultSource | null;
  readonly result: string | null;
}

export interface QuestionRow {
  readonly id: string;
  readonly call: string;
  readonly reason: string;
  readonly status: 'open' | 'answered' | 'expired' | 'cancelled';
  readonly answer: Answer | null;
  readonly onExpiry: 'decline' | 'fail' | { readonly answer: Answer } | null;
  readonly expiresAt: number | null;
}

export interface EffectRow {
  readonly id: string;
  readonly kind: 'callModel' | 'runTool';
  readonly path: string;
  readonly name: string;
  readonly upTo: number;
  readonly repeatable: 0 | 1;
  readonly status: 'pending' | 'running' | 'done' | 'unknown' | 'cancelled';
  readonly attempt: number;
}

export interface MessageRow {
  readonly agent: string;
  readonly seq: number;
  readonly role: 'user' | 'assistant';
  readonly text: string | null;
}

export interface SavedRows {
  readonly id: string;
  readonly status: RunStatus;
  readonly revision: number;
  readonly snapshot: string | null;
  readonly failure: string | null;
  readonly calls: readonly CallRow[];
  readonly questions: readonly QuestionRow[];
  readonly effects: readonly EffectRow[];
  /** Oldest first. */
  readonly messages: readonly MessageRow[];
  readonly reports: readonly { readonly call: string; readonly agent: string; text: string }[];
  /** What each step did to the actors, oldest first. */
  readonly revisions: readonly { readonly revision: number; readonly moves: readonly Move[] }[];
  /** Answers of models and their tokens, as they are counted and as the log tells them. */
  readonly used: { readonly counted: unknown; readonly told: unknown };
  /** What waits for its step, or was taken. */
  readonly inbox: readonly { readonly key: string; readonly status: string; event: RunEvent }[];
}

export interface Reader {
  /** The file's one run; undefined if there is none yet. */
  read(): SavedRows | undefined;
  close(): void;
}

export function openReader(file: string): Reader {
  const db = new Database(file, { readonly: true });
  const all = (sql: string, id: unknown) => db.prepare(sql).all(id) as Record<string, unknown>[];
  const json = (text: unknown) => (text === null ? null : JSON.parse(String(text)));
  const read = db.transaction(() => {
    const run = db.prepare('SELECT id, status, revision, snapshot, failure FROM run').get();
    if (!run) return undefined;
    const { id } = run as { id: string };
    return {
      ...run,
      calls: all(
        `SELECT path, agent, message_seq AS messageSeq, position, id, name, arguments, intent,
           source, result
         FROM tool_call WHERE run_id = ? ORDER BY agent, message_seq, position`,
        id,
      ),
      questions: all(
        `SELECT id, call, reason, status, answer, on_expiry AS onExpiry, expires_at AS expiresAt
         FROM question WHERE run_id = ? ORDER BY number`,
        id,
      ).map((row) => ({
        ...row,
        answer: json(row['answer']),
        onExpiry: json(row['onExpiry']),
      })),
      effects: all(
        `SELECT id, kind, path, name, up_to AS upTo, repeatable, status, attempt
         FROM effect WHERE run_id = ?`,
        id,
      ),
      messages: all(
        'SELECT agent, seq, role, text FROM message WHERE run_id = ? ORDER BY agent, seq',
        id,
      ),
      reports: all('SELECT call, agent, text FROM report WHERE run_id = ?', id),
      revisions: all(
        'SELECT revision, moves FROM revision WHERE run_id = ? ORDER BY revision',
        id,
      ).map((row) => ({ ...row, moves: json(row['moves']) })),
      used: {
        counted: all(
          `SELECT count(*) AS answers, total(input_tokens + output_tokens) AS tokens
           FROM model_use WHERE run_id = ?`,
          id,
        ),
        told: all(
          `SELECT count(*) AS answers,
             total(data ->> '$.usage.inputTokens' + data ->> '$.usage.outputTokens') AS tokens
           FROM log WHERE run_id = ? AND type IN ('model.replied','model.used')`,
          id,
        ),
      },
      inbox: all(
        'SELECT dedup_key AS key, status, event FROM inbox WHERE run_id = ? ORDER BY seq',
        id,
      ).map((row) => ({ ...row, event: json(row['event']) })),
    } as unknown as SavedRows;
  });
  return { read: () => read(), close: () => db.close() };
}

/** Whether a run has ended. */
export function isOver({ status }: { readonly status: RunStatus }): boolean {
  return status !== 'working' && status !== 'input_required';
}
