/**
 * The kinds of values that requests of both wires are made of: texts, names, lists and tools'
 * parameters, with the limits that the API sets.
 */

import { z } from 'zod';

/** What can name a function or the author of a message. */
export const name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z0-9_-]+$/);

/** The JSON Schema of a tool, which is not looked into here. */
export const parameters = z.record(z.string(), z.unknown());

/** `auto`, `none`, `required`, or an object that names a tool. */
export const toolChoice = z.union([z.string(), z.looseObject({ type: z.string() })]);

/**
 * A list that is read up to its first mistake. `z.array` would collect the mistakes of every item,
 * and a body of 50 MB can hold millions of them.
 */
export function list<Item extends z.ZodType>(item: Item, max = Number.POSITIVE_INFINITY) {
  return z
    .array(z.unknown())
    .min(1)
    .max(max)
    .transform((values, context) => {
      const items: z.output<Item>[] = [];
      for (const [index, value] of values.entries()) {
        const read = item.safeParse(value);
        if (read.success) {
          items.push(read.data);
          continue;
        }
        const mistakes = read.error.issues.slice(0, 1);
        for (const mistake of mistakes) {
          const path = [index, ...mistake.path];
          context.issues.push({ ...mistake, input: value, path } as z.core.$ZodRawIssue);
        }
        return z.NEVER;
      }
      return items;
    });
}
