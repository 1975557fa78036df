/** What an odd stream of a model server is: its bytes, and what they come to when all of them come. */
import type { RunErrorCode } from '../../../src/errors.ts';
import type { Capabilities } from '../../../src/models/capabilities.ts';
import type { Reply } from '../../../src/models/model.ts';

export interface OddStream {
  readonly name: string;
  readonly api: 'chat' | 'responses';
  readonly bytes: Buffer;
  /** The content type. Default: that of a stream. */
  readonly type?: string;
  readonly capabilities?: Partial<Capabilities>;
  /** The turn, or the code of the error that the call ends in. */
  readonly ends: Turn | RunErrorCode;
}

export type Turn = Pick<Reply, 'text' | 'calls' | 'finish' | 'usage'>;

export const used = { inputTokens: 9, outputTokens: 5 };
export const unused = { inputTokens: 0, outputTokens: 0 };

export function said(text: string, more: Partial<Turn> = {}): Turn {
  return { text, calls: [], finish: 'stop', usage: used, ...more };
}

/** Calls as `[id, name, arguments]`. */
export function called(
  calls: readonly (readonly [string, string, string])[],
  more: Partial<Turn> = {},
): Turn {
  return {
    text: null,
    calls: calls.map(([id, name, args]) => ({ id, name, arguments: args })),
    finish: 'calls',
    usage: used,
    ...more,
  };
}

/** How events are written down. */
export interface Writing {
  readonly newline?: string;
  readonly before?: string;
  readonly between?: string;
  readonly space?: string;
  /** Whether events are named by their type. */
  readonly named?: boolean;
  readonly end?: string;
}

/** Events as the bytes of a stream; a text stands for itself. */
export function written(events: readonly unknown[], writing: Writing = {}): Buffer {
  const {
    newline = '\n',
    before = '',
    between = '',
    space = ' ',
    named = false,
    end = '',
  } = writing;
  const frames = events.map((event) => {
    const data = typeof event === 'string' ? event : JSON.stringify(event);
    const type = named && typeof event === 'object' && event && 'type' in event ? event.type : '';
    return `${type ? `event:${space}${type}\n` : ''}data:${space}${data}\n\n`;
  });
  return Buffer.from(before + (frames.join(between) + end).replaceAll('\n', newline));
}
