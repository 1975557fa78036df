/** Bounds on texts that are read again: every provider has a limit, and so has patience. */

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

/** More of what somebody else made up is not told, in UTF-16 units. */
const toldMax = 200;

/**
 * What somebody else made up, a key or an id, as it is told again: well-formed, its end left out if it
 * is long.
 */
export function shortened(text: string): string {
  if (text.length <= toldMax) return text.toWellFormed();
  // No half of a character.
  return `${text
    .slice(0, toldMax)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed()}…`;
}

/** Whether JSON nests deeper than so many levels. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((one) => isDeeperThan(one, levels - 1));
}
