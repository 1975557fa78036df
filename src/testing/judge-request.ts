/**
 * Decides whether OpenAI's API would accept the text of a Chat Completions request.
 *
 * A request that it would refuse throws `Refused` with the API's own sentence; a request that
 * comes back has every tool call answered exactly once, right after the message that made it.
 */

import {
  CHAT_PARAMETERS,
  type ChatRequest,
  chatRequest,
  type ModelMessage,
} from './chat-request.ts';
import { judgeTools } from './judge-tools.ts';
import { isSet, parseBody, readShape } from './parse-body.ts';
import * as refused from './refused.ts';

export function judgeRequest(text: string): ChatRequest {
  const body = parseBody(text);
  const model: unknown = Reflect.get(body, 'model');
  if (!isSet(model) || model === '') throw refused.missingModel();
  for (const parameter of Object.keys(body)) {
    if (!CHAT_PARAMETERS.has(parameter)) throw refused.unrecognized(parameter);
  }
  const shaped = readShape(body, chatRequest);
  judgeTools(
    (shaped.tools ?? []).map((tool) => (tool.type === 'function' ? tool.function : undefined)),
    'function.parameters',
  );
  judgeContents(shaped.messages);
  judgePairs(shaped.messages);
  if (!shaped.tools) {
    if (isSet(shaped.tool_choice)) throw refused.onlyWithTools('tool_choice');
    if (isSet(shaped.parallel_tool_calls)) throw refused.onlyWithTools('parallel_tool_calls');
  }
  if (isSet(shaped.stream_options) && shaped.stream !== true) throw refused.onlyWithStream();
  return shaped;
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
