/** What the SQLite store tells of transcripts, usage, reports, tool calls and sessions. */
import type { Database } from 'better-sqlite3';
import { assignmentOf } from '../../machines/vocabulary.ts';
import type { ReportRow, Usage } from './rows.ts';
import { questionColumns, questionOf, type Row, transcriptOf } from './sqlite-rows.ts';
import type { Store } from './store.ts';

export function prepareReads(
  db: Database,
): Pick<Store, 'transcript' | 'history' | 'usage' | 'reports' | 'toolCall' | 'session'> {
  const transcript = prepareTranscript(db);
  const earlier = db
    .prepare(`
      SELECT before.id FROM run JOIN run AS before
        ON before.session_id = run.session_id AND before.team = run.team
          AND before.number < run.number
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
    WHERE tool_call.run_id = ? AND tool_call.agent = ?
    ORDER BY tool_call.message_seq, tool_call.position, report.agent`);
  const call = db.prepare(
    'SELECT id, name, arguments FROM tool_call WHERE run_id = ? AND path = ?',
  );
  const questions = db.prepare(`
    ${questionColumns} WHERE question.run_id = ? AND question.call = ? ORDER BY question.number`);
  const session = db.prepare('SELECT state FROM session WHERE id = ?').pluck();

  return {
    transcript: async (runId, agent, upTo) => transcript(runId, agent, upTo),

    history: async (runId, runsMax) =>
      (earlier.all(runId, runsMax) as string[])
        .reverse()
        .map((id) => transcript(id, '', Number.MAX_SAFE_INTEGER)),

    usage: prepareUsage(db),

    reports: async (runId, agent) =>
      (reports.all(runId, agent) as Row[]).map(
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

    session: async (sessionId) =>
      JSON.parse((session.get(sessionId) as string | undefined) ?? '{}'),
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

function prepareUsage(db: Database): Store['usage'] {
  const run = db.prepare(`
    SELECT
      -- In the order in which they were asked for: of calls side by side, each has a number.
      (SELECT count(*) FROM effect WHERE run_id = @runId AND kind = 'callModel'
        AND (CAST(substr(id, @rest) AS INTEGER),
             CAST(substr(id, @rest + instr(substr(id, @rest), ':')) AS INTEGER))
          < (@revision, @index)) AS modelCalls,
      (SELECT coalesce(sum(input_tokens + output_tokens), 0) FROM message WHERE run_id = @runId)
        AS tokens,
      (SELECT worked_ms + iif(status = 'working', max(0, @now - updated_at), 0)
        FROM run WHERE id = @runId) AS workingMs`);
  const agent = db.prepare(`
    SELECT count(*) AS modelCalls, coalesce(sum(input_tokens + output_tokens), 0) AS tokens
    FROM message WHERE run_id = ? AND agent = ? AND role = 'assistant'`);
  return async ({ id, runId, path }) => {
    const [revision = 0, index = 0] = id
      .slice(runId.length + 1)
      .split(':')
      .map(Number);
    const named = { runId, rest: runId.length + 2, revision, index, now: Date.now() };
    return {
      run: run.get(named) as Usage['run'],
      agent: agent.get(runId, path) as Usage['agent'],
    };
  };
}
