/** The events that streams of the Responses API are made of. */
import { type OddStream, type Writing, written } from './stream.ts';

export type Item = Readonly<Record<string, unknown>> & { readonly type: string };

export const message = (text: string, id = 'msg_1'): Item => ({
  type: 'message',
  id,
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});

export const call = (call_id: string, name: string, args: unknown, id = `fc_${call_id}`): Item => ({
  type: 'function_call',
  id,
  call_id,
  name,
  arguments: args,
});

export const reasoning = (id: string): Item => ({
  type: 'reasoning',
  id,
  summary: [],
  encrypted_content: 'gAAAAA',
});

export const usage = { input_tokens: 9, output_tokens: 5 };

export const done = (item: Item, output_index?: number) => ({
  type: 'response.output_item.done',
  ...(output_index === undefined ? {} : { output_index }),
  item,
});

export const added = (item: Item, output_index: number) => ({
  type: 'response.output_item.added',
  output_index,
  item,
});

export const wrote = (delta: string, output_index = 0) => ({
  type: 'response.output_text.delta',
  output_index,
  delta,
});

export const args = (delta: unknown, output_index = 0) => ({
  type: 'response.function_call_arguments.delta',
  output_index,
  delta,
});

export const created = {
  type: 'response.created',
  response: { status: 'in_progress', output: [] },
};

export const closed = (status: string, output: readonly Item[], rest: object = {}) => ({
  type: `response.${status}`,
  response: { status, output, usage, ...rest },
});

/** Each item done in its place, and the response completed with all of them. */
export const whole = (...items: Item[]) => [
  ...items.map((item, at) => done(item, at)),
  closed('completed', items),
];

/** A stream of exactly these events. */
export function responses(
  name: string,
  events: readonly unknown[],
  ends: OddStream['ends'],
  { writing, ...more }: Partial<OddStream> & { readonly writing?: Writing } = {},
): OddStream {
  const bytes = written(events, { named: true, ...writing });
  return { name, api: 'responses', bytes, ends, ...more };
}
