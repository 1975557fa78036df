/**
 * Puts the events of a streamed response together. The items count as the `done` events and the final
 * response give them: what was announced earlier may be incomplete. A call of which they say different
 * things is an error.
 */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { type Answered, answeredAs, givenName } from '../answered.ts';
import { argumentsText } from '../chat/accumulate.ts';
import type { Delta, TokenUsage } from '../model.ts';
import { noUsage, tokenCount, tokenUsage } from '../usage.ts';
import { callItem } from './read-items.ts';

const item = z.looseObject({
  type: z.string(),
  id: z.string().nullish(),
  call_id: z.string().nullish(),
});

const usage = z
  .object({
    input_tokens: tokenCount,
    input_tokens_details: z.object({ cached_tokens: tokenCount }).nullish().catch(null),
    output_tokens: tokenCount,
    output_tokens_details: z.object({ reasoning_tokens: tokenCount }).nullish().catch(null),
  })
  .nullish()
  .catch(null);

/** A response, whole or as far as it came. */
export const wholeResponse = z.object({
  id: givenName,
  model: givenName,
  status: z.string().nullish(),
  output: z.array(item),
  incomplete_details: z.object({ reason: z.string().nullish() }).nullish(),
  error: z.unknown().optional(),
  usage,
});

const partialResponse = wholeResponse.partial();

const event = z.object({
  type: z.string(),
  delta: z.unknown().optional(),
  output_index: z.int().nullish(),
  item_id: z.string().nullish(),
  item: item.nullish(),
  response: partialResponse.nullish(),
});

type Event = z.output<typeof event>;
type Item = z.output<typeof item>;

/** A turn of the Responses API, as far as it came. */
export interface ResponsesTurn {
  /** The items in order, word for word. */
  readonly items: readonly Item[];
  /** Null while the server has not said that the turn is over. */
  readonly status: 'completed' | 'incomplete' | 'failed' | null;
  /** Why it is incomplete. */
  readonly reason: string | null;
  /** Why it failed. */
  readonly error: unknown;
  readonly answered: Answered;
  readonly usage: TokenUsage;
}

export class ResponsesAccumulator {
  #done: { readonly at: number; readonly item: Item }[] = [];
  #final: readonly Item[] = [];
  /** The number of each call among the calls, by its item. */
  readonly #calls = new Map<string | number, number>();
  #end: Omit<ResponsesTurn, 'items' | 'usage'> = {
    status: null,
    reason: null,
    error: null,
    answered: {},
  };
  #usage = noUsage;

  /** Whether the server has said that the turn is over. */
  get isOver(): boolean {
    return this.#end.status !== null;
  }

  /**
   * Takes one event of the stream.
   *
   * @returns what it adds to the turn
   * @throws ZodError if it is no event, Error if what is said of a call differs
   */
  add(data: unknown): Delta[] {
    const read = event.parse(data);
    const { delta } = read;
    switch (read.type) {
      case 'response.output_text.delta':
        return typeof delta === 'string' && delta ? [{ type: 'text', text: delta }] : [];
      case 'response.function_call_arguments.delta': {
        const text = argumentsText(delta);
        return text === '' ? [] : [{ type: 'arguments', call: this.#callNumber(read), text }];
      }
      case 'response.output_item.done':
        this.#take(read);
        return [];
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        this.#finish(read);
        return [];
      default:
        return [];
    }
  }

  turn(): ResponsesTurn {
    const done = this.#done.toSorted((one, other) => one.at - other.at).map(({ item }) => item);
    // The done items are the ones to send back; only where some are missing, the final list counts.
    const items = this.#final.length > done.length ? this.#final : done;
    return { items, ...this.#end, usage: this.#usage };
  }

  #callNumber({ item_id: id, output_index: at }: Event): number {
    const key = id ?? at ?? 0;
    const known = this.#calls.get(key) ?? this.#calls.size;
    this.#calls.set(key, known);
    return known;
  }

  /** Some servers give every item the same place, and some two calls the same id. */
  #take({ item: done, output_index: at }: Event): void {
    if (!done) return;
    const same = this.#done.filter(({ item }) => isSame(item, done));
    const earlier = same.find((one) => one.at === at) ?? same.find(({ item }) => agree(item, done));
    if (earlier ? !agree(earlier.item, done) : same.length > 0 && at == null) {
      throw new Error('A call is done twice, and differs.');
    }
    const others = this.#done.filter((one) => one !== earlier);
    this.#done = [...others, { at: at ?? this.#done.length, item: done }];
  }

  #finish({ type, response }: Event): void {
    const status = type.slice('response.'.length) as 'completed' | 'incomplete' | 'failed';
    const { output, usage: used, error, incomplete_details: details } = response ?? {};
    const reason = details?.reason ?? null;
    this.#end = { status, reason, error, answered: answeredBy(response, reason ?? status) };
    if (used) this.#usage = responsesUsage(used);
    this.#final = output ?? [];
    const done = this.#done.map(({ item }) => item);
    if (status !== 'failed') assertAgree(done, this.#final);
  }
}

/** A complete response has no other word for why it ended than its status. */
export function answeredBy(
  response: Pick<z.output<typeof partialResponse>, 'id' | 'model'> | null | undefined,
  finishReason: string | null | undefined,
): Answered {
  return answeredAs({ id: response?.id, model: response?.model, finishReason });
}

/** Whether two items may be one, by their ids. */
function isSame(one: Item, other: Item): boolean {
  if (one.type !== other.type) return false;
  if (one.call_id && other.call_id && one.call_id !== other.call_id) return false;
  if (one.id && other.id) return one.id === other.id;
  return Boolean(one.call_id) && one.call_id === other.call_id;
}

/**
 * Checks that each call of the shorter list is in the longer one.
 *
 * @throws Error if one is not
 */
function assertAgree(done: readonly Item[], final: readonly Item[]): void {
  const lists = [done, final].map((items) => items.filter(isCall));
  const [few = [], many = []] = lists.toSorted((one, other) => one.length - other.length);
  const left = [...many];
  for (const call of few) {
    const at = left.findIndex((other) => agree(call, other));
    if (at < 0) throw new Error('A call is not in the response as it was done.');
    left.splice(at, 1);
  }
}

function isCall({ type }: Item): boolean {
  return type === 'function_call';
}

/** Whether two items that may be one are the same call. Other items may be told anew. */
function agree(one: Item, other: Item): boolean {
  if (!isCall(one)) return true;
  if (one.call_id && other.call_id && one.call_id !== other.call_id) return false;
  const [ours, theirs] = [callItem.parse(one), callItem.parse(other)];
  return (
    ours.name === theirs.name && isDeepStrictEqual(meant(ours.arguments), meant(theirs.arguments))
  );
}

/** What arguments mean, however they are written down: none are an empty object. */
function meant(value: unknown): unknown {
  const text = argumentsText(value).trim() || '{}';
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function responsesUsage(read: NonNullable<z.output<typeof usage>>): TokenUsage {
  return tokenUsage({
    input: read.input_tokens,
    cached: read.input_tokens_details?.cached_tokens ?? 0,
    output: read.output_tokens,
    reasoning: read.output_tokens_details?.reasoning_tokens ?? 0,
  });
}
