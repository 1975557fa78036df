/**
 * The second lock: refuses a request that OpenAI's Chat Completions would answer with a 400, before
 * any network call. The first lock is the chart's guard.
 *
 * The rules are those that OpenAI states or enforces: pairing of calls and results, ids, names,
 * shapes, sizes, and well-formed Unicode. The function is pure and looks at nothing but the request.
 */
import { RunError } from '../errors.ts';

interface WireCall {
  readonly id: string;
  readonly type: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

interface WireMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly tool_calls?: readonly WireCall[];
  readonly tool_call_id?: string;
}

export interface WireRequest {
  readonly messages: readonly WireMessage[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

const limits = { callId: 40, calls: 128, name: 64, content: 1_048_576, tools: 128 } as const;

/**
 * Asserts that a request can be sent.
 *
 * @throws RunError `unsendable_transcript`, with `details.rule` and the position of the message
 */
export function assertSendable(request: WireRequest): void {
  const { messages, tools } = request;
  if (messages.length === 0) refuse('EMPTY_MESSAGES', 'there is no message');
  if (tools?.length === 0) refuse('EMPTY_TOOLS', 'the list of tools is empty');
  if (tools && tools.length > limits.tools) {
    refuse(
      'TOO_MANY_TOOLS',
      `there are ${tools.length} tools, and at most ${limits.tools} are taken`,
    );
  }
  for (const tool of tools ?? []) checkName(tool.function.name);
  checkPairing(messages);
  for (const [index, message] of messages.entries()) checkMessage(message, index);
}

function checkPairing(messages: readonly WireMessage[]): void {
  let open = new Set<string>();
  let asked = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      const id = message.tool_call_id;
      if (id === undefined) refuse('MISSING_CALL_ID', 'a result names no tool call', index);
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

function unanswered(open: ReadonlySet<string>): string {
  return `a tool call has no result: ${[...open].map((id) => `"${id}"`).join(', ')}`;
}

function checkMessage(message: WireMessage, index: number): void {
  const { role, content, tool_calls: calls } = message;
  if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(role)) {
    refuse('BAD_ROLE', 'a message has a role that is not known', index);
  }
  if (calls?.length === 0) refuse('EMPTY_TOOL_CALLS', 'the list of calls is empty', index);
  if (calls && calls.length > limits.calls) {
    refuse('TOO_MANY_CALLS', `a message has ${calls.length} calls`, index);
  }
  const mayBeNull = role === 'assistant' && calls !== undefined;
  if (typeof content === 'string') checkText(content, index);
  else if (!(mayBeNull && content == null)) {
    refuse('NULL_CONTENT', `a message of role "${role}" has no text`, index);
  }
  for (const call of calls ?? []) {
    if (call.id.length === 0 || call.id.length > limits.callId) {
      refuse('BAD_CALL_ID', `a call id has ${call.id.length} characters`, index);
    }
    checkName(call.function.name, index);
    checkText(call.function.arguments, index);
    if (!isJson(call.function.arguments)) {
      refuse('BAD_ARGUMENTS', 'the arguments of a call are not JSON', index);
    }
  }
}

function checkName(name: string, index?: number): void {
  if (/^[a-zA-Z0-9_-]+$/.test(name) && name.length <= limits.name) return;
  refuse('BAD_TOOL_NAME', 'the name of a tool cannot be sent', index);
}

function checkText(text: string, index: number): void {
  if (text.length > limits.content) {
    refuse('CONTENT_TOO_LONG', `a text has ${text.length} characters`, index);
  }
  if (!text.isWellFormed()) refuse('ILL_FORMED_UNICODE', 'a text is not well-formed', index);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refuse(rule: string, what: string, index?: number): never {
  const where = index === undefined ? '' : ` (message ${index})`;
  throw new RunError(
    'unsendable_transcript',
    `A request was not sent because the model API would refuse it: ${what}${where}. This is a bug in Cadenza; the run is kept.`,
    { rule, index },
  );
}
