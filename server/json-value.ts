/** What JSON can say and nobody may: texts that no store takes, keys that reach a prototype. */
import { pointerTo, RequestError } from '../src/index.ts';

/** Deeper values are refused: nothing that is asked for nests so far. */
const levelsMax = 32;

/**
 * Checks a value, and all that is in it.
 *
 * @param path where it stands in the body
 * @throws RequestError `body_invalid` with a pointer to what may not be there
 */
export function checkValue(value: unknown, path: readonly string[]): void {
  check(value, [...path]);
}

/** What a text says as JSON; the text itself where it is none, or says what may not be said. */
export function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    checkValue(value, []);
    return value;
  } catch {
    return text;
  }
}

/** @param path where the value stands; it is as it was afterwards */
function check(value: unknown, path: string[]): void {
  if (typeof value === 'string' && !isSound(value)) throw refusal(path, unsound);
  // 1e400 is such a number.
  if (value === Infinity || value === -Infinity) throw refusal(path, 'is too large a number');
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= levelsMax) throw refusal(path, `must nest at most ${levelsMax} levels deep`);
  const depth = path.length;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      path[depth] = String(index);
      check(value[index], path);
    }
  } else {
    for (const [key, one] of Object.entries(value)) {
      path[depth] = key;
      if (!isSound(key)) throw refusal(path, unsound);
      // What has such a key cannot be made a text: whoever compares or prints it would throw.
      if (isPrototype(key, one) || key === 'toString') throw refusal(path, 'is not known');
      check(one, path);
    }
  }
  path.length = depth;
}

/**
 * Checks that whatever has a "length" can be asked for it. A schema asks an object for it too, where it
 * expects a text, and throws if that cannot be made a text: an array becomes one by way of its values,
 * arrays in arrays one call inside the other.
 *
 * @throws RequestError `body_invalid`
 */
export function checkLengths(body: unknown): void {
  // The level is 1 for what stands under "length", one more for each array around it from there on.
  const waiting = [{ value: body, level: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, level } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (level > levelsMax) {
      throw refusal([], `holds a "length" that is nested deeper than ${levelsMax} levels`);
    }
    if (Array.isArray(value)) {
      for (const one of value) waiting.push({ value: one, level: level && level + 1 });
      continue;
    }
    if (level > 0 && Object.hasOwn(value, 'toString')) {
      throw refusal([], 'holds a "length" with a "toString" in it');
    }
    for (const [key, one] of Object.entries(value)) {
      if (typeof one === 'object') waiting.push({ value: one, level: Number(key === 'length') });
    }
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

/** The refusal of what stands at a path. */
export function refusal(path: readonly string[], message: string): RequestError {
  const pointer = pointerTo(path.slice(0, levelsMax));
  return new RequestError('body_invalid', `The body does not fit: ${pointer || 'it'} ${message}.`, [
    { pointer, message },
  ]);
}
