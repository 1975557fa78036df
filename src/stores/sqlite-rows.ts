/** Turns the SQLite store's rows into what the store's contract speaks of. */

import { InvariantError } from '../errors.ts';
import type { AnsweredCall, TranscriptMessage } from '../models/model.ts';
import type { Question } from '../questions/question.ts';
import type { Effect, RunRow } from './rows.ts';

/** A row as better-sqlite3 gives it: columns by name. */
export type Row = Readonly<Record<string, unknown>>;

export function runOf(row: Row): RunRow {
  return {
    id: row['id'] as string,
    tenantId: row['tenant_id'] as string,
    sessionId: row['session_id'] as string,
    team: row['team'] as string,
    message: row['message'] as string,
    messageId: row['message_id'] as string,
    userId: row['user_id'] as string | null,
    metadata: JSON.parse(row['metadata'] as string),
    dependencies: JSON.parse(row['dependencies'] as string),
    definition: row['definition'] as string,
    status: row['status'] as RunRow['status'],
    queued: row['blocked_by'] !== null,
    revision: row['revision'] as number,
    chartVersion: row['chart_version'] as number,
    content: row['content'] as string | null,
    failure: row['failure'] === null ? null : JSON.parse(row['failure'] as string),
    logLength: row['log_length'] as number,
    trace: row['trace'] as string | null,
    createdAt: row['created_at'] as number,
    updatedAt: row['updated_at'] as number,
  };
}

/** The rows of one run, if it is the tenant's: a condition with `@runId` and `@tenantId`. */
export const ofTenant = 'run_id = (SELECT id FROM run WHERE id = @runId AND tenant_id = @tenantId)';

/** Reads a question; the statement gives it its call's and its run's columns too. */
export const questionColumns = `
  SELECT question.*, run.session_id, run.team,
    tool_call.id AS tool_call_id, tool_call.name AS tool_name, tool_call.arguments,
    tool_call.intent
  FROM question
    JOIN run ON run.id = question.run_id
    JOIN tool_call ON tool_call.run_id = question.run_id AND tool_call.path = question.call`;

export function questionOf(row: Row): Question {
  return {
    id: row['id'] as string,
    runId: row['run_id'] as string,
    tenantId: row['tenant_id'] as string,
    sessionId: row['session_id'] as string,
    team: row['team'] as string,
    askedBy: row['asked_by'] as string,
    path: row['call'] as string,
    toolCallId: row['tool_call_id'] as string,
    toolName: row['tool_name'] as string,
    arguments: row['arguments'] as string,
    argumentsHash: row['arguments_hash'] as string,
    reason: row['reason'] as Question['reason'],
    runsTool: row['intent'] !== 'question',
    prompt: row['prompt'] as string,
    fields: JSON.parse(row['fields'] as string),
    status: row['status'] as Question['status'],
    openedAt: new Date(row['opened_at'] as number),
    ...present('expiresAt', row['expires_at'], (at) => new Date(at as number)),
    ...present('onExpiry', row['on_expiry'], (text) => JSON.parse(text as string)),
    ...present('assignee', row['assignee'], String),
    ...present('claimedBy', row['claimed_by'], String),
    ...present('answer', row['answer'], (text) => JSON.parse(text as string)),
    ...present('answeredBy', row['answered_by'], String),
  };
}

function present<Key extends string, T>(key: Key, column: unknown, read: (column: unknown) => T) {
  return (column === null ? {} : { [key]: read(column) }) as { readonly [K in Key]?: T };
}

export function effectOf(row: Row): Effect {
  return {
    id: row['id'] as string,
    runId: row['run_id'] as string,
    kind: row['kind'] as Effect['kind'],
    path: row['path'] as string,
    name: row['name'] as string,
    upTo: row['up_to'] as number,
    attempt: row['attempt'] as number,
    tries: row['tries'] as number,
    unusable: row['unusable'] as number,
    stall: row['stall'] === null ? null : JSON.parse(row['stall'] as string),
  };
}

/** Puts messages and the calls of their replies together, the calls in call order. */
export function transcriptOf(messages: readonly Row[], calls: readonly Row[]): TranscriptMessage[] {
  const bySeq = Map.groupBy(calls, (call) => call['message_seq'] as number);
  return messages.map((message): TranscriptMessage => {
    const text = message['text'] as string | null;
    if (message['role'] === 'user') return { role: 'user', text: text ?? '' };
    return {
      role: 'assistant',
      text,
      calls: (bySeq.get(message['seq'] as number) ?? []).map(answeredCall),
      ...present('verbatim', message['verbatim'], (kept) => JSON.parse(kept as string)),
    };
  });
}

function answeredCall(row: Row): AnsweredCall {
  const { id, name, arguments: args, result } = row as Record<string, string | null>;
  if (result == null || id == null || name == null || args == null) {
    throw new InvariantError(`A transcript was asked for while call "${id}" has no result.`);
  }
  return { id, name, arguments: args, result };
}
