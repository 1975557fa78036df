/**
 * Decides whether OpenAI's API would accept the text of a Chat Completions request.
 *
 * A request that it would refuse throws `Refused` with the API's own sentence; a request that
 * comes back has every tool call answered exactly once, right after the message that made it.
 */

import { type ChatRequest, chatRequest, type ModelMessage } from './chat-request.ts';
import * as refused from './refused.ts';
import { shapeRefusal } from './shape-refusal.ts';

export function judgeRequest(text: string): ChatRequest {
  const body = parse(text);
  const shaped = readShape(body);
  judgeContents(shaped.messages);
  judgePairs(shaped.messages);
  if (!shaped.tools) {
    if (isSet(shaped.tool_choice)) throw refused.onlyWithTools('tool_choice');
    if (isSet(shaped.parallel_tool_calls)) throw refused.onlyWithTools('parallel_tool_calls');
  }
  if (shaped.stream === true) throw refused.streamUnsupported();
  return shaped;
}

function parse(text: string): object {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw refused.unparsableBody();
  }
  judgeUnicode(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused.unparsableBody();
  }
  return body;
}

function readShape(body: object): ChatRequest {
  const model: unknown = Reflect.get(body, 'model');
  if (!isSet(model) || model === '') throw refused.missingModel();
  const { data, error } = chatRequest.safeParse(body);
  if (error) throw shapeRefusal(body, error.issues);
  return data;
}

/** A message without text is accepted only where tool calls stand in for it. */
function judgeContents(messages: readonly ModelMessage[]): void {
  for (const [index, message] of messages.entries()) {
    const mayBeEmpty = message.role === 'assistant' && message.tool_calls !== undefined;
    if (!isSet(message.content) && !mayBeEmpty) throw refused.nullContent(index);
  }
}

/** The calls of one assistant message, and which message answered each. */
type Block = ReadonlyMap<string, { answeredBy: number | undefined }>;

const NO_CALLS: Block = new Map();

function judgePairs(messages: readonly ModelMessage[]): void {
  let block = NO_CALLS;
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      judgeResult(block, message.tool_call_id, index);
      continue;
    }
    judgeAnswered(block, index);
    block = message.role === 'assistant' ? openBlock(message, index) : NO_CALLS;
  }
  judgeAnswered(block, undefined);
}

function openBlock(message: ModelMessage & { role: 'assistant' }, index: number): Block {
  const block = new Map<string, { answeredBy: number | undefined }>();
  for (const { id } of message.tool_calls ?? []) {
    if (block.has(id)) throw refused.duplicateCall(id, index);
    block.set(id, { answeredBy: undefined });
  }
  return block;
}

function judgeResult(block: Block, id: string | null | undefined, index: number): void {
  if (block.size === 0) throw refused.orphanResult(index);
  if (!isSet(id)) throw refused.missingCallId(index);
  const call = block.get(id);
  if (call === undefined) throw refused.unknownCallId(id, index);
  if (call.answeredBy !== undefined) throw refused.duplicateResult(id, call.answeredBy, index);
  call.answeredBy = index;
}

function judgeAnswered(block: Block, nextMessage: number | undefined): void {
  const open = [...block].filter(([, call]) => call.answeredBy === undefined).map(([id]) => id);
  if (open.length > 0) throw refused.unansweredCalls(open, nextMessage);
}

/**
 * Looks for half characters in the text of a JSON body. A body that was decoded as UTF-8 can carry
 * them only as escapes, and a backslash can only stand inside a string.
 */
function judgeUnicode(json: string): void {
  let high: { at: number; end: number } | undefined;
  for (const escaped of json.matchAll(/\\(?:u([0-9a-fA-F]{4})|[^u])/g)) {
    const unit = escaped[1] === undefined ? 0 : Number.parseInt(escaped[1], 16);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit < 0xdc00) {
      if (high) break;
      high = { at: escaped.index, end: escaped.index + escaped[0].length };
    } else {
      if (!high) throw surrogateAt('high', json, escaped.index);
      if (high.end !== escaped.index) break;
      high = undefined;
    }
  }
  if (high) throw surrogateAt('low', json, high.at);
}

function surrogateAt(missing: 'low' | 'high', json: string, char: number): refused.Refused {
  const before = json.slice(0, char);
  const line = before.split('\n').length;
  return refused.loneSurrogate(missing, { line, column: char - before.lastIndexOf('\n'), char });
}

function isSet<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
