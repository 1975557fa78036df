/**
 * Reads the text of a request's body as an object, and refuses what is no JSON or no Unicode.
 */

import type { z } from 'zod';
import * as refused from './refused.ts';
import { shapeRefusal } from './shape-refusal.ts';

export function parseBody(text: string): object {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw refused.unparsableBody();
  }
  judgeUnicode(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused.unparsableBody();
  }
  return body;
}

/** Reads a body as what the API takes, and says in its words what does not fit. */
export function readShape<Shape extends z.ZodType>(body: object, shape: Shape): z.output<Shape> {
  const { data, error } = shape.safeParse(body);
  if (error) throw shapeRefusal(body, error.issues);
  return data;
}

/**
 * Looks for half characters in the text of a JSON body. A body that was decoded as UTF-8 can carry
 * them only as escapes, and a backslash can only stand inside a string.
 */
function judgeUnicode(json: string): void {
  let high: { at: number; end: number } | undefined;
  for (const escaped of json.matchAll(/\\(?:u([0-9a-fA-F]{4})|[^u])/g)) {
    const unit = escaped[1] === undefined ? 0 : Number.parseInt(escaped[1], 16);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit < 0xdc00) {
      if (high) break;
      high = { at: escaped.index, end: escaped.index + escaped[0].length };
    } else {
      if (!high) throw surrogateAt('high', json, escaped.index);
      if (high.end !== escaped.index) break;
      high = undefined;
    }
  }
  if (high) throw surrogateAt('low', json, high.at);
}

function surrogateAt(missing: 'low' | 'high', json: string, char: number): refused.Refused {
  const before = json.slice(0, char);
  const line = before.split('\n').length;
  return refused.loneSurrogate(missing, { line, column: char - before.lastIndexOf('\n'), char });
}

/** Neither null nor absent: the API treats the two alike. */
export function isSet<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
