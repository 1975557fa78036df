/**
 * Decides whether OpenAI's API would accept the text of a Responses request.
 *
 * A request that it would refuse throws `Refused` with the API's own sentence; in a request that
 * comes back every call has exactly one output, and every reasoning item that this server issued
 * stands before what it led to. Nothing is looked up: what an item belongs to is in the item.
 */

import { decrypt, readItemId, reasoningIdFor } from './item-ids.ts';
import { judgeTools } from './judge-tools.ts';
import { isSet, parseBody, readShape } from './parse-body.ts';
import * as refused from './refused-responses.ts';
import {
  type InputItem,
  itemsOf,
  RESPONSES_PARAMETERS,
  type ResponsesRequest,
  responsesRequest,
} from './responses-request.ts';

const MOVED: ReadonlyMap<string, string> = new Map([
  ['messages', 'input'],
  ['max_tokens', 'max_output_tokens'],
  ['max_completion_tokens', 'max_output_tokens'],
  ['reasoning_effort', 'reasoning.effort'],
  ['response_format', 'text.format'],
]);

export function judgeResponses(text: string): ResponsesRequest {
  const body = parseBody(text);
  judgeParameters(body);
  const shaped = readShape(body, responsesRequest);
  judgeTools(
    (shaped.tools ?? []).map((tool) => (tool.type === 'function' ? tool : undefined)),
    'parameters',
  );
  const items = itemsOf(shaped);
  judgeIds(items);
  judgeState(shaped, items);
  judgeDuplicates(items);
  judgePairs(items);
  judgeReasoning(items, shaped.model);
  judgeChoice(shaped);
  return shaped;
}

function judgeParameters(body: object): void {
  for (const parameter of Object.keys(body)) {
    const moved = MOVED.get(parameter);
    if (moved !== undefined) throw refused.movedParameter(parameter, moved);
    if (!RESPONSES_PARAMETERS.has(parameter)) throw refused.unknownParameter(parameter);
  }
  if (!isSet(Reflect.get(body, 'input'))) throw refused.inputMissing();
}

const PREFIXES: Readonly<Record<InputItem['type'], string>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fc',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctc',
  reasoning: 'rs',
  item_reference: '',
};

function judgeIds(items: readonly InputItem[]): void {
  for (const [index, { id, type }] of items.entries()) {
    if (!isSet(id)) continue;
    if (!/^[\w-]+$/.test(id)) throw refused.wrongIdCharacters(index, id);
    const prefix = PREFIXES[type];
    if (!id.startsWith(prefix)) throw refused.wrongIdPrefix(index, id, prefix);
  }
}

/** The server keeps nothing, whatever `store` says; only the words differ. */
function judgeState(
  { store, previous_response_id }: ResponsesRequest,
  items: readonly InputItem[],
) {
  if (isSet(previous_response_id)) {
    if (store === false) throw refused.zeroDataRetention();
    throw refused.previousNotFound(previous_response_id);
  }
  for (const item of items) {
    const isBare =
      item.type === 'item_reference' || (item.type === 'reasoning' && !item.encrypted_content);
    if (!isBare) continue;
    if (store === false) throw refused.notPersisted(item.id);
    // With `store` on, an item of this server would have been kept; so its id is taken for it.
    if (item.type === 'item_reference' || !readItemId(item.id)) throw refused.notFound(item.id);
  }
}

function judgeDuplicates(items: readonly InputItem[]): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (!isSet(id)) continue;
    if (seen.has(id)) throw refused.duplicateItem(id);
    seen.add(id);
  }
}

/** Calls and outputs are paired by id over the whole input; a call comes before its output. */
function judgePairs(items: readonly InputItem[]): void {
  const calls = new Map<string, refused.CallKind>();
  const outputs = new Set<string>();
  for (const item of items) {
    if (item.type === 'function_call' || item.type === 'custom_tool_call') {
      if (calls.has(item.call_id)) throw refused.duplicateCallIds(item.call_id);
      calls.set(item.call_id, item.type === 'function_call' ? 'function' : 'custom tool');
    }
    if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') {
      const kind = item.type === 'function_call_output' ? 'function' : 'custom tool';
      if (calls.get(item.call_id) !== kind) throw refused.noCall(item.call_id, kind);
      if (outputs.has(item.call_id)) throw refused.duplicateCallIds(item.call_id);
      outputs.add(item.call_id);
    }
  }
  for (const [callId, kind] of calls) {
    if (!outputs.has(callId)) throw refused.noOutput(callId, kind);
  }
}

/** What an item that the model made can be followed by, if it is reasoning. */
const FOLLOWERS: ReadonlySet<InputItem['type']> = new Set([
  'function_call',
  'custom_tool_call',
  'message',
  'reasoning',
]);

function judgeReasoning(items: readonly InputItem[], model: string): void {
  const before = new Set<string>();
  for (const [index, item] of items.entries()) {
    if (item.type === 'reasoning') {
      judgeSeal(item.id, item.encrypted_content, model);
      if (!follows(items[index + 1], item.id)) throw refused.reasoningAlone(item.id);
      before.add(item.id);
      continue;
    }
    const issued = isSet(item.id) ? readItemId(item.id) : undefined;
    if (!isSet(item.id) || !issued?.reasoned) continue;
    const needed = reasoningIdFor(issued);
    if (!before.has(needed)) throw refused.reasoningMissing(item.id, item.type, needed);
  }
}

function judgeSeal(id: string, content: string | null | undefined, model: string): void {
  if (!content) return;
  const seal = decrypt(content);
  if (seal?.model !== model) throw refused.unreadableReasoning(content);
  if (seal.item !== id) throw refused.foreignReasoning(id);
}

/** An item without an id may follow any reasoning; an item with one only that of its own reply. */
function follows(next: InputItem | undefined, reasoningId: string): boolean {
  if (next === undefined || !FOLLOWERS.has(next.type)) return false;
  if (next.type === 'message' && next.role !== 'assistant') return false;
  const issued = isSet(next.id) ? readItemId(next.id) : undefined;
  return issued === undefined || reasoningIdFor(issued) === reasoningId;
}

function judgeChoice({ tools, tool_choice: choice }: ResponsesRequest): void {
  if (!isSet(choice) || choice === 'auto' || choice === 'none') return;
  const named = typeof choice === 'string' ? choice : choice.type;
  if (!tools) throw refused.choiceWithoutTools(named);
  if (typeof choice === 'string' || !('name' in choice)) return;
  if (!tools.some(({ name }) => name === choice['name'])) throw refused.choiceNotFound(named);
}
