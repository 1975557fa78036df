/**
 * Writes a reply as the `response` object of the Responses API: reasoning first, then what is said,
 * then the calls.
 */

import { argumentsOf } from './completion.ts';
import { type FaultParts, has } from './fault.ts';
import { encrypt, itemId, newReply } from './item-ids.ts';
import type { ResponsesRequest } from './responses-request.ts';
import type { SpokenTurn } from './spoken-turn.ts';

type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface OutputText {
  readonly type: 'output_text';
  readonly annotations: readonly [];
  readonly logprobs: readonly [];
  readonly text: string;
}

export interface OutputRefusal {
  readonly type: 'refusal';
  readonly refusal: string;
}

export interface ReasoningItem {
  readonly id: string;
  readonly type: 'reasoning';
  readonly summary: readonly { readonly type: 'summary_text'; readonly text: string }[];
  readonly encrypted_content?: string;
}

export interface MessageItem {
  readonly id: string;
  readonly type: 'message';
  readonly status: ItemStatus;
  readonly role: 'assistant';
  readonly content: readonly (OutputText | OutputRefusal)[];
}

export interface CallItem {
  readonly id: string;
  readonly type: 'function_call';
  readonly status: ItemStatus;
  readonly call_id: string;
  readonly name: string;
  /** A text, unless a fault makes it an object. */
  readonly arguments: unknown;
}

export type OutputItem = ReasoningItem | MessageItem | CallItem;

/** A response; what else it carries repeats the request. */
export interface ResponseObject {
  readonly id: string;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly OutputItem[];
  readonly [field: string]: unknown;
}

export function responsesReply(
  spoken: SpokenTurn,
  body: ResponsesRequest,
  faults: readonly FaultParts[],
): ResponseObject {
  const reply = newReply();
  const base = responseBase(reply, body);
  if (has(faults, 'response_failed')) {
    const error = { code: 'server_error', message: 'The model failed to generate a response.' };
    return { ...base, status: 'failed', error };
  }
  const reason = incompleteReason(spoken);
  return {
    ...base,
    status: reason === undefined ? 'completed' : 'incomplete',
    completed_at: reason === undefined ? Math.floor(Date.now() / 1000) : null,
    incomplete_details: reason === undefined ? null : { reason },
    output: has(faults, 'no_choices') ? [] : outputOf(spoken, { reply, body, faults }),
    ...(has(faults, 'no_usage') ? {} : { usage: usage(spoken, faults) }),
  };
}

/** The response as it is before anything was said. */
function responseBase(reply: string, body: ResponsesRequest): ResponseObject {
  return {
    id: `resp_${reply}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    model: body.model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    metadata: {},
  };
}

interface Writing {
  readonly reply: string;
  readonly body: ResponsesRequest;
  readonly faults: readonly FaultParts[];
}

function outputOf(spoken: SpokenTurn, { reply, body, faults }: Writing): OutputItem[] {
  const reasoned = spoken.reasoning !== undefined;
  const output: OutputItem[] = [];
  const id = (kind: 'rs' | 'msg' | 'fc') => itemId(kind, { reply, place: output.length, reasoned });
  if (spoken.reasoning !== undefined) output.push(reasoningItem(id('rs'), spoken.reasoning, body));
  const content = contentOf(spoken);
  const status = incompleteReason(spoken) === undefined ? 'completed' : 'incomplete';
  if (content.length > 0) {
    const isLast = spoken.calls.length === 0;
    const ended = isLast ? status : 'completed';
    output.push({ id: id('msg'), type: 'message', status: ended, role: 'assistant', content });
  }
  for (const [index, call] of spoken.calls.entries()) {
    output.push({
      id: id('fc'),
      type: 'function_call',
      status: index === spoken.calls.length - 1 ? status : 'completed',
      call_id: call.id,
      name: call.name,
      arguments: argumentsOf(call.arguments, faults),
    });
  }
  return output;
}

/** The summary is sent only where one was asked for, as by the API. */
function reasoningItem(id: string, text: string, body: ResponsesRequest): ReasoningItem {
  const isSealed = body.include?.includes('reasoning.encrypted_content') ?? false;
  return {
    id,
    type: 'reasoning',
    summary: body.reasoning?.summary ? [{ type: 'summary_text', text }] : [],
    ...(isSealed ? { encrypted_content: encrypt(text, id, body.model) } : {}),
  };
}

function contentOf({ text, refusal, calls }: SpokenTurn): (OutputText | OutputRefusal)[] {
  if (refusal !== undefined) return [{ type: 'refusal', refusal }];
  if (text === undefined && calls.length > 0) return [];
  return [{ type: 'output_text', annotations: [], logprobs: [], text: text ?? '' }];
}

function incompleteReason({ finishReason }: SpokenTurn): string | undefined {
  if (finishReason === 'length') return 'max_output_tokens';
  return finishReason === 'content_filter' ? 'content_filter' : undefined;
}

function usage(spoken: SpokenTurn, faults: readonly FaultParts[]): object | null {
  if (has(faults, 'usage_null')) return null;
  const { input, cached, output, reasoning } = spoken.usage;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
