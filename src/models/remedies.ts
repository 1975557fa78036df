/** What a server says it does not take, and how the request is written without it. */
import type { APIError } from 'openai';
import { bodyOf, wordsOf } from './error-body.ts';
import type { OpenAIOptions } from './options.ts';

/**
 * What is left out of requests, or written in another way, because the server said so:
 *
 * - a parameter by its name
 * - `system role`: instructions come from the developer
 * - `reasoning beside tools`: a model that reasons by default takes tools on Chat Completions only
 *   when it is told not to
 */
export type Remedy = string;

/** The options that are lost with what is left out. */
const options = {
  temperature: 'temperature',
  max_tokens: 'maxOutputTokens',
  max_completion_tokens: 'maxOutputTokens',
  max_output_tokens: 'maxOutputTokens',
  parallel_tool_calls: 'parallelToolCalls',
  reasoning: 'reasoning',
  reasoning_effort: 'reasoning',
  'reasoning beside tools': 'reasoning',
  stream: 'stream',
} as const satisfies Record<Remedy, keyof OpenAIOptions>;

/** Parameters without which a request still asks for the same. */
const optional = new Set([
  'temperature',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'parallel_tool_calls',
  'reasoning',
  'reasoning_effort',
  'include',
  'store',
  'stream',
  'stream_options',
]);

/**
 * What would make the server take a request that it refused; undefined if nothing is known to.
 *
 * @param sent the request as it was sent
 */
export function remedyFor(error: APIError, sent: object): Remedy | undefined {
  if (error.status !== 400) return undefined;
  const { code, message, param } = bodyOf(error.error);
  const text = String(message ?? '');
  if (/Function tools with reasoning_effort are not supported/.test(text)) {
    return 'reasoning beside tools';
  }
  if (/does not support 'system'/.test(text)) return 'system role';
  if (/^Encrypted content is not supported/.test(text)) return 'include';
  const says =
    code === 'unsupported_parameter' ||
    code === 'unsupported_value' ||
    code === 'unknown_parameter' ||
    /^(Unsupported|Unrecognized|Unknown) (parameter|request argument|value)/i.test(text);
  if (!says) return undefined;
  const named =
    typeof param === 'string'
      ? param
      : /['`]([\w.]+)['`]|: ([\w.]+)\.?$/.exec(text)?.slice(1).find(Boolean);
  const name = named?.split('.')[0] ?? '';
  return optional.has(name) && name in sent ? name : undefined;
}

/**
 * The option that a remedy takes from the author; undefined where it takes none.
 *
 * @param remedies those that hold now, this one among them
 */
export function optionLostBy(
  remedy: Remedy,
  remedies: ReadonlySet<Remedy>,
  set: OpenAIOptions,
): keyof OpenAIOptions | undefined {
  // The bound on tokens has two names on Chat Completions; it goes by the other one first.
  const hasOtherName =
    /^max_(completion_)?tokens$/.test(remedy) &&
    !(remedies.has('max_tokens') && remedies.has('max_completion_tokens'));
  const option = Object.entries(options).find(([name]) => name === remedy)?.[1];
  return option === undefined || hasOtherName || set[option] === undefined ? undefined : option;
}

/** Azure and gateways say it in OpenAI's words, often without its code. */
const unreadable = /encrypted content .{0,300}could not be (verified|decrypted)/is;

/** Whether the server cannot read the reasoning that it is sent back: another one wrote it. */
export function cannotReadReasoning(error: APIError): boolean {
  if (error.status !== 400) return false;
  const body = bodyOf(error.error);
  return body.code === 'invalid_encrypted_content' || unreadable.test(wordsOf(body));
}
