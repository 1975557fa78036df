/**
 * Writes a turn as the `chat.completion` object that OpenAI's API sends.
 */

import { randomInt } from 'node:crypto';
import type { ToolCallTurn, TurnParts } from './turn.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHARACTERS_PER_TOKEN = 4;

/** `promptLength` is the number of characters that were sent; tokens are estimated from it. */
export function completion(turn: TurnParts, model: string, promptLength: number): object {
  const calls = turn.calls?.map(toolCall) ?? [];
  const spoken = [
    turn.text ?? '',
    turn.refusal ?? '',
    ...calls.map((each) => each.function.arguments),
  ];
  return {
    id: `chatcmpl-${base62(29)}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: turn.text ?? (calls.length > 0 || turn.refusal !== undefined ? null : ''),
          refusal: turn.refusal ?? null,
          annotations: [],
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: null,
        finish_reason: turn.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
      },
    ],
    usage: usage(
      turn.usage?.promptTokens ?? tokens(promptLength),
      turn.usage?.completionTokens ?? tokens(spoken.join('').length),
    ),
    service_tier: 'default',
    system_fingerprint: null,
  };
}

/** Random letters and digits, as in the ids that OpenAI makes. */
export function base62(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(BASE62.length)]).join('');
}

function toolCall({ name, arguments: args, id }: ToolCallTurn) {
  return {
    id: id ?? `call_${base62(24)}`,
    type: 'function',
    function: { name, arguments: args },
  };
}

function tokens(characters: number): number {
  return Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN));
}

function usage(promptTokens: number, completionTokens: number) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
