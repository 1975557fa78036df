/**
 * One request and what comes back. The package sends it, and the answer is read here: the package
 * takes a stream that was cut off for one that ended.
 */
import type OpenAI from 'openai';
import type { Capabilities } from './capabilities.ts';
import { isCutShort } from './cut-short.ts';
import { EventReader, type ServerEvent } from './event-reader.ts';
import { brokenOff, endless, unusable } from './faults.ts';
import type { Delta, Reply, ReplyOptions, TokenUsage } from './model.ts';
import type { Watch } from './watch.ts';

/** What one request is made with. */
export interface Wire {
  readonly client: OpenAI;
  readonly model: string;
  readonly capabilities: Capabilities;
  readonly watch: Watch;
  /** Told of what an answer used that is thrown away. */
  readonly discard: (usage: TokenUsage) => void;
}

/** Puts the events of a stream together. */
interface Accumulator {
  /** Whether the turn is over, whatever still comes. */
  readonly isOver: boolean;
  /**
   * Takes what one event carries.
   *
   * @returns what it adds to the turn
   * @throws any error if it is not part of a turn
   */
  add(data: unknown): readonly Delta[];
  /** The turn, as far as it came. */
  turn(): { readonly usage: TokenUsage };
}

/** How an answer came: in one piece, or as a stream that went into the accumulator. */
export type Answer =
  | { readonly whole: unknown }
  /** Whether the server said that the stream is over. */
  | { readonly ended: boolean };

/** Longer answers are not read to their end, in bytes. */
const bytesMax = 67_108_864;

/**
 * Sends a request and reads its answer. A server that was asked for a stream may answer in one piece.
 *
 * @throws RunError if what comes is no answer, or breaks off, or comes too slowly
 * @throws APIError of the package if the server refuses or cannot be reached
 */
export async function exchange(
  wire: Wire,
  path: string,
  params: object,
  accumulator: Accumulator,
  onDelta: ReplyOptions['onDelta'],
): Promise<Answer> {
  const { client, watch } = wire;
  const response = await client.post(path, { body: params, signal: watch.signal }).asResponse();
  watch.heard();
  const streams = 'stream' in params && params.stream === true;
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  if (!streams || isJson) {
    const whole = await readWhole(wire, response);
    watch.check();
    return { whole };
  }
  try {
    const ended = await readStream(wire, response, accumulator, onDelta);
    watch.check();
    return { ended };
  } catch (error) {
    // Some servers count in every event, and are paid for what they counted.
    wire.discard(accumulator.turn().usage);
    throw error;
  }
}

/** Reads a turn as a reply. What it used was paid for, also where it is none. */
export function readTurn<Turn extends { readonly usage: TokenUsage }>(
  { discard }: Wire,
  turn: Turn,
  read: (turn: Turn) => Reply,
): Reply {
  try {
    return read(turn);
  } catch (error) {
    discard(turn.usage);
    throw error;
  }
}

async function readWhole(wire: Wire, response: Response): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  await readBody(wire, response, (piece) => {
    pieces.push(piece);
    return false;
  });
  const text = Buffer.concat(pieces).toString('utf8');
  const answer = parsed(text);
  if (answer === undefined) {
    throw isCutShort(text)
      ? endless(wire.model)
      : unusable(wire.model, 'answered with something that is not JSON');
  }
  const error = errorIn(answer);
  if (error !== undefined) throw brokenOff(wire.model, error);
  return answer;
}

async function readStream(
  wire: Wire,
  response: Response,
  accumulator: Accumulator,
  onDelta: ReplyOptions['onDelta'],
): Promise<boolean> {
  const { model } = wire;
  const reader = new EventReader();
  let isStream = /\bevent-stream\b/.test(response.headers.get('content-type') ?? '');
  /** Takes an event, and tells whether it was the last. */
  const take = ({ name, data: text }: ServerEvent) => {
    isStream = true;
    if (text === '[DONE]') return true;
    const data = parsed(text);
    if (data === undefined && isCutShort(text)) throw endless(model);
    const error = name === 'error' ? (errorIn(data) ?? data) : errorIn(data);
    if (error !== undefined) throw brokenOff(model, error);
    for (const delta of added(model, accumulator, data)) onDelta?.(delta);
    return accumulator.isOver;
  };
  const isOver = await readBody(wire, response, (piece) => reader.add(piece).some(take));
  const rest = isOver ? [] : reader.end();
  isStream ||= rest.length > 0;
  // An event that was cut off in its middle is none.
  const isEnd = isOver || rest.some((event) => isWhole(event) && take(event));
  if (!isStream) throw unusable(model, 'answered with something that is not a stream');
  return isEnd;
}

/**
 * Reads a body piece by piece, and tells whether the last piece was taken for the last.
 *
 * @param take whether what follows does not matter any more
 */
async function readBody(
  { model, watch }: Wire,
  { body }: Response,
  take: (piece: Uint8Array) => boolean,
): Promise<boolean> {
  let left = bytesMax;
  let isOver = false;
  try {
    for await (const piece of body ?? []) {
      if (isOver) continue;
      watch.heard();
      left -= piece.length;
      if (left < 0) throw unusable(model, `sent more than ${bytesMax} bytes`);
      isOver = take(piece);
      if (isOver) watch.closing();
    }
  } catch (error) {
    // The connection may go as it likes once the reply is whole.
    if (!isOver) throw error;
  }
  return isOver;
}

function added(model: string, accumulator: Accumulator, data: unknown): readonly Delta[] {
  try {
    return accumulator.add(data);
  } catch (error) {
    throw unusable(model, 'sent something that is not part of a reply', error);
  }
}

function isWhole({ data }: ServerEvent): boolean {
  return data === '[DONE]' || parsed(data) !== undefined;
}

/** Undefined if the text is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error that an answer carries in place of a reply, or of a piece of one. */
function errorIn(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return undefined;
  if ('error' in data && data.error != null) return data.error;
  return 'type' in data && data.type === 'error' ? data : undefined;
}
