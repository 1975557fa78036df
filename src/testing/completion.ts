/**
 * Writes a reply as the `chat.completion` object that OpenAI's API sends, or with the oddities that
 * other providers have.
 */

import { type FaultParts, has } from './fault.ts';
import { base62, type SpokenTurn } from './spoken-turn.ts';

/** What a completion and each chunk of its stream have in common. */
export interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

export function head(model: string): Head {
  return { id: `chatcmpl-${base62(29)}`, created: Math.floor(Date.now() / 1000), model };
}

export function completion(
  spoken: SpokenTurn,
  model: string,
  faults: readonly FaultParts[],
): object {
  const calls = spoken.calls.map((call) => ({
    ...(has(faults, 'no_id') ? {} : { id: call.id }),
    type: 'function',
    function: { name: call.name, arguments: argumentsOf(call.arguments, faults) },
  }));
  const speaks = spoken.text !== undefined || (calls.length === 0 && !spoken.refusal);
  const choice = {
    index: 0,
    message: {
      ...(has(faults, 'no_role') ? {} : { role: 'assistant' }),
      content: speaks ? (spoken.text ?? '') : null,
      ...(spoken.reasoning === undefined ? {} : { reasoning_content: spoken.reasoning }),
      refusal: spoken.refusal ?? null,
      annotations: [],
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
    logprobs: null,
    finish_reason: finishReason(spoken, faults),
  };
  return {
    ...head(model),
    object: 'chat.completion',
    choices: has(faults, 'no_choices') ? [] : [choice],
    ...(has(faults, 'no_usage') ? {} : { usage: usage(spoken, faults) }),
    service_tier: 'default',
    system_fingerprint: 'fp_0123456789',
  };
}

/** The arguments of a call as a provider may send them. */
export function argumentsOf(text: string, faults: readonly FaultParts[]): unknown {
  if (has(faults, 'arguments_empty') && text === '{}') return '';
  if (!has(faults, 'arguments_object')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function finishReason(
  { finishReason: reason }: SpokenTurn,
  faults: readonly FaultParts[],
): string | null {
  if (has(faults, 'finish_null')) return null;
  if (has(faults, 'length_as_tool_calls')) return 'tool_calls';
  return has(faults, 'finish_stop') ? 'stop' : reason;
}

export function usage(spoken: SpokenTurn, faults: readonly FaultParts[]): object | null {
  if (has(faults, 'usage_null')) return null;
  const { input, cached, output, reasoning } = spoken.usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
