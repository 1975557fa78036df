/**
 * What a turn comes to before it is written on a wire: its faults have changed what is said, every
 * call has an id, and its tokens are counted.
 */

import { randomInt } from 'node:crypto';
import { type FaultParts, has } from './fault.ts';
import type { TurnParts } from './turn.ts';

/** A reply, ready to be written. */
export interface SpokenTurn {
  readonly text: string | undefined;
  readonly refusal: string | undefined;
  readonly reasoning: string | undefined;
  readonly calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
  }[];
  /** Why the reply ends, in the words of Chat Completions. */
  readonly finishReason: string;
  readonly usage: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
    readonly reasoning: number;
  };
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHARACTERS_PER_TOKEN = 4;

/** `promptLength` is the number of characters that were sent; tokens are estimated from it. */
export function speak(
  turn: TurnParts,
  faults: readonly FaultParts[],
  promptLength: number,
): SpokenTurn {
  const said = misspoken(turn, faults);
  const calls = (said.calls ?? []).map((made) => ({
    id: made.id ?? `call_${base62(24)}`,
    name: made.name,
    arguments: made.arguments,
  }));
  const spoken = [said.text ?? '', said.refusal ?? '', ...calls.map((made) => made.arguments)];
  const reasoning = said.reasoning === undefined ? 0 : tokensOf(said.reasoning.length);
  return {
    text: said.text,
    refusal: said.refusal,
    reasoning: said.reasoning,
    calls,
    finishReason: said.finishReason ?? (calls.length > 0 ? 'tool_calls' : 'stop'),
    usage: {
      input: said.usage?.promptTokens ?? tokensOf(promptLength),
      cached: said.usage?.cachedTokens ?? 0,
      output: said.usage?.completionTokens ?? tokensOf(spoken.join('').length) + reasoning,
      reasoning: said.usage?.reasoningTokens ?? reasoning,
    },
  };
}

/** Random letters and digits, as in the ids that OpenAI makes. */
export function base62(length: number): string {
  return Array.from({ length }, () => BASE62[randomInt(BASE62.length)]).join('');
}

/** How many tokens a text of this length is taken for. */
export function tokensOf(characters: number): number {
  return Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN));
}

function misspoken(turn: TurnParts, faults: readonly FaultParts[]): TurnParts {
  if (has(faults, 'refusal')) return { refusal: "I'm sorry, but I can't help with that." };
  if (has(faults, 'content_filter')) {
    return { text: half(turn.text ?? ''), finishReason: 'content_filter' };
  }
  if (has(faults, 'length_as_tool_calls')) return cutOff(turn);
  if (has(faults, 'max_output_tokens')) return { ...cutOff(turn), finishReason: 'length' };
  return turn;
}

/** The turn without its end: the last call is cut in its arguments, or else the text. */
function cutOff(turn: TurnParts): TurnParts {
  const calls = turn.calls ?? [];
  const last = calls.at(-1);
  if (last === undefined) return { ...turn, text: half(turn.text ?? '') };
  return {
    ...turn,
    calls: [...calls.slice(0, -1), { ...last, arguments: half(last.arguments) }],
  };
}

function half(text: string): string {
  const characters = Array.from(text);
  return characters.slice(0, Math.floor(characters.length / 2)).join('');
}

const PIECE_LENGTH_MIN = 6;
/** A long text comes in longer pieces, so that a stream of it stays short. */
const PIECES_MAX = 200;

/** A text in pieces as a stream brings it, each of whole characters. */
export function pieces(text: string): string[] {
  const characters = Array.from(text);
  const length = Math.max(PIECE_LENGTH_MIN, Math.ceil(characters.length / PIECES_MAX));
  const count = Math.ceil(characters.length / length);
  return Array.from({ length: count }, (_, index) =>
    characters.slice(index * length, (index + 1) * length).join(''),
  );
}
