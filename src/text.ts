/** Bounds on texts that a model reads again: every provider has a limit, and so has patience. */

/** The longest result, report or reply that is kept, in UTF-16 units. */
const textMax = 262_144;

/**
 * What a model or a tool said, without NUL, which not every store keeps and not every client may send
 * back: U+FFFD stands for it, as for half a character.
 */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

/** The text as it can be kept and sent: well-formed, and cut where it is too long. */
export function bounded(text: string): string {
  const whole = withoutNul(text.toWellFormed());
  if (whole.length <= textMax) return whole;
  return `${whole.slice(0, textMax).toWellFormed()}\n(cut after ${textMax} characters)`;
}

/** Whether JSON nests deeper than so many levels. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((one) => isDeeperThan(one, levels - 1));
}
