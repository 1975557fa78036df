/**
 * Everything that the model server can do wrong on purpose, by name.
 *
 * A fault is switched on for the whole server, for one turn, or by a function of the request. It
 * strikes for ever, or as many `times` as it says. Faults of different kinds can be combined.
 */

/** What providers do differently in the calls of a streamed or whole reply of Chat Completions. */
const CALL_QUIRKS = [
  /** Every call has index 0. */
  'index_zero',
  /** No call has an index. */
  'no_index',
  /** The id of a call comes with its second delta. */
  'id_late',
  /** No call has an id. */
  'no_id',
  /** The name of a call comes after its arguments. */
  'name_late',
  /** The id, the type and the name of a call are in each of its deltas. */
  'id_repeated',
  /** The last delta of a call has another call's index, and its own id. */
  'tail_on_other_index',
  /** Each call comes whole, in one delta. */
  'calls_whole',
  /** The deltas of several calls take turns. */
  'calls_interleaved',
  /** Arguments are an object instead of a text. */
  'arguments_object',
  /** Arguments that would be `{}` are an empty text. */
  'arguments_empty',
  /** No message says that it comes from the assistant. */
  'no_role',
  /** The reason to finish is `stop`, also beside calls. */
  'finish_stop',
  /** The last call is cut off in its arguments, and the reason says `tool_calls` all the same. */
  'length_as_tool_calls',
  /** Chunks without a choice stand between the others. */
  'empty_choices',
  /** The stream ends without `[DONE]`. */
  'no_done',
] as const;

/** What both wires know, each in its way. */
const WIRE_QUIRKS = [
  /** No reason to finish at all; a stream of Responses ends without its closing event. */
  'finish_null',
  /** No usage. */
  'no_usage',
  /** Usage is null. */
  'usage_null',
  /** Comments and blank lines stand between events. */
  'comments',
  /** Lines end with carriage return and line feed. */
  'crlf',
  /** There is no space after `data:`. */
  'no_space',
] as const;

/** How the bytes of an answer are put into chunks. */
const BYTE_QUIRKS = [
  /** The whole answer is one chunk. */
  'one_chunk',
  /** Every byte is a chunk. */
  'byte_by_byte',
  /** Chunks end inside of characters that take several bytes. */
  'split_characters',
] as const;

/** Every quirk: the reply is right, and only its form is odd. For tests that try them all. */
export const QUIRKS = [...CALL_QUIRKS, ...WIRE_QUIRKS, ...BYTE_QUIRKS] as const;

/** Faults that need to know nothing more than that they are wanted. */
export const PLAIN_FAULTS = [
  /** The connection is reset before an answer. */
  'reset_before_headers',
  /** A web page, with status 200. */
  'html_200',
  /** An error object, with status 200. */
  'error_200',
  /** Nothing, with status 200. */
  'empty_200',
  /** JSON that is cut off, with status 200; in a stream, one event that is cut off. */
  'truncated_json',
  /** A reply of Chat Completions without a choice, with status 200; no output on Responses. */
  'no_choices',
  /** The text stops where a filter stopped it. */
  'content_filter',
  /** The model refuses instead of replying. */
  'refusal',
  /** The reply is cut off at the limit of its tokens, in the arguments of its last call if any. */
  'max_output_tokens',
  /** On Responses, a response that failed, with status 200. */
  'response_failed',
  /** On Responses, the closing event of a stream carries no output. */
  'output_empty',
  /** 429 that no patience cures. */
  'insufficient_quota',
  /** 400 for a system message on Chat Completions. */
  'no_system_role',
  /** 400 for any sealed reasoning. */
  'invalid_encrypted_content',
] as const;

type Plain =
  | (typeof QUIRKS)[number]
  | (typeof PLAIN_FAULTS)[number]
  // These have settings, and work without them, too.
  | 'stall'
  | 'rate_limit'
  | 'context_length'
  | 'error_in_stream';

interface PlainFault {
  readonly name: (typeof QUIRKS)[number] | (typeof PLAIN_FAULTS)[number];
}

/** The answer breaks off. */
export interface Cut {
  readonly name: 'cut';
  /** How many bytes of the body are sent before. */
  readonly afterBytes: number;
  /**
   * `end`: the body ends as if it were complete. `close`: the connection is closed in its middle.
   * `reset`: the connection is reset. Default: `end`.
   */
  readonly how?: 'end' | 'close' | 'reset';
}

/** The answer stops coming, and the connection stays open. */
interface Stall {
  readonly name: 'stall';
  /** How many bytes of the body are sent before. Default: not even the headers. */
  readonly afterBytes?: number;
  /** After this time the answer goes on. Default: never. */
  readonly forMs?: number;
}

/** The chunks of an answer come slowly. */
interface Drip {
  readonly name: 'drip';
  readonly everyMs: number;
}

/** An answer of HTTP instead of a reply, in OpenAI's words where they are known. */
export interface StatusFault {
  readonly name: 'status';
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent instead of OpenAI's words: a string as text, anything else as JSON. */
  readonly body?: unknown;
}

/** 429, with the headers as they are given: `86400`, `-5`, `soon`, a date. */
interface RateLimit {
  readonly name: 'rate_limit';
  readonly retryAfter?: string;
  readonly retryAfterMs?: string;
}

/** 400 for a conversation that is too long. */
interface ContextLength {
  readonly name: 'context_length';
  /** Refuses only requests that are longer, at four characters to a token. Default: every one. */
  readonly tokensMax?: number;
}

/** 400 for a request that has this parameter, and only for such a request. */
interface UnsupportedParameter {
  readonly name: 'unsupported_parameter';
  readonly param: string;
}

/** An error event in a stream that began well; without streaming, an error with status 200. */
interface ErrorInStream {
  readonly name: 'error_in_stream';
  /** How many events come before. Default: half of them. */
  readonly afterEvents?: number;
  readonly message?: string;
  readonly code?: string;
  /** On Responses, the error is an object in the event, as the API sends it at times. */
  readonly nested?: boolean;
}

/** A fault with its settings. `times` is counted for each fault object by each server. */
export type FaultParts = { readonly times?: number } & (
  | PlainFault
  | Cut
  | Stall
  | Drip
  | StatusFault
  | RateLimit
  | ContextLength
  | UnsupportedParameter
  | ErrorInStream
);

/** A fault, in full or by its name alone where that says enough. */
export type Fault = Plain | FaultParts;

/** One fault or several that strike together. */
export type Faults = Fault | readonly Fault[];

type Named<Name extends string> = Extract<FaultParts, { readonly name: Name }>;

/** The fault of a name among those that strike, with its settings. */
export function faultNamed<Name extends Exclude<FaultParts['name'], PlainFault['name']>>(
  faults: readonly FaultParts[],
  name: Name,
): Named<Name> | undefined {
  return faults.find((fault): fault is Named<Name> => fault.name === name);
}

/** Whether a fault strikes. */
export function has(faults: readonly FaultParts[], name: PlainFault['name']): boolean {
  return faults.some((fault) => fault.name === name);
}

/** How often each fault with `times` has struck. */
export type Strikes = WeakMap<object, number>;

/** The faults that strike now, each of which is counted. */
export function strike(
  faults: Faults | undefined,
  concerns: (fault: FaultParts) => boolean,
  strikes: Strikes,
): readonly FaultParts[] {
  const listed: readonly Fault[] = faults === undefined ? [] : [faults].flat();
  return listed.flatMap((fault) => {
    const parts = typeof fault === 'string' ? byName(fault) : fault;
    if (!concerns(parts)) return [];
    if (parts.times === undefined) return [parts];
    const struck = strikes.get(parts) ?? 0;
    if (struck >= parts.times) return [];
    strikes.set(parts, struck + 1);
    return [parts];
  });
}

function byName(name: Plain): FaultParts {
  switch (name) {
    case 'stall':
    case 'rate_limit':
    case 'context_length':
    case 'error_in_stream':
      return { name };
    default:
      return { name };
  }
}
