/** What the SQLite store tells of transcripts, reports, tool calls and sessions. */
import type { Database } from 'better-sqlite3';
import { assignmentOf } from '../../machines/vocabulary.ts';
import type { ReportRow } from './rows.ts';
import { questionColumns, questionOf, type Row, transcriptOf } from './sqlite-rows.ts';
import type { Store } from './store.ts';

export function prepareReads(
  db: Database,
): Pick<Store, 'transcript' | 'history' | 'reports' | 'toolCall' | 'session'> {
  const transcript = prepareTranscript(db);
  const earlier = db
    .prepare(`
      SELECT before.id FROM run JOIN run AS before
        ON before.tenant_id = run.tenant_id AND before.session_id = run.session_id
          AND before.team = run.team AND before.number < run.number
      WHERE run.id = ? AND before.status NOT IN ('working','input_required')
        AND before.revision > 0
        AND NOT EXISTS (
          SELECT 1 FROM tool_call
          WHERE tool_call.run_id = before.id AND tool_call.agent = '' AND tool_call.result IS NULL)
      ORDER BY before.number DESC LIMIT ?`)
    .pluck();
  const reports = db.prepare(`
    SELECT report.agent, report.outcome, report.text FROM tool_call JOIN report
      ON report.run_id = tool_call.run_id AND report.call = tool_call.path
    WHERE tool_call.agent = @agent
      AND tool_call.run_id = (SELECT id FROM run WHERE id = @runId AND tenant_id = @tenantId)
    ORDER BY tool_call.message_seq, tool_call.position, report.agent`);
  const call = db.prepare(
    'SELECT id, name, arguments FROM tool_call WHERE run_id = ? AND path = ?',
  );
  const questions = db.prepare(`
    ${questionColumns} WHERE question.run_id = ? AND question.call = ? ORDER BY question.number`);
  const session = db.prepare('SELECT state FROM session WHERE tenant_id = ? AND id = ?').pluck();

  return {
    transcript: async (runId, agent, upTo) => transcript(runId, agent, upTo),

    history: async (runId, runsMax) =>
      (earlier.all(runId, runsMax) as string[])
        .reverse()
        .map((id) => transcript(id, '', Number.MAX_SAFE_INTEGER)),

    reports: async (tenantId, runId, agent) =>
      (reports.all({ tenantId, runId, agent }) as Row[]).map(
        (row): ReportRow => ({
          assignment: assignmentOf(row['agent'] as string),
          outcome: row['outcome'] as ReportRow['outcome'],
          text: row['text'] as string,
        }),
      ),

    toolCall: async (runId, path) => {
      const row = call.get(runId, path) as
        | { id: string; name: string; arguments: string }
        | undefined;
      return row && { ...row, questions: (questions.all(runId, path) as Row[]).map(questionOf) };
    },

    session: async (tenantId, sessionId) =>
      JSON.parse((session.get(tenantId, sessionId) as string | undefined) ?? '{}'),
  };
}

function prepareTranscript(db: Database) {
  const messages = db.prepare(`
    SELECT seq, role, text, verbatim FROM message WHERE run_id = ? AND agent = ? AND seq <= ? ORDER BY seq`);
  const calls = db.prepare(`
    SELECT message_seq, id, name, arguments, result FROM tool_call
    WHERE run_id = ? AND agent = ? AND message_seq <= ? ORDER BY message_seq, position`);
  return (runId: string, agent: string, upTo: number) =>
    transcriptOf(messages.all(runId, agent, upTo) as Row[], calls.all(runId, agent, upTo) as Row[]);
}
