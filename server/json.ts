/** Reads JSON bodies, and refuses what no schema would notice. */
import type { Context, MiddlewareHandler } from 'hono';
import { shortened } from '../src/index.ts';
import { checkLengths, checkValue, refusal } from './json-value.ts';
import { HttpError } from './problems.ts';

/** So many values a body has at most: read, each takes many times its bytes. */
const valuesMax = 100_000;

/** So many a body has that brings a whole history. */
const historyValuesMax = 500_000;

/**
 * Lets a request with a JSON body through to the schema of its route. A browser may post any type but
 * JSON from a foreign page without asking, so nothing else is read.
 *
 * @throws HttpError `media_type_unsupported`, `body_malformed`, `body_too_large`
 * @throws RequestError `body_invalid` with a pointer to what no schema would notice
 */
export const checkJson: MiddlewareHandler = async (c, next) => {
  checkValue(await bodyOf(c, valuesMax), []);
  await next();
};

/**
 * Does so for a body that brings a whole history. What of it is read is for the route to check: the rest
 * holds what tools and models said, and a client that sends it back cannot change it.
 *
 * @throws HttpError and RequestError as `checkJson` does, but for values inside
 */
export const checkHistory: MiddlewareHandler = async (c, next) => {
  checkLengths(await bodyOf(c, historyValuesMax));
  await next();
};

async function bodyOf({ req }: Context, max: number): Promise<unknown> {
  const type = req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpError('media_type_unsupported', 'Send the body as application/json.');
  }
  const bytes = await req.arrayBuffer();
  const { values, keys } = sizeOf(new Uint8Array(bytes));
  if (values > max) {
    throw new HttpError('body_too_large', `A body has at most ${max} values; this has ${values}.`);
  }
  const text = textOf(bytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new HttpError('body_malformed', 'The body is not JSON.');
  }
  if (keysIn(body) < keys) throw repeated(text);
  return body;
}

/** Bytes that are not UTF-8 would become other characters silently. */
function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError('body_malformed', 'The body is not UTF-8.');
  }
}

const [quote, backslash, comma, colon, brace, bracket] = Buffer.from('"\\,:{[');

/** How many values JSON has, and how many keys are written in it, before anything is made of it. */
function sizeOf(bytes: Uint8Array): { readonly values: number; readonly keys: number } {
  let values = 1;
  let keys = 0;
  let isInText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) isInText = !isInText;
    else if (isInText) at += byte === backslash ? 1 : 0;
    else if (byte === comma || byte === brace || byte === bracket) values += 1;
    else if (byte === colon) keys += 1;
  }
  return { values, keys };
}

/** How many keys there are, at any depth. */
function keysIn(body: unknown): number {
  let count = 0;
  const waiting = [body];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (typeof one !== 'object' || one === null) continue;
    const inside = Array.isArray(one) ? one : Object.values(one);
    if (inside !== one) count += inside.length;
    for (const value of inside) if (typeof value === 'object') waiting.push(value);
  }
  return count;
}

/** An object or a list that is being read: where it is, and the keys that it had so far. */
interface Open {
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** The key, or the index, of what is being read in it. */
  at: string;
}

/** JSON.parse takes the last of two equal keys silently, so the text itself says where they are. */
function repeated(text: string): Error {
  const open: Open[] = [];
  const tokens = text.matchAll(/(?<text>"[^"\\]*(?:\\.[^"\\]*)*")\s*(?<colon>:)?|[{}[\],]/g);
  for (const { 0: token, groups } of tokens) {
    const last = open.at(-1);
    if (token === '{') open.push({ keys: new Set(), at: '' });
    else if (token === '[') open.push({ keys: undefined, at: '0' });
    else if (token === '}' || token === ']') open.pop();
    else if (token === ',' && last && !last.keys) last.at = String(Number(last.at) + 1);
    else if (groups?.['colon'] && last?.keys) {
      last.at = String(JSON.parse(groups['text'] ?? '""'));
      if (last.keys.has(last.at)) break;
      last.keys.add(last.at);
    }
  }
  const path = open.map(({ at }) => at);
  return refusal(path, `stands twice in one object: "${shortened(path.at(-1) ?? '')}"`);
}
