/**
 * The second lock on the Responses wire: refuses an input that the API would answer with a 400. The
 * rules: each call has one output and each output its call before it; reasoning goes with what it led
 * to; ids, names, sizes and Unicode as the API takes them.
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
} from '../unsendable.ts';
import { canFollowReasoning, isItemId, isOwnMessage, isReasoning } from './items.ts';

/** An item of an input. Which fields it has depends on its type; a message may leave that out. */
export interface WireItem {
  readonly type?: unknown;
  readonly role?: unknown;
  readonly id?: unknown;
  readonly content?: unknown;
  readonly call_id?: unknown;
  readonly name?: unknown;
  readonly arguments?: unknown;
  readonly output?: unknown;
  readonly summary?: unknown;
  readonly encrypted_content?: unknown;
}

interface WireTool {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly parameters?: unknown;
}

export interface ResponsesWire extends WireOptions {
  readonly instructions?: unknown;
  readonly input: readonly WireItem[];
  readonly tools?: readonly WireTool[];
}

const limits = { callId: 64, text: 10_485_760 } as const;

/**
 * Asserts that a request can be sent.
 *
 * @param replies the items of each reply of this model as it wrote them, where they are known: where
 *   it reasoned, they go together or not at all, and no other reasoning goes
 * @throws RunError `unsendable_transcript`, with `details.rule` and the position of the item
 */
export function assertResponsesSendable(
  request: ResponsesWire,
  replies?: readonly (readonly WireItem[])[],
): void {
  const { input, tools, instructions, ...options } = request;
  if (input.length === 0) refuse('EMPTY_MESSAGES', 'there is no item');
  checkOptions(
    options,
    tools?.map((tool) => (tool.type === 'function' ? tool : undefined)),
  );
  if (instructions !== undefined) checkText(instructions, limits.text);
  for (const [index, item] of input.entries()) checkItem(item, input[index + 1], index);
  checkIds(input);
  checkPairing(input);
  if (replies) checkReplies(input, replies);
  checkUnicode(request, input);
}

function checkItem(item: WireItem, next: WireItem | undefined, index: number): void {
  if ('id' in item && !isItemId(item)) refuse('BAD_ITEM_ID', 'an item has no proper id', index);
  switch (item.type) {
    case 'function_call':
      checkCallId(item.call_id, limits.callId, index);
      checkName(item.name, index);
      checkArguments(item.arguments, limits.text, index);
      return;
    case 'function_call_output':
      checkCallId(item.call_id, limits.callId, index);
      checkText(item.output, limits.text, index);
      return;
    case 'reasoning':
      if (!isReasoning(item)) refuse('REASONING_UNPAIRED', 'reasoning has lost its content', index);
      if (!canFollowReasoning(next)) {
        refuse('REASONING_UNPAIRED', 'reasoning is not followed by what it led to', index);
      }
      return;
    default:
      checkMessage(item, index);
  }
}

function checkMessage(item: WireItem, index: number): void {
  const { role, content } = item;
  const isMessage = item.type === 'message' || !('type' in item);
  if (!isMessage || !['system', 'developer', 'user', 'assistant'].includes(String(role))) {
    refuse('BAD_ROLE', 'an item is of no kind that is known', index);
  }
  if (role !== 'assistant' || !isOwnMessage(item)) checkText(content, limits.text, index);
}

function checkIds(input: readonly WireItem[]): void {
  const ids = new Set<unknown>();
  for (const [index, { id }] of input.entries()) {
    if (id === undefined) continue;
    if (ids.has(id)) refuse('DUPLICATE_ITEM', 'an item stands twice', index);
    ids.add(id);
  }
}

function checkPairing(input: readonly WireItem[]): void {
  const asked = new Set<unknown>();
  const open = new Set<unknown>();
  for (const [index, { type, role, call_id: id }] of input.entries()) {
    if (type === 'function_call') {
      if (asked.has(id)) refuse('DUPLICATE_CALL_ID', 'two calls have one id', index);
      asked.add(id);
      open.add(id);
    } else if (type === 'function_call_output') {
      if (!asked.has(id)) refuse('ORPHAN_RESULT', 'a result follows no tool call', index);
      if (!open.delete(id)) refuse('DUPLICATE_RESULT', 'a tool call has two results', index);
    } else if (role === 'user' && open.size > 0) {
      refuse('UNANSWERED_CALL', unanswered(open), index);
    }
  }
  if (open.size > 0) refuse('UNANSWERED_CALL', unanswered(open), input.length);
}

function checkReplies(input: readonly WireItem[], replies: readonly (readonly WireItem[])[]): void {
  const sealed = new Map(
    replies.flatMap((reply) => reply.map((item) => [item.id, item.encrypted_content])),
  );
  for (const [index, { type, id, encrypted_content: seal }] of input.entries()) {
    if (type === 'reasoning' && sealed.get(id) !== seal) {
      refuse('REASONING_UNPAIRED', 'reasoning is not that of the model', index);
    }
  }
  for (const reply of replies) checkReply(input, reply);
}

/** The items of a reply that reasoned are all there in their order, or none is. */
function checkReply(input: readonly WireItem[], reply: readonly WireItem[]): void {
  if (!reply.some(({ type }) => type === 'reasoning')) return;
  const ids = reply.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  const places = ids.map((id) => input.findIndex((item) => item.id === id));
  if (places.every((place) => place === -1)) return;
  const isInOrder = places.every((place, at) => place !== -1 && place > (places[at - 1] ?? -1));
  if (!isInOrder) refuse('REASONING_UNPAIRED', 'a reply has lost a part of itself');
  for (const place of places) {
    const next = input[place + 1];
    if (input[place]?.type !== 'reasoning' || typeof next?.id !== 'string') continue;
    if (!ids.includes(next.id)) {
      refuse('REASONING_UNPAIRED', 'reasoning is followed by what another led to', place);
    }
  }
}
