/**
 * Writes a transcript as a request of the Responses API.
 *
 * Nothing depends on what the server keeps: `store` is false, and reasoning comes back encrypted and
 * is sent again, word for word and in order, with the calls that it led to.
 */
import type { Capabilities } from '../capabilities.ts';
import type { AnsweredCall, ModelRequest, ToolSpec, TranscriptMessage } from '../model.ts';
import type { Sampling } from '../options.ts';
import type { Remedy } from '../remedies.ts';
import { canBeReplayed } from './items.ts';
import type { ResponsesWire, WireItem } from './sendable.ts';

/** The API takes no smaller bound. */
const outputTokensMin = 16;

/**
 * The request for one reply.
 *
 * @param remedies what the server said it does not take
 */
export function responsesRequest(
  model: string,
  { instructions, transcript, tools }: ModelRequest,
  sampling: Sampling,
  capabilities: Capabilities,
  remedies: ReadonlySet<Remedy>,
): ResponsesWire {
  const { stream, reasoning, temperature, maxOutputTokens, parallelToolCalls } = sampling;
  const own = ownItems(model, transcript);
  const optional = {
    store: false,
    include: ['reasoning.encrypted_content'],
    ...(stream ? { stream } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined
      ? {}
      : { max_output_tokens: Math.max(maxOutputTokens, outputTokensMin) }),
    ...(reasoning === undefined ? {} : { reasoning: { effort: reasoning } }),
    ...(tools.length > 0 && parallelToolCalls !== undefined && capabilities.parallelToolCalls
      ? { parallel_tool_calls: parallelToolCalls }
      : {}),
  };
  const kept = Object.entries(optional).filter(([name]) => !remedies.has(name));
  return {
    model,
    instructions: instructions.toWellFormed(),
    input: transcript.flatMap((message, index) => itemsOf(message, own[index] ?? [], capabilities)),
    ...(tools.length === 0 ? {} : { tools: tools.map(wireTool) }),
    ...Object.fromEntries(kept),
  };
}

function wireTool({ name, description, parameters }: ToolSpec) {
  return { type: 'function', name, description, parameters, strict: false };
}

/**
 * For each message the items that this model wrote itself, its calls under the ids, names and
 * arguments by which they were taken. A reply has none where another model wrote it, where nothing
 * was kept, where what was kept would be refused, and where not all of its calls were taken; it is
 * then told in neutral form.
 */
export function ownItems(
  model: string,
  transcript: ModelRequest['transcript'],
): readonly (readonly WireItem[])[] {
  const seen = new Set<string>();
  return transcript.map((message) => {
    if (message.role === 'user' || message.verbatim?.model !== model) return [];
    const { calls, verbatim } = message;
    const items = withOurCalls(verbatim.items, calls);
    const called = verbatim.items.filter(({ type }) => type === 'function_call').length;
    return called === calls.length && canBeReplayed(items, seen) ? items : [];
  });
}

function withOurCalls(items: readonly WireItem[], calls: readonly AnsweredCall[]): WireItem[] {
  let next = 0;
  return items.flatMap((item): WireItem[] => {
    if (item.type !== 'function_call') return [item];
    const call = calls[next];
    next += 1;
    return call ? [{ ...item, ...wireCall(call) }] : [];
  });
}

function itemsOf(
  message: TranscriptMessage,
  own: readonly WireItem[],
  { resultsBesideCalls }: Capabilities,
): WireItem[] {
  if (message.role === 'user') return [{ role: 'user', content: message.text.toWellFormed() }];
  const { text, calls } = message;
  const items = own.length > 0 ? own : neutralItems(text, calls);
  const results = new Map(calls.map((call) => [call.id, resultItem(call)]));
  if (!resultsBesideCalls) return [...items, ...results.values()];
  return items.flatMap((item) => {
    const result = item.type === 'function_call' ? results.get(String(item.call_id)) : undefined;
    return result ? [item, result] : [item];
  });
}

function neutralItems(text: string | null, calls: readonly AnsweredCall[]): WireItem[] {
  return [
    ...(text ? [{ role: 'assistant', content: text.toWellFormed() }] : []),
    ...calls.map(wireCall),
  ];
}

function wireCall({ id, name, arguments: args }: AnsweredCall) {
  return { type: 'function_call', call_id: id, name, arguments: args.toWellFormed() };
}

function resultItem({ id, result }: AnsweredCall): WireItem {
  return {
    type: 'function_call_output',
    call_id: id,
    output: result === '' ? '(no output)' : result.toWellFormed(),
  };
}
