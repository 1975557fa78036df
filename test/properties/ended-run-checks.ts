/** What must hold when a run has ended: one result per call, in call order, and nothing left over. */
import assert from 'node:assert/strict';
import type { ModelServer, ToolCallTurn } from '../../src/testing/index.ts';
import { assertPublishedShape } from '../kit/openai-schema.ts';
import { limits } from './lives.ts';
import { isOver, type MessageRow, type SavedRows } from './saved-rows.ts';
import { callsOf, leaderName, specsOf } from './team-scripts.ts';
import type { AgentSpec, TurnSpec } from './team-specs.ts';

/** Asserts that a run ended for a reason that its script gives, with nothing open. */
export function checkOver(rows: SavedRows): void {
  assert.ok(isOver(rows), `the run is ${rows.status}`);
  assert.doesNotMatch(rows.failure ?? '', /internal_error|unsendable/, 'the run failed inside');
  for (const { path, result, source } of rows.calls) {
    assert.notEqual(result, null, `call ${path} has no result`);
    assert.notEqual(source, null, `nobody knows where the result of ${path} comes from`);
  }
  assert.deepEqual(rows.used.told, rows.used.counted, 'the log tells what was used');
  const waiting = rows.inbox.filter(({ status }) => status === 'waiting');
  assert.deepEqual(waiting, [], 'an event waits for a run that has ended');
  const aside = rows.inbox.filter(({ status }) => status === 'set_aside');
  assert.deepEqual(aside, [], 'an event was set aside');
}

/** Asserts that a run kept its limits, however many of its agents were at work at once. */
export function checkLimits({ calls, questions, messages }: SavedRows): void {
  const delegations = calls.filter(({ intent }) => intent === 'delegation').length;
  const asked = questions.filter(({ reason }) => reason !== 'outcome_unknown').length;
  const replies = messages.filter(({ role }) => role === 'assistant').length;
  assert.ok(delegations <= limits.delegations, `${delegations} delegations`);
  assert.ok(asked <= limits.questions, `${asked} questions`);
  assert.ok(replies <= limits.modelCalls, `${replies} replies`);
}

/** Asserts that the calls of each reply are those that its script says, in its order. */
export function checkCallOrder(rows: SavedRows, team: AgentSpec): void {
  const specs = specsOf(team);
  for (const [path, messages] of Map.groupBy(rows.messages, ({ agent }) => agent)) {
    const name = agentAt(rows, path);
    const spec = specs[name];
    if (!spec) {
      assert.ok(
        messages.every(({ role }) => role === 'user'),
        `nobody knows who works at ${path}`,
      );
      continue;
    }
    const replies = messages.filter(({ role }) => role === 'assistant');
    for (const [turn, { seq }] of replies.entries()) {
      const said: TurnSpec | undefined = spec.turns[turn];
      const saved = rows.calls.filter((call) => call.agent === path && call.messageSeq === seq);
      const expected: readonly ToolCallTurn[] = said ? callsOf(spec, name, said, turn) : [];
      const names = expected.map((one) => one.name);
      assert.deepEqual(
        saved.map((call) => call.name),
        names,
        `the calls of turn ${turn} of ${path || 'the leader'}`,
      );
      assert.deepEqual(
        saved.map(({ position }) => position),
        names.map((_, position) => position),
      );
      assert.equal(new Set(saved.map(({ id }) => id)).size, saved.length, 'each call has an id');
    }
  }
}

/** The name of the agent that works at a path; empty if its model was never called. */
function agentAt({ effects }: SavedRows, path: string): string {
  if (path === '') return leaderName;
  const effect = effects.find((one) => one.kind === 'callModel' && one.path === path);
  return effect?.name.split('/').at(-1) ?? '';
}

/**
 * Asserts that each request which the model server got is the transcript of a model call that the
 * run asked for, with every result behind its call in call order, and no more often than it was tried.
 */
export function checkRequests(rows: SavedRows, { requests, refusals }: ModelServer): void {
  assert.deepEqual(refusals, [], 'the model server refused a request');
  assertPublishedShape(requests);
  const tries = new Map<string, number>();
  for (const { kind, path, name, upTo, attempt } of rows.effects) {
    if (kind !== 'callModel') continue;
    const transcript = transcriptOf(rows, path, upTo);
    const key = `${name.split('/').at(-1)}\n${transcript.join('\n')}`;
    tries.set(key, (tries.get(key) ?? 0) + attempt);
  }
  for (const { agent, messages } of requests) {
    const sent = (messages as readonly WireMessage[]).slice(1).map(lineOf);
    const key = `${agent}\n${sent.join('\n')}`;
    const left = tries.get(key);
    assert.ok(left !== undefined, `a request is no transcript of the run:\n${key}`);
    assert.ok(left > 0, `a request was sent more often than it was tried:\n${key}`);
    tries.set(key, left - 1);
  }
}

interface WireMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
  readonly tool_call_id?: string;
}

function lineOf({ role, content, tool_calls: calls = [], tool_call_id: id }: WireMessage): string {
  const called = calls.map((call) => [call.id, call.function.name, call.function.arguments]);
  return JSON.stringify([role, content ?? null, called, id ?? null]);
}

/** An agent's messages as its model must see them, made from the rows alone. */
function transcriptOf(rows: SavedRows, path: string, upTo: number): string[] {
  return rows.messages
    .filter(({ agent, seq }) => agent === path && seq <= upTo)
    .flatMap((message) => linesOf(rows, message));
}

function linesOf({ calls }: SavedRows, { agent, seq, role, text }: MessageRow): string[] {
  if (role === 'user') return [lineOf({ role, content: text })];
  const own = calls
    .filter((call) => call.agent === agent && call.messageSeq === seq)
    .sort((a, b) => a.position - b.position);
  if (own.length === 0) return [lineOf({ role, content: text ?? '' })];
  const asked = own.map(({ id, name, arguments: args }) => ({
    id,
    function: { name, arguments: args },
  }));
  return [
    lineOf({ role, content: text, tool_calls: asked }),
    ...own.map(({ id, result }) =>
      lineOf({ role: 'tool', tool_call_id: id, content: result || '(no output)' }),
    ),
  ];
}

/** Asserts that a delegation's result is what its members reported, in the order of its plan. */
export function checkReports(rows: SavedRows): void {
  for (const { path, source, result, name, arguments: args } of rows.calls) {
    if (source !== 'member') continue;
    const own = rows.reports.filter(({ call }) => call === path);
    const idOf = (agent: string) => agent.slice(path.length + 1);
    if (own.length === 1 && name !== 'run_tasks') {
      assert.equal(result, own[0]?.text, `the result of ${path} is the report`);
      continue;
    }
    const planned = name === 'run_tasks' ? JSON.parse(args).tasks : undefined;
    const order = planned
      ? (planned as { id: string }[]).map(({ id }) => id)
      : own.map(({ agent }) => idOf(agent)).sort();
    const texts = new Map(own.map(({ agent, text }) => [idOf(agent), text]));
    assert.equal(texts.size, order.length, `each member of ${path} has a report`);
    const list = order.map((id) => `[${id}] ${texts.get(id)}`).join('\n');
    assert.equal(result, order.length === 1 ? texts.get(order[0] ?? '') : list);
  }
}
