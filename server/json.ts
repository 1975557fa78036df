/** Reads JSON bodies, and refuses what no schema would notice. */
import type { Context } from 'hono';
import { pointerTo, RequestError } from '../src/index.ts';
import { HttpError } from './problems.ts';

/** Deeper bodies are refused: nothing that is asked for nests so far. */
const levelsMax = 32;

/**
 * The parsed body. A browser may post any type but JSON from a foreign page without asking, so
 * nothing else is read.
 *
 * @throws HttpError `media_type_unsupported`, `body_malformed`
 * @throws RequestError `body_invalid`
 */
export async function json(c: Context): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new HttpError('media_type_unsupported', 'Send the body as application/json.');
  }
  const text = await c.req.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new HttpError('body_malformed', 'The body is not JSON.');
  }
  check(body, []);
  const repeated = repeatedKey(text);
  if (repeated === undefined) return body;
  throw new RequestError('body_invalid', `The body gives "${repeated}" twice in one object.`);
}

/** A key that stands twice in one object of a JSON text: JSON.parse would take the last silently. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (const { 0: token, groups } of text.matchAll(
    /(?<text>"[^"\\]*(?:\\.[^"\\]*)*")\s*:?|[{}]/g,
  )) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token.endsWith(':')) {
      const key = String(JSON.parse(groups?.['text'] ?? '""'));
      if (open.at(-1)?.has(key)) return key.toWellFormed();
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}

function check(value: unknown, path: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= levelsMax) throw refusal(path, `is nested deeper than ${levelsMax} levels`);
  for (const [key, one] of Object.entries(value)) {
    // Copied as a property it would become a prototype.
    if (key === '__proto__') throw refusal([...path, key], 'is not known');
    check(one, [...path, key]);
  }
}

function refusal(path: readonly string[], message: string): RequestError {
  const pointer = pointerTo(path);
  return new RequestError('body_invalid', `The body does not fit: ${pointer} ${message}.`, [
    { pointer, message },
  ]);
}
