/** The answer tokens of the SQLite store. A token itself is never written, only its hash. */
import type { Database } from 'better-sqlite3';
import { tokenInvalid } from '../questions/refusals.ts';
import type { AnswerToken } from './answering.ts';
import type { SettledAnswer } from './rows.ts';
import type { Row } from './sqlite-rows.ts';
import type { Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';

/** A part of the schema's first migration. */
export const tokenTables = `
  CREATE TABLE answer_token (
    hash        TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL,
    run_id      TEXT NOT NULL REFERENCES run (id),
    question_id TEXT NOT NULL REFERENCES question (id),
    user_id     TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX answer_token_by_run ON answer_token (run_id);
  CREATE INDEX answer_token_by_question ON answer_token (question_id);
  `;

export function prepareTokens(
  db: Database,
  write: Write,
): Pick<Store, 'addAnswerToken' | 'answerToken'> {
  const add = db.prepare(`
    INSERT INTO answer_token
      (hash, tenant_id, run_id, question_id, user_id, created_at, expires_at)
    SELECT @hash, tenant_id, run_id, id, @userId, @now, @expiresAt
    FROM question WHERE id = @questionId AND tenant_id = @tenantId AND status = 'open'`);
  // The token is the only thing that its bearer has: it says whose question it is.
  const read = db.prepare(`
    SELECT tenant_id, run_id, question_id, user_id FROM answer_token
    WHERE hash = @hash AND expires_at > @now`);
  return {
    addAnswerToken: async (tenantId, questionId, token) =>
      write(
        'add answer token',
        (now) => add.run({ ...token, tenantId, questionId, now }).changes === 1,
      ),
    answerToken: async (hash) => {
      const row = read.get({ hash, now: Date.now() }) as Row | undefined;
      if (!row) return undefined;
      return {
        tenantId: row['tenant_id'],
        runId: row['run_id'],
        questionId: row['question_id'],
        userId: row['user_id'],
      } as AnswerToken;
    },
  };
}

interface Borne {
  readonly tenantId: string;
  readonly runId: string;
  readonly answers: readonly SettledAnswer[];
  readonly token: string;
  readonly now: number;
}

/**
 * Checks a token in the transaction of the answer that it allows, which spends every token of its
 * question by closing it.
 *
 * @throws RequestError `token_invalid`; nothing was written
 */
export function prepareCheckToken(db: Database) {
  const read = db.prepare(`
    SELECT 1 FROM answer_token
    WHERE hash = @token AND tenant_id = @tenantId AND run_id = @runId
      AND question_id = @questionId AND expires_at > @now`);
  return ({ answers, ...given }: Borne) => {
    for (const { questionId } of answers) {
      if (!read.get({ ...given, questionId })) throw tokenInvalid();
    }
  };
}
