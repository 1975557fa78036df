/**
 * Reads from a request of either wire who is calling, for which turn, and what was said so far.
 */

import { type ChatRequest, type ModelMessage, type ModelTool, textOf } from './chat-request.ts';
import { readItemId } from './item-ids.ts';
import { type InputItem, itemsOf, type ResponsesRequest } from './responses-request.ts';
import type { ModelRequest } from './turn.ts';

export function readChat(body: ChatRequest): ModelRequest {
  const { messages, tools } = body;
  return { wire: 'chat', ...callerOf(messages), messages, tools: tools ?? [], body };
}

export function readResponses(body: ResponsesRequest): ModelRequest {
  const { instructions, tools } = body;
  const messages: ModelMessage[] = conversation(itemsOf(body));
  if (instructions) messages.unshift({ role: 'system', content: instructions });
  const offered = (tools ?? []).map(chatTool);
  return { wire: 'responses', ...callerOf(messages), messages, tools: offered, body };
}

function callerOf(messages: readonly ModelMessage[]): Pick<ModelRequest, 'agent' | 'turn'> {
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  const since = messages.slice(lastUser + 1);
  const [first] = messages;
  const named = first?.role === 'system' || first?.role === 'developer' ? textOf(first) : '';
  return {
    agent: /^You are "([^\n]+?)"\./.exec(named)?.[1],
    turn: since.filter((message) => message.role === 'assistant').length,
  };
}

type AssistantMessage = ModelMessage & { role: 'assistant' };

/** One reply of the model while its items are read. */
interface OpenReply {
  readonly message: AssistantMessage;
  /** What the ids of its items have in common, where this kind of server made them. */
  readonly reply: string | undefined;
  /** No more items are taken except those whose ids belong to the reply. */
  readonly closed: boolean;
}

/**
 * The items as messages. The items of one reply stand together, or say by their ids that they
 * belong together; a text begins a new reply.
 */
function conversation(items: readonly InputItem[]): ModelMessage[] {
  const messages: ModelMessage[] = [];
  let open: OpenReply | undefined;
  for (const item of items) {
    if (item.type === 'item_reference') continue;
    if (item.type === 'reasoning') {
      if (open) open = { ...open, closed: true };
      continue;
    }
    if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') {
      messages.push({ role: 'tool', tool_call_id: item.call_id, content: written(item.output) });
      if (open) open = { ...open, closed: true };
      continue;
    }
    if (item.type === 'message' && item.role !== 'assistant') {
      messages.push({ role: item.role, content: written(item.content) });
      open = undefined;
      continue;
    }
    const reply = item.id ? readItemId(item.id)?.reply : undefined;
    if (!open || !belongs(item, reply, open)) {
      open = { message: { role: 'assistant', content: null }, reply, closed: false };
      messages.push(open.message);
    }
    addTo(open.message, item);
  }
  return messages;
}

function belongs(item: ModelItem, reply: string | undefined, open: OpenReply): boolean {
  if (reply !== undefined && open.reply !== undefined) return reply === open.reply;
  return item.type !== 'message' && !open.closed;
}

type ModelItem = Extract<
  InputItem,
  { type: 'function_call' } | { type: 'custom_tool_call' } | { role: 'assistant' }
>;

function addTo(message: AssistantMessage, item: ModelItem): void {
  if (item.type === 'message') {
    message.content = `${message.content ?? ''}${written(item.content)}`;
    return;
  }
  message.tool_calls ??= [];
  const { call_id: id, name } = item;
  message.tool_calls.push(
    item.type === 'function_call'
      ? { id, type: 'function', function: { name, arguments: item.arguments } }
      : { id, type: 'custom', custom: { name, input: item.input } },
  );
}

type Content = Extract<InputItem, { type: 'message' }>['content'];

/** The text of a content or an output; what is no text is left out. */
function written(content: Content): string {
  if (typeof content === 'string') return content;
  return content
    .map((part) => ('text' in part && typeof part.text === 'string' ? part.text : ''))
    .join('');
}

type ResponsesTool = NonNullable<ResponsesRequest['tools']>[number];

function chatTool(tool: ResponsesTool): ModelTool {
  if (tool.type === 'custom') return { type: 'custom', custom: { name: tool.name } };
  const { name, description, parameters, strict } = tool;
  return { type: 'function', function: { name, description, parameters, strict } };
}
