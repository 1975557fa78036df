/** Reads JSON bodies, and refuses what no schema would notice. */
import type { MiddlewareHandler } from 'hono';
import { pointerTo, RequestError } from '../src/index.ts';
import { HttpError } from './problems.ts';

/** Deeper bodies are refused: nothing that is asked for nests so far. */
const levelsMax = 32;

/**
 * Lets a request with a JSON body through to the schema of its route. A browser may post any type but
 * JSON from a foreign page without asking, so nothing else is read.
 *
 * @throws HttpError `media_type_unsupported`, `body_malformed`
 * @throws RequestError `body_invalid` with a pointer to what no schema would notice
 */
export const checkJson: MiddlewareHandler = async (c, next) => {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpError('media_type_unsupported', 'Send the body as application/json.');
  }
  const text = textOf(await c.req.arrayBuffer());
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new HttpError('body_malformed', 'The body is not JSON.');
  }
  check(body, []);
  checkRepeated(text);
  await next();
};

/** Bytes that are not UTF-8 would become other characters silently. */
function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new HttpError('body_malformed', 'The body is not UTF-8.');
  }
}

/** An object or a list that is being read: where it is, and the keys that it had so far. */
interface Open {
  /** Undefined for a list. */
  readonly keys: Set<string> | undefined;
  /** The key, or the index, of what is being read in it. */
  at: string;
}

/** JSON.parse takes the last of two equal keys silently, so the text itself is looked at. */
function checkRepeated(text: string): void {
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
      if (last.keys.has(last.at))
        throw refusal(
          open.map(({ at }) => at),
          repeated(last.at),
        );
      last.keys.add(last.at);
    }
  }
}

function repeated(key: string): string {
  return `stands twice in one object: "${key}"`;
}

function check(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string' && !isSound(value)) throw refusal(path, unsound);
  // 1e400 is such a number.
  if (value === Infinity || value === -Infinity) throw refusal(path, 'is too large a number');
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= levelsMax) throw refusal(path, `is nested deeper than ${levelsMax} levels`);
  for (const [key, one] of Object.entries(value)) {
    const inside = [...path, key];
    if (!isSound(key)) throw refusal(inside, unsound);
    // What has such a key cannot be made a text: whoever compares or prints it would throw.
    if (isPrototype(key, one) || key === 'toString') throw refusal(inside, 'is not known');
    check(one, inside);
  }
}

const unsound = 'must be well-formed text without NUL';

function isSound(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Copied as properties these would reach a prototype; a text called "constructor" cannot. */
function isPrototype(key: string, value: unknown): boolean {
  return key === '__proto__' || (key === 'constructor' && typeof value === 'object');
}

function refusal(path: readonly string[], message: string): RequestError {
  const pointer = pointerTo(path).toWellFormed();
  return new RequestError('body_invalid', `The body does not fit: ${pointer} ${message}.`, [
    { pointer, message },
  ]);
}
