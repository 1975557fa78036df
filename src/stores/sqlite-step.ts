/** Writes what one step changes: the run's row, and the rows that it adds. */
import type { Database } from 'better-sqlite3';
import { pathOf } from '../../machines/vocabulary.ts';
import { InvariantError } from '../errors.ts';
import { effectOf, type Row } from './sqlite-rows.ts';
import type { Effect, NewEffect, NewMessage, SavedRun, StepChange } from './store.ts';

export type WriteChange = (run: SavedRun, change: StepChange, now: number) => Effect[];

/** Prepares the statements of a step once. */
export function prepareChange(db: Database): WriteChange {
  const messages = prepareMessages(db);
  const results = prepareResults(db);
  const effects = prepareEffects(db);
  const updateRun = db.prepare(`
    UPDATE run SET revision = revision + 1, snapshot = @snapshot, chart_version = @chartVersion,
      status = @status, content = @content, failure = @failure,
      log_length = log_length + @logged, updated_at = @now
    WHERE id = @id AND revision = @revision RETURNING log_length`);
  const addQuestion = db.prepare(`
    INSERT INTO question (id, run_id, call, asked_by, reason, prompt, fields, status, opened_at)
    VALUES (@id, @runId, @call, @askedBy, @reason, @prompt, @fields, 'open', @now)`);
  const addLogEntry = db.prepare(
    'INSERT INTO log (run_id, seq, at, type, agent, data) VALUES (?, ?, ?, ?, ?, ?)',
  );

  return (run, change, now) => {
    const { snapshot, chartVersion, status, content, log } = change;
    const updated = updateRun.get({
      id: run.id,
      revision: run.revision,
      snapshot,
      chartVersion,
      status,
      content,
      failure: change.failure && JSON.stringify(change.failure),
      logged: log.length,
      now,
    }) as Row | undefined;
    if (!updated) throw new InvariantError(`Run "${run.id}" was changed by another step.`);
    for (const message of change.messages) messages(run.id, message);
    for (const { call, source, result } of change.results)
      results(run.id, call, source, result, now);
    for (const { fields, ...question } of change.questions) {
      addQuestion.run({ ...question, runId: run.id, fields: JSON.stringify(fields), now });
    }
    const first = (updated['log_length'] as number) - log.length + 1;
    log.forEach((entry, index) => {
      const data = JSON.stringify(entry.data);
      addLogEntry.run(run.id, first + index, now, entry.type, entry.agent, data);
    });
    const ended = status !== 'working' && status !== 'input_required';
    if (ended) effects.cancelAll(run.id);
    return change.effects.map((effect) => effects.add(run.id, effect, now));
  };
}

function prepareMessages(db: Database) {
  const addMessage = db.prepare(`
    INSERT INTO message (run_id, agent, seq, role, text)
    SELECT @runId, @agent, coalesce(max(seq), 0) + 1, @role, @text
    FROM message WHERE run_id = @runId AND agent = @agent RETURNING seq`);
  const addCall = db.prepare(`
    INSERT INTO tool_call (run_id, path, agent, message_seq, position, id, name, arguments, intent, member)
    VALUES (@runId, @path, @agent, @seq, @position, @id, @name, @arguments, @intent, @member)`);
  return (runId: string, message: NewMessage) => {
    const { agent, role, text } = message;
    const { seq } = addMessage.get({ runId, agent, role, text }) as { seq: number };
    if (message.role !== 'assistant') return;
    message.calls.forEach((call, position) => {
      const { id, name, arguments: args, intent, member = null } = call;
      const path = pathOf(agent, id);
      addCall.run({ runId, path, agent, seq, position, id, name, arguments: args, intent, member });
    });
  };
}

function prepareResults(db: Database) {
  const recordResult = db.prepare(
    'UPDATE tool_call SET source = ?, result = ? WHERE run_id = ? AND path = ?',
  );
  const closeQuestions = db.prepare(`
    UPDATE question SET status = 'cancelled', closed_at = @now
    WHERE run_id = @runId AND call = @call AND status = 'open'`);
  const cancelEffects = db.prepare(`
    UPDATE effect SET status = 'cancelled'
    WHERE run_id = @runId AND path = @call AND status IN ('pending','running','unknown')`);
  return (runId: string, call: string, source: string, result: string, now: number) => {
    const { changes } = recordResult.run(source, result, runId, call);
    if (changes !== 1) throw new InvariantError(`There is no tool call "${call}" to answer.`);
    closeQuestions.run({ runId, call, now });
    cancelEffects.run({ runId, call });
  };
}

function prepareEffects(db: Database) {
  // A tool that the person lets run again keeps its row, and with it its idempotency key.
  const again = db.prepare(`
    UPDATE effect SET status = 'pending'
    WHERE run_id = @runId AND path = @path AND kind = 'runTool' AND status = 'unknown' RETURNING id`);
  const insert = db.prepare(`
    INSERT INTO effect (id, run_id, kind, path, name, up_to, repeatable, status, at)
    VALUES (@id, @runId, @kind, @path, @name,
      (SELECT coalesce(max(seq), 0) FROM message WHERE run_id = @runId AND agent = @path),
      @repeatable, 'pending', @now)`);
  const read = db.prepare(`
    SELECT effect.*, run.session_id, run.team FROM effect JOIN run ON run.id = effect.run_id
    WHERE effect.id = ?`);
  const cancelRest = db.prepare(`
    UPDATE effect SET status = 'cancelled'
    WHERE run_id = ? AND status IN ('pending','running','unknown')`);
  return {
    add(runId: string, effect: NewEffect, now: number): Effect {
      const { id, kind, name } = effect;
      const path = kind === 'callModel' ? effect.agent : effect.call;
      const repeatable = kind === 'callModel' || effect.repeatable ? 1 : 0;
      const old = kind === 'runTool' ? (again.get({ runId, path }) as Row | undefined) : undefined;
      if (!old) insert.run({ id, runId, kind, path, name, repeatable, now });
      return effectOf(read.get(old?.['id'] ?? id) as Row);
    },
    cancelAll: (runId: string) => cancelRest.run(runId),
  };
}
