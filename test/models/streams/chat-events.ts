/** The chunks that streams of Chat Completions are made of. */
import { type OddStream, type Writing, written } from './stream.ts';

export const chunk = (delta: object, finish: string | null = null, rest: object = {}) => ({
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...rest,
});

export const role = chunk({ role: 'assistant', content: '' });
export const text = (content: string) => chunk({ content });
export const finish = (reason: string, rest: object = {}) => chunk({}, reason, rest);
export const usage = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 5 } };

/** A piece of a call. Undefined fields are left out. */
export interface PieceParts {
  readonly index?: number;
  readonly id?: string;
  readonly name?: string;
  readonly args?: unknown;
}

export const piece = ({ index, id, name, args }: PieceParts) =>
  chunk({
    tool_calls: [
      {
        index,
        id,
        ...(id === undefined ? {} : { type: 'function' }),
        function: { name, arguments: args },
      },
    ],
  });

/** A stream that ends as it should, unless it is written in another way. */
export function chat(
  name: string,
  events: readonly unknown[],
  ends: OddStream['ends'],
  { writing, ...more }: Partial<OddStream> & { readonly writing?: Writing } = {},
): OddStream {
  const bytes = written([...events, usage, '[DONE]'], writing);
  return { name, api: 'chat', bytes, ends, ...more };
}

/** A stream of exactly these events. */
export function chatOf(
  name: string,
  events: readonly unknown[],
  ends: OddStream['ends'],
  { writing, ...more }: Partial<OddStream> & { readonly writing?: Writing } = {},
): OddStream {
  return { name, api: 'chat', bytes: written(events, writing), ends, ...more };
}
