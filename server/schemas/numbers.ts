/** Numbers in a query, where all is text. */
import { z } from '@hono/zod-openapi';

/** A whole number in decimal digits, and nothing that JavaScript would take for one besides. */
export function queryNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  const isWhole = (text: string) =>
    /^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max;
  return z
    .string()
    .refine(isWhole, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .openapi({ type: 'integer', minimum: min, maximum: max });
}
