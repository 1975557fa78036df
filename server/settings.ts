/** Reads settings from the environment and from arguments, and refuses what they cannot mean. */
import { StartError } from './start-error.ts';

/** A whole number from the environment. */
export function wholeNumber(
  name: string,
  fallback: number,
  [min, max]: readonly [number, number],
): number {
  const text = process.env[name] || String(fallback);
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new StartError(`${name} is "${text}". Use a whole number from ${min} to ${max}.`);
}

/** A setting that is on with 1, and off with 0 or nothing. */
export function isOn(name: string): boolean {
  const text = process.env[name] || '0';
  if (text === '0' || text === '1') return text === '1';
  throw new StartError(`${name} is "${text}". Use 1 or 0.`);
}

const unitsMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A span such as `30d`, `12h` or `90m`, in milliseconds. */
export function spanMs(name: string, text: string): number {
  const { count, unit = '' } = /^(?<count>\d{1,6})(?<unit>[mhd])$/.exec(text)?.groups ?? {};
  const unitMs = unitsMs[unit];
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs;
  throw new StartError(`${name} is "${text}". Use a number with m, h or d, such as 30d.`);
}

/** What a command prints of an error, with what it ends. */
export function sentenceOf(error: unknown, known: readonly (new (...args: never[]) => Error)[]) {
  const isKnown = error instanceof Error && known.some((kind) => error instanceof kind);
  return isKnown ? error.message : error;
}
