/** Lists that clients send, of any length. */
import { z } from '@hono/zod-openapi';

/**
 * A list of which the first element that does not fit is told, and none after it: of a hundred thousand
 * issues zod makes an error that is no refusal.
 */
export function listOf<Element extends z.ZodType>(element: Element, max: number) {
  return z.preprocess((list) => {
    if (!Array.isArray(list) || list.length > max) return list;
    const misfit = list.findIndex((one) => !element.safeParse(one).success);
    return misfit < 0 ? list : list.slice(0, misfit + 1);
  }, z.array(element).max(max));
}
