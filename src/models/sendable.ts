/**
 * The second lock: refuses a request that OpenAI's Chat Completions would answer with a 400, before
 * any network call. The first lock is the chart's guard.
 *
 * The rules are those that OpenAI states or enforces: pairing of calls and results, ids, names,
 * shapes, sizes, and well-formed Unicode. The function is pure and looks at nothing but the request.
 */
import {
  checkArguments,
  checkCallId,
  checkName,
  checkOptions,
  checkText,
  checkUnicode,
  refuse,
  unanswered,
  type WireOptions,
} from './unsendable.ts';

interface WireCall {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly function?: { readonly name?: unknown; readonly arguments?: unknown };
}

interface WireMessage {
  readonly role?: unknown;
  readonly content?: unknown;
  readonly name?: unknown;
  readonly tool_calls?: readonly WireCall[];
  readonly tool_call_id?: unknown;
}

interface WireTool {
  readonly type?: unknown;
  readonly function?: { readonly name?: unknown; readonly parameters?: unknown };
}

export interface WireRequest extends WireOptions {
  readonly messages: readonly WireMessage[];
  readonly tools?: readonly WireTool[];
}

const limits = { callId: 40, calls: 128, text: 1_048_576 } as const;

/**
 * Asserts that a request can be sent.
 *
 * @throws RunError `unsendable_transcript`, with `details.rule` and the position of the message
 */
export function assertSendable(request: WireRequest): void {
  const { messages, tools, ...options } = request;
  if (messages.length === 0) refuse('EMPTY_MESSAGES', 'there is no message');
  checkOptions(options, tools?.map(toolIn));
  for (const [index, message] of messages.entries()) checkMessage(message, index);
  checkPairing(messages);
  checkUnicode(request, messages);
}

function toolIn({ type, function: declared }: WireTool) {
  return type === 'function' ? declared : undefined;
}

function checkPairing(messages: readonly WireMessage[]): void {
  let open = new Set<unknown>();
  let asked = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      const id = message.tool_call_id;
      if (asked.size === 0) refuse('ORPHAN_RESULT', 'a result follows no tool call', index);
      if (!asked.has(id))
        refuse('UNKNOWN_CALL_ID', 'a result names a call of no such reply', index);
      if (!open.delete(id)) refuse('DUPLICATE_RESULT', 'a tool call has two results', index);
      continue;
    }
    if (open.size > 0) refuse('UNANSWERED_CALL', unanswered(open), index);
    const ids = (message.tool_calls ?? []).map((call) => call.id);
    asked = new Set(ids);
    open = new Set(ids);
    if (asked.size < ids.length) refuse('DUPLICATE_CALL_ID', 'two calls have one id', index);
  }
  if (open.size > 0) refuse('UNANSWERED_CALL', unanswered(open), messages.length);
}

function checkMessage(message: WireMessage, index: number): void {
  const { role, content, name } = message;
  if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(String(role))) {
    refuse('BAD_ROLE', 'a message has a role that is not known', index);
  }
  if (name !== undefined) checkName(name, index);
  if ('tool_calls' in message) checkCalls(message, index);
  if (role === 'tool') {
    const { tool_call_id: id } = message;
    if (id == null) refuse('MISSING_CALL_ID', 'a result names no tool call', index);
    checkCallId(id, limits.callId, index);
  }
  const mayBeNull = role === 'assistant' && 'tool_calls' in message;
  if (content != null || !mayBeNull) checkText(content, limits.text, index);
}

function checkCalls({ role, tool_calls: calls }: WireMessage, index: number): void {
  if (role !== 'assistant' || !Array.isArray(calls)) {
    refuse('BAD_TOOL_CALLS', 'calls stand where none can', index);
  }
  if (calls.length === 0) refuse('EMPTY_TOOL_CALLS', 'the list of calls is empty', index);
  if (calls.length > limits.calls) {
    refuse('TOO_MANY_CALLS', `a message has ${calls.length} calls`, index);
  }
  for (const { id, type, function: called } of calls as readonly WireCall[]) {
    if (type !== 'function') refuse('BAD_TOOL_CALLS', 'a call is not of a function', index);
    checkCallId(id, limits.callId, index);
    checkName(called?.name, index);
    checkArguments(called?.arguments, limits.text, index);
  }
}
