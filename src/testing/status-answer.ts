/**
 * What the API and what stands before it answer with a status of HTTP: OpenAI's sentences where
 * they are known, a web page where a gateway answers instead.
 */

import { type Answer, plainAnswer } from './answer.ts';
import type { StatusFault } from './fault.ts';
import { Refused } from './refused.ts';
import { tokensOf } from './spoken-turn.ts';
import type { Wire } from './turn.ts';

export const HTML = { 'content-type': 'text/html; charset=utf-8' };

export function page(title: string): string {
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
}

/** Answered by a gateway, which knows nothing of JSON. */
const GATEWAY_PAGES: ReadonlyMap<number, string> = new Map([
  [502, '502 Bad Gateway'],
  [504, '504 Gateway Time-out'],
]);

export function statusAnswer(fault: StatusFault, model: string): Answer {
  const { status, headers = {}, body } = fault;
  if (body !== undefined) return plainAnswer(status, body, headers);
  const title = GATEWAY_PAGES.get(status);
  if (title !== undefined) return plainAnswer(status, page(title), { ...HTML, ...headers });
  return plainAnswer(status, statusRefusal(status, model).body, headers);
}

export function statusRefusal(status: number, model: string): Refused {
  const words = WORDS.get(status)?.(model);
  if (words === undefined) return new Refused(`The server answers with ${status}.`, { status });
  const { message, ...options } = words;
  return new Refused(message, { status, ...options });
}

interface Words {
  readonly message: string;
  readonly type?: string;
  readonly code?: string;
}

const WORDS: ReadonlyMap<number, (model: string) => Words> = new Map<
  number,
  (model: string) => Words
>([
  [
    401,
    () => ({
      message:
        'Incorrect API key provided: test. You can find your API key at https://platform.openai.com/account/api-keys.',
      code: 'invalid_api_key',
    }),
  ],
  [
    403,
    () => ({
      message: 'Country, region, or territory not supported',
      type: 'request_forbidden',
      code: 'unsupported_country_region_territory',
    }),
  ],
  [
    404,
    (model) => ({
      message: `The model \`${model}\` does not exist or you do not have access to it.`,
      code: 'model_not_found',
    }),
  ],
  [
    429,
    (model) => ({
      message:
        `Rate limit reached for ${model} in organization org-test on requests per min (RPM): ` +
        'Limit 3, Used 3, Requested 1. Please try again in 20s. ' +
        'Visit https://platform.openai.com/account/rate-limits to learn more.',
      type: 'requests',
      code: 'rate_limit_exceeded',
    }),
  ],
  [
    500,
    () => ({
      message:
        'The server had an error while processing your request. Sorry about that! You can retry ' +
        'your request, or contact us through our help center at help.openai.com if the error persists.',
    }),
  ],
  [503, () => ({ message: 'The engine is currently overloaded, please try again later' })],
]);

export function quotaExceeded(): Refused {
  return new Refused(
    'You exceeded your current quota, please check your plan and billing details. For more ' +
      'information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
    { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  );
}

export function contextExceeded(wire: Wire, length: number, tokensMax = 1): Refused {
  const code = 'context_length_exceeded';
  if (wire === 'responses') {
    return new Refused(
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
      { param: 'input', code },
    );
  }
  return new Refused(
    `This model's maximum context length is ${tokensMax} tokens. However, your messages resulted ` +
      `in ${tokensOf(length)} tokens. Please reduce the length of the messages.`,
    { param: 'messages', code },
  );
}
