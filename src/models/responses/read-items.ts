/** Reads what the items of a response say. */
import * as z from 'zod';
import { argumentsText } from '../chat/accumulate.ts';
import type { RequestedCall } from '../model.ts';

export const callItem = z.object({
  call_id: z.string().nullish(),
  name: z.string().nullish(),
  arguments: z.unknown().optional(),
});

const messageItem = z.object({
  content: z.array(
    z.looseObject({ type: z.string(), text: z.string().nullish(), refusal: z.string().nullish() }),
  ),
});

/** What the items of a turn say: the text, a refusal, and the calls in order. */
export function readItems(items: readonly { readonly type: string }[]): {
  readonly text: string | null;
  /** Null if it is none. */
  readonly refusal: string | null;
  readonly calls: readonly RequestedCall[];
} {
  const parts = items
    .filter(({ type }) => type === 'message')
    .flatMap((one) => messageItem.parse(one).content);
  const texts = parts.filter(({ type }) => type === 'output_text').map(({ text }) => text ?? '');
  const refusals = parts
    .filter(({ type }) => type === 'refusal')
    .map(({ refusal }) => refusal ?? '');
  const calls = items
    .filter(({ type }) => type === 'function_call')
    .map((one) => callItem.parse(one));
  return {
    text: texts.length === 0 ? null : texts.join(''),
    refusal: refusals.length === 0 ? null : refusals.join(''),
    calls: calls.map((call) => ({
      id: call.call_id ?? '',
      name: call.name ?? '',
      arguments: argumentsText(call.arguments),
    })),
  };
}
