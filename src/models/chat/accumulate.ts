/**
 * Puts the pieces of a streamed chat completion together.
 *
 * Servers that speak OpenAI's wire differ in how they cut calls into pieces: one index for all calls,
 * none at all, no id in the first piece, the name after the arguments, one id for two calls. A new id
 * opens a new call, and so does a name at an index that is not that of the call with its id. What may
 * belong to two calls is an error: two calls must never become one.
 */
import * as z from 'zod';
import { givenName } from '../answered.ts';
import type { Delta, RequestedCall, TokenUsage } from '../model.ts';
import { largerUsage, noUsage, tokenCount, tokenUsage } from '../usage.ts';
import { addThought, type ThoughtPart } from './reasoning.ts';

const piece = z.object({
  index: z.int().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});

/** What the model thought, where a server tells it: as a text, and as parts that may be sealed. */
export const thought = z.string().nullish().catch(null);
export const thoughtParts = z.array(z.record(z.string(), z.unknown())).nullish().catch(null);

export const chatUsage = z
  .object({
    prompt_tokens: tokenCount,
    prompt_tokens_details: z.object({ cached_tokens: tokenCount }).nullish().catch(null),
    completion_tokens: tokenCount,
    completion_tokens_details: z.object({ reasoning_tokens: tokenCount }).nullish().catch(null),
  })
  .nullish()
  .catch(null);

const chunk = z.object({
  id: givenName,
  model: givenName,
  choices: z
    .array(
      z.object({
        index: z.int().nullish(),
        finish_reason: z.string().nullish(),
        delta: z
          .object({
            content: z.string().nullish(),
            reasoning_content: thought,
            reasoning_details: thoughtParts,
            refusal: z.string().nullish(),
            tool_calls: z.array(piece).nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  usage: chatUsage,
});

type Piece = z.output<typeof piece>;

interface OpenCall {
  readonly index: number | null;
  id: string;
  name: string;
  arguments: string;
}

/** A whole turn, as far as it came. */
export interface ChatTurn {
  readonly text: string | null;
  readonly refusal: string;
  /** Empty where the server does not tell it. */
  readonly reasoning: string;
  readonly reasoningDetails: readonly ThoughtPart[];
  readonly calls: readonly RequestedCall[];
  /** Null while the server has not said that the turn is over. */
  readonly finishReason: string | null;
  /** What the server calls the answer and its model; null where it does not say. */
  readonly id: string | null;
  readonly model: string | null;
  readonly usage: TokenUsage;
}

export class ChatAccumulator {
  /** Usage comes after the reason to finish, so only the stream's own end ends it. */
  readonly isOver = false;
  #text: string | null = null;
  #refusal = '';
  #reasoning = '';
  readonly #thoughts: ThoughtPart[] = [];
  #finishReason: string | null = null;
  #id: string | null = null;
  #model: string | null = null;
  #usage = noUsage;
  readonly #calls: OpenCall[] = [];
  /** The call that an index means now. */
  readonly #byIndex = new Map<number, OpenCall>();

  /**
   * Takes one chunk of the stream.
   *
   * @returns what it adds to the turn
   * @throws ZodError if it is no chunk, Error if the calls cannot be told apart
   */
  add(data: unknown): Delta[] {
    const { id, model, choices, usage } = chunk.parse(data);
    this.#id ??= id ?? null;
    this.#model ??= model ?? null;
    if (usage) this.#usage = largerUsage(this.#usage, usageOf(usage));
    const choice = choices?.find(({ index }) => (index ?? 0) === 0);
    if (choice?.finish_reason) this.#finishReason = choice.finish_reason;
    const { content, refusal } = choice?.delta ?? {};
    this.#refusal += refusal ?? '';
    this.#reasoning += choice?.delta?.reasoning_content ?? '';
    for (const part of choice?.delta?.reasoning_details ?? []) addThought(this.#thoughts, part);
    const deltas: Delta[] = [];
    if (content != null) this.#text = (this.#text ?? '') + content;
    if (content) deltas.push({ type: 'text', text: content });
    for (const one of choice?.delta?.tool_calls ?? []) {
      const call = this.#callOf(one);
      const text = argumentsText(one.function?.arguments);
      call.arguments += text;
      if (call.name === '') call.name = one.function?.name ?? '';
      if (text) deltas.push({ type: 'arguments', call: this.#calls.indexOf(call), text });
    }
    return deltas;
  }

  turn(): ChatTurn {
    return {
      text: this.#text,
      refusal: this.#refusal,
      reasoning: this.#reasoning,
      reasoningDetails: this.#thoughts,
      calls: this.#calls.map(({ index: _, ...call }) => call),
      finishReason: this.#finishReason,
      id: this.#id,
      model: this.#model,
      usage: this.#usage,
    };
  }

  #callOf({ index, id, function: named }: Piece): OpenCall {
    const known = id ? this.#calls.filter((call) => call.id === id) : [];
    if (known.length > 0) return this.#knownCall(known, index ?? null, id ?? '', named);
    const atIndex = index == null ? undefined : this.#byIndex.get(index);
    const last = this.#calls.at(-1);
    if (id) {
      const nameless = atIndex ?? (index == null ? last : undefined);
      if (nameless?.id !== '' || begins(named, nameless)) return this.#open(index, id);
      nameless.id = id;
      return nameless;
    }
    if (atIndex) return begins(named, atIndex) ? this.#open(index, '') : atIndex;
    // The tail of a call may come under the index of a call that is yet to come.
    if (!last || (index != null && (named?.name || !hasTail(named, last)))) {
      return this.#open(index, '');
    }
    return begins(named, last) ? this.#open(index, '') : last;
  }

  /** A model may give two calls one id: only their indices and their names tell them apart. */
  #knownCall(
    known: readonly OpenCall[],
    index: number | null,
    id: string,
    named: Piece['function'],
  ): OpenCall {
    const own = known.filter((call) => index === null || (call.index ?? index) === index);
    if (own.length === 0 && named?.name) return this.#open(index, id);
    const [call, another] = own.length > 0 ? own : known;
    const isClear = call && !another && (own.length > 0 || hasTail(named, call));
    if (!isClear || begins(named, call, true)) throw new Error('Two calls have one id.');
    return call;
  }

  #open(index: number | null | undefined, id: string): OpenCall {
    const call = { index: index ?? null, id, name: '', arguments: '' };
    this.#calls.push(call);
    if (index != null) this.#byIndex.set(index, call);
    return call;
  }
}

export function usageOf(usage: NonNullable<z.output<typeof chatUsage>>): TokenUsage {
  return tokenUsage({
    input: usage.prompt_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
    output: usage.completion_tokens,
    reasoning: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  });
}

/** The API says that arguments are text; some servers send the object itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value == null ? '' : JSON.stringify(value);
}

/**
 * Whether a piece cannot belong to a call that it seems to continue: the call is whole.
 *
 * @param isNamedAgain whether a whole call may be named again, because the piece has its id
 * @throws Error if it may belong to it and may not
 */
function begins(piece: Piece['function'], call: OpenCall, isNamedAgain = false): boolean {
  const isNamed = Boolean(piece?.name) && call.name !== '';
  const isAnother = isNamed && piece?.name !== call.name;
  if (isWhole(call.arguments)) {
    return isAnother || (isNamed && !isNamedAgain) || !isBlank(piece);
  }
  if (isAnother) throw new Error('A call has two names.');
  return false;
}

/** Whether a piece without a name, at an index that is not the call's, can be the rest of it. */
function hasTail(piece: Piece['function'], call: OpenCall): boolean {
  return (
    isBlank(piece) || call.index === null || (call.arguments !== '' && !isWhole(call.arguments))
  );
}

function isBlank(piece: Piece['function']): boolean {
  return argumentsText(piece?.arguments).trim() === '';
}

/** Whether arguments are an object that is closed, so that nothing can follow. */
function isWhole(args: string): boolean {
  if (!args.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(args);
    return true;
  } catch {
    return false;
  }
}
