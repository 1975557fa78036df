/** The questions of the SQLite store: answered, expired, listed, and given to somebody. */
import type { Database } from 'better-sqlite3';
import { RequestError } from '../errors.ts';
import type { QuestionFilter, RememberedApproval } from './rows.ts';
import { preparePages } from './sqlite-lists.ts';
import { questionColumns, questionOf, type Row } from './sqlite-rows.ts';
import type { Inbox, Write } from './sqlite-runs.ts';
import { prepareCheckToken } from './sqlite-tokens.ts';
import type { Store } from './store.ts';

export function prepareQuestions(
  db: Database,
  write: Write,
  inbox: Inbox,
): Pick<
  Store,
  | 'answer'
  | 'questions'
  | 'question'
  | 'expiring'
  | 'expire'
  | 'rememberedApprovals'
  | 'forgetApproval'
> {
  const close = db.prepare(`
    UPDATE question SET status = 'answered', answer = @answer, answer_hash = @hash,
      answered_by = @answeredBy, closed_at = @now
    WHERE id = @questionId AND run_id = @runId AND tenant_id = @tenantId AND status = 'open'
      AND (expires_at IS NULL OR expires_at > @now)
      AND EXISTS (SELECT 1 FROM run
        WHERE run.id = run_id AND run.status IN ('working','input_required'))`);
  const remember = db.prepare(`
    INSERT INTO remembered_approval (id, tenant_id, session_id, agent, tool, question_id, created_at)
    SELECT 'ra_' || question.id, run.tenant_id, run.session_id, question.asked_by, tool_call.name,
      question.id, @now
    FROM question JOIN run ON run.id = question.run_id JOIN tool_call
      ON tool_call.run_id = question.run_id AND tool_call.path = question.call
    WHERE question.id = @questionId AND question.reason = 'approval' AND NOT EXISTS (
      SELECT 1 FROM remembered_approval AS earlier WHERE earlier.tenant_id = run.tenant_id
        AND earlier.session_id = run.session_id AND earlier.agent = question.asked_by AND earlier.tool = tool_call.name)`);
  const all = db.prepare(`
    ${questionColumns} WHERE question.run_id = ? AND question.tenant_id = ? ORDER BY question.number`);
  const one = db.prepare(`
    ${questionColumns} WHERE question.id = ? AND question.tenant_id = ?`);
  const due = db.prepare(`
    ${questionColumns} WHERE question.status = 'open' AND question.expires_at <= @now
      AND question.run_id NOT IN (SELECT value FROM json_each(@except))
    ORDER BY question.expires_at LIMIT 100`);
  const next = db
    .prepare(`
      SELECT min(expires_at) FROM question WHERE status = 'open' AND expires_at > @now
        AND run_id NOT IN (SELECT value FROM json_each(@except))`)
    .pluck();
  const expire = db.prepare(`
    UPDATE question SET status = 'expired', answer = @answer, closed_at = @now
    WHERE id = @questionId AND status = 'open' AND expires_at <= @now RETURNING run_id`);
  const checkToken = prepareCheckToken(db);
  const notOpen = new RequestError('question_not_open', 'A question was closed meanwhile.');

  return {
    answer: async (tenantId, runId, answers, { by, token }) => {
      try {
        write('answer', (now) => {
          if (token !== undefined) checkToken({ tenantId, runId, answers, token, now });
          for (const { questionId, answer, hash, event } of answers) {
            const row = {
              questionId,
              tenantId,
              runId,
              answer: JSON.stringify(answer),
              hash,
              answeredBy: by,
              now,
            };
            if (close.run(row).changes === 0) throw notOpen;
            const keep = answer?.['remember'] === true && answer['approved'] === true;
            if (keep) remember.run({ questionId, now });
            inbox.add(runId, questionId, event, now);
          }
        });
        return true;
      } catch (error) {
        if (error === notOpen) return false;
        throw error;
      }
    },

    questions: async (tenantId, runId) => (all.all(runId, tenantId) as Row[]).map(questionOf),

    question: async (tenantId, questionId) => {
      const row = one.get(questionId, tenantId) as Row | undefined;
      return row && questionOf(row);
    },

    expiring: async (runIds) => {
      const given = { now: Date.now(), except: JSON.stringify(runIds) };
      return {
        questions: (due.all(given) as Row[]).map(questionOf),
        nextAt: next.get(given) as number | null,
      };
    },

    expire: async (questionId, event, answer) =>
      write('expire', (now) => {
        const given = { questionId, answer: answer && JSON.stringify(answer), now };
        const row = expire.get(given) as Row | undefined;
        if (!row) return false;
        return inbox.add(row['run_id'] as string, questionId, event, now);
      }),

    ...prepareRemembered(db, write),
  };
}

function prepareRemembered(
  db: Database,
  write: Write,
): Pick<Store, 'rememberedApprovals' | 'forgetApproval'> {
  const all = db.prepare(
    `SELECT * FROM remembered_approval WHERE tenant_id = ? AND session_id = ?
    ORDER BY created_at, id`,
  );
  const forget = db.prepare('DELETE FROM remembered_approval WHERE id = ? AND tenant_id = ?');
  return {
    rememberedApprovals: async (tenantId, sessionId) =>
      (all.all(tenantId, sessionId) as Row[]).map(
        (row): RememberedApproval => ({
          id: row['id'] as string,
          sessionId,
          agent: row['agent'] as string,
          tool: row['tool'] as string,
          createdAt: new Date(row['created_at'] as number),
        }),
      ),
    forgetApproval: async (tenantId, id) =>
      write('forget approval', () => forget.run(id, tenantId).changes === 1),
  };
}

export function prepareQuestionList(
  db: Database,
  write: Write,
): Pick<Store, 'listQuestions' | 'assign' | 'claimQuestion'> {
  const assign = db.prepare(
    "UPDATE question SET assignee = ? WHERE id = ? AND tenant_id = ? AND status = 'open'",
  );
  const claim = db.prepare(`
    UPDATE question SET claimed_by = @to
    WHERE id = @questionId AND tenant_id = @tenantId AND status = 'open' AND claimed_by IS @from`);
  const list = preparePages(
    db,
    (where) => `
    ${questionColumns}
    WHERE question.tenant_id = @tenantId AND question.number > coalesce(
        (SELECT number FROM question WHERE id = @after AND tenant_id = @tenantId), 0) ${where}
    ORDER BY question.number LIMIT @limit`,
  );
  return {
    listQuestions: async (tenantId, { olderThanMs, ...filter }: QuestionFilter) => {
      const openedBefore = olderThanMs === undefined ? undefined : Date.now() - olderThanMs;
      const { runId, sessionId, team, status, assignee, claimedBy } = filter;
      const asked = {
        'question.run_id = @runId': runId,
        'run.session_id = @sessionId': sessionId,
        'run.team = @team': team,
        // In so many words, because the index of the open ones is of these alone.
        "question.status = 'open'": status === 'open' ? status : undefined,
        'question.status = @status': status === 'open' ? undefined : status,
        'question.assignee = @assignee': assignee,
        'question.claimed_by = @claimedBy': claimedBy,
        'question.opened_at <= @openedBefore': openedBefore,
      };
      return list(asked, { ...filter, tenantId, openedBefore }).map(questionOf);
    },
    assign: async (tenantId, questionId, assignee) =>
      write('assign', () => assign.run(assignee, questionId, tenantId).changes === 1),
    claimQuestion: async (tenantId, questionId, from, to) =>
      write('claim question', () => claim.run({ tenantId, questionId, from, to }).changes === 1),
  };
}
