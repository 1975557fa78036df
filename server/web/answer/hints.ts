/** What a field takes, in words. */
import type { FieldBody } from 'cadenza/client';

/** Limits of texts from here on are met by nobody who writes by hand, in characters. */
const longMin = 10_000;

/** Undefined where its control shows it. */
export function hintOf(field: FieldBody): string | undefined {
  switch (field.type) {
    case 'integer':
      return `A whole number${between(field.min, field.max)}.`;
    case 'number':
      return `A number${between(field.min, field.max)}.`;
    case 'string': {
      const least = field.min !== undefined && field.min > 1 ? `At least ${field.min}` : '';
      const isShort = field.max !== undefined && field.max < longMin;
      const most = isShort ? `${least ? ', at' : 'At'} most ${field.max}` : '';
      return least || most ? `${least}${most} characters.` : undefined;
    }
    default:
      return undefined;
  }
}

function between(min: number | undefined, max: number | undefined): string {
  const low = isLimit(min) ? ` from ${min}` : '';
  const high = isLimit(max) ? ` ${low ? 'to' : 'up to'} ${max}` : '';
  return low + high;
}

/** A whole number always has limits, which no person means. */
function isLimit(limit: number | undefined): limit is number {
  return limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
}
