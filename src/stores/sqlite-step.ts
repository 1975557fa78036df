/** Writes what one step changes: the run's row, and the rows that it adds. */
import type { Database } from 'better-sqlite3';
import { pathOf } from '../../machines/vocabulary.ts';
import { InvariantError } from '../errors.ts';
import { argumentsHash } from '../questions/fields.ts';
import type { SessionChange } from './events.ts';
import type { Effect, NewEffect, NewMessage, NewQuestion, SavedRun, StepChange } from './rows.ts';
import { prepareAddEvents } from './sqlite-log.ts';
import { prepareAddRevision } from './sqlite-revisions.ts';
import { effectOf, type Row } from './sqlite-rows.ts';
import { standsStill } from './sqlite-tries.ts';
import { prepareAddUse } from './sqlite-usage.ts';

type WriteChange = (run: SavedRun, change: StepChange, now: number) => Effect[];

/** Prepares the statements of a step once. */
export function prepareChange(db: Database): WriteChange {
  const messages = prepareMessages(db);
  const addUse = prepareAddUse(db);
  const results = prepareResults(db);
  const effects = prepareEffects(db);
  const questions = prepareQuestions(db);
  const updateRun = db.prepare(`
    UPDATE run SET revision = revision + 1, snapshot = @snapshot, chart_version = @chartVersion,
      worked_ms = worked_ms + iif(status = 'working' AND NOT ${standsStill}, max(0, @now - updated_at), 0),
      status = @status, content = coalesce(@content, content), failure = @failure,
      log_length = log_length + @logged, updated_at = @now
    WHERE id = @id AND revision = @revision RETURNING log_length, tenant_id, session_id`);
  const addReport = db.prepare(
    'INSERT INTO report (run_id, call, agent, outcome, text) VALUES (?, ?, ?, ?, ?)',
  );
  const addEvents = prepareAddEvents(db);
  const changeSession = prepareSession(db);
  const addRevision = prepareAddRevision(db);

  return (run, change, now) => {
    const { snapshot, chartVersion, status, content, failure, log } = change;
    const updated = updateRun.get({
      id: run.id,
      revision: run.revision,
      snapshot,
      chartVersion,
      status,
      content,
      failure: failure && JSON.stringify(failure),
      logged: log.length,
      now,
    }) as Row | undefined;
    if (!updated) throw new InvariantError(`Run "${run.id}" was changed by another step.`);
    for (const message of change.messages) messages(run.id, message);
    for (const use of change.uses) addUse(run.id, use);
    for (const { call, agent, outcome, text } of change.reports) {
      addReport.run(run.id, call, agent, outcome, text);
    }
    for (const { call, source, result } of change.results)
      results(run.id, call, source, result, now);
    for (const question of change.questions) questions(run.id, question, now);
    if (Object.keys(change.session).length > 0) {
      const { tenant_id: tenantId, session_id: sessionId } = updated as {
        tenant_id: string;
        session_id: string;
      };
      changeSession({ tenantId, id: sessionId }, change.session);
    }
    const first = (updated['log_length'] as number) - log.length + 1;
    addEvents(run.id, first, log, now);
    addRevision(run.id, run.revision + 1, now, change.revision);
    if (status !== 'working' && status !== 'input_required') effects.cancelAll(run.id);
    return change.effects.map((effect) => effects.add(run.id, effect, now));
  };
}

function prepareSession(db: Database) {
  const read = db
    .prepare('SELECT state FROM session WHERE tenant_id = @tenantId AND id = @id')
    .pluck();
  const write = db.prepare(`
    INSERT INTO session (tenant_id, id, state) VALUES (@tenantId, @id, @state)
    ON CONFLICT (tenant_id, id) DO UPDATE SET state = @state`);
  // Not by json_patch, which would merge objects and lose what is null inside them.
  return (session: { tenantId: string; id: string }, change: SessionChange) => {
    const before = JSON.parse((read.get(session) as string | undefined) ?? '{}');
    const after = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
    write.run({ ...session, state: JSON.stringify(Object.fromEntries(after)) });
  };
}

function prepareMessages(db: Database) {
  const addMessage = db.prepare(`
    INSERT INTO message (run_id, agent, seq, role, text, verbatim)
    SELECT @runId, @agent, coalesce(max(seq), 0) + 1, @role, @text, @verbatim
    FROM message WHERE run_id = @runId AND agent = @agent RETURNING seq`);
  const addCall = db.prepare(`
    INSERT INTO tool_call
      (run_id, path, agent, message_seq, position, id, name, arguments, raw_name, raw_arguments,
        intent, repeatable)
    VALUES (@runId, @path, @agent, @seq, @position, @id, @name, @arguments, @rawName, @rawArguments,
      @intent, @repeatable)`);
  return (runId: string, message: NewMessage) => {
    const { agent, role, text } = message;
    const kept = message.role === 'assistant' ? message.verbatim : undefined;
    const verbatim = kept ? JSON.stringify(kept) : null;
    const row = { runId, agent, role, text, verbatim };
    const { seq } = addMessage.get(row) as { seq: number };
    if (message.role !== 'assistant') return;
    message.calls.forEach(({ id, name, arguments: args, raw, intent, repeatable }, position) => {
      const asWritten = { rawName: raw?.name ?? null, rawArguments: raw?.arguments ?? null };
      const row = {
        id,
        name,
        arguments: args,
        ...asWritten,
        intent,
        repeatable: repeatable ? 1 : 0,
      };
      addCall.run({ runId, path: pathOf(agent, id), agent, seq, position, ...row });
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

function prepareQuestions(db: Database) {
  const call = db.prepare('SELECT name, arguments FROM tool_call WHERE run_id = ? AND path = ?');
  const add = db.prepare(`
    INSERT INTO question (id, tenant_id, run_id, call, asked_by, reason, prompt, fields, arguments_hash,
      status, opened_at, remind_at, expires_at, on_expiry)
    VALUES (@id, (SELECT tenant_id FROM run WHERE id = @runId), @runId, @call, @askedBy, @reason,
      @prompt, @fields, @hash, 'open', @now, @remindAt, @expiresAt, @onExpiry)`);
  return (runId: string, question: NewQuestion, now: number) => {
    const { id, call: path, askedBy, reason, prompt, fields, deadline, remindAfterMs } = question;
    const { name, arguments: args } = call.get(runId, path) as { name: string; arguments: string };
    add.run({
      id,
      runId,
      call: path,
      askedBy,
      reason,
      prompt,
      fields: JSON.stringify(fields),
      hash: argumentsHash(runId, path, name, args),
      now,
      remindAt: remindAfterMs === undefined ? null : now + remindAfterMs,
      expiresAt: deadline ? now + deadline.afterMs : null,
      onExpiry: deadline ? JSON.stringify(deadline.onExpiry) : null,
    });
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
      iif(@kind = 'callModel', 1,
        (SELECT repeatable FROM tool_call WHERE run_id = @runId AND path = @path)),
      'pending', @now)`);
  const read = db.prepare('SELECT * FROM effect WHERE id = ?');
  const cancelRest = db.prepare(`
    UPDATE effect SET status = 'cancelled'
    WHERE run_id = ? AND status IN ('pending','running','unknown')`);
  return {
    add(runId: string, effect: NewEffect, now: number): Effect {
      const { id, kind, name } = effect;
      const path = kind === 'callModel' ? effect.agent : effect.call;
      const old = kind === 'runTool' ? (again.get({ runId, path }) as Row | undefined) : undefined;
      if (!old) insert.run({ id, runId, kind, path, name, now });
      return effectOf(read.get(old?.['id'] ?? id) as Row);
    },
    cancelAll: (runId: string) => cancelRest.run(runId),
  };
}
