/** What a model server's refusal or silence means: whether to ask again, and when. */
import type { APIError } from 'openai';
import { RunError } from '../errors.ts';
import { bodyOf, type ErrorBody, isModeration, labelsOf, wordsOf } from './error-body.ts';
import type { ModelFault } from './model.ts';
import type { OpenAIOptions } from './options.ts';
import type { Remedy } from './remedies.ts';

/** No call waits longer than this for its next try; a longer wait is told apart. In milliseconds. */
const retryAfterMax = 60_000;

/** Statuses after which the same request may work later. */
const passing = new Set([408, 409, 425, 429]);

/** The statuses that errors would have had, by their code or type, had the reply not begun. */
const meanings = new Map<unknown, number>([
  ['invalid_request_error', 400],
  ['invalid_prompt', 400],
  ['invalid_api_key', 401],
  ['authentication_error', 401],
  ['permission_error', 403],
  ['model_not_found', 404],
  ['insufficient_quota', 429],
  ['rate_limit_exceeded', 429],
  ['rate_limit_error', 429],
  ['server_overloaded', 503],
  ['overloaded_error', 503],
  ['slow_down', 503],
]);

/** An answer of the server that is an error. */
export function refusalOf(model: string, error: APIError): RunError {
  const { status } = error;
  if (status === undefined) return unreachable(model, error);
  return failureOf(model, status, bodyOf(error.error), error);
}

/** An error that the server sends with status 200, or in the middle of a stream. */
export function brokenOff(model: string, error: unknown): RunError {
  const body = bodyOf(error);
  const { code, type } = body;
  // Some gateways put the status there.
  const status = Number(code);
  if (Number.isInteger(status) && status >= 400 && status < 600) {
    return failureOf(model, status, body, error);
  }
  return failureOf(model, meanings.get(code) ?? meanings.get(type), body, error);
}

function failureOf(
  model: string,
  status: number | undefined,
  body: ErrorBody,
  cause: unknown,
): RunError {
  const { code, type } = body;
  const known = {
    ...(status === undefined ? {} : { status }),
    ...labelsOf(body, headersOf(cause)?.get('x-request-id')),
  };
  if (isTooLong(status, body)) {
    const what = `The conversation is too long for the model "${model}".`;
    return new RunError('context_too_long', what, known, cause);
  }
  if (isModeration(body)) return refused(model);
  const spent = status === 402 || code === 'insufficient_quota' || type === 'insufficient_quota';
  const passes = status === undefined || passing.has(status) || status >= 500;
  const retryable = passes && !spent;
  const isKey = status === 401 || status === 403;
  const lasting = spent ? 'account_empty' : isKey ? 'key_refused' : undefined;
  const isUnknown = status === 404 || code === 'model_not_found';
  const fault = retryable
    ? faultOf(status)
    : (lasting ?? (isUnknown ? 'model_unknown' : undefined));
  const details = {
    ...known,
    retryable,
    ...(fault === undefined ? {} : { fault }),
    ...(retryable ? waitOf(cause) : {}),
  };
  const kind = passes || lasting !== undefined ? 'model_unavailable' : 'model_request_refused';
  const said = status === undefined ? 'answered with an error' : `answered ${status}`;
  const why = spent
    ? ': the account or its quota is used up'
    : fault === 'model_unknown'
      ? ': there is no such model'
      : '';
  return new RunError(kind, `The model "${model}" ${said}${why}.`, details, cause);
}

/** What servers call a conversation that is longer than their model takes. */
const tooLong = [
  // OpenAI, OpenRouter, vLLM
  /maximum context length/i,
  /exceeds the context window/i,
  /longer than the maximum model length/i,
  // llama.cpp, by any status
  /exceeds the available context size/i,
  // Ollama
  /exceeded max context length/i,
  // LM Studio
  /greater than the context length/i,
  // Anthropic, Google and xAI, by their OpenAI wires or a gateway's
  /prompt is too long/i,
  /input token count .*exceeds the maximum number of tokens/i,
  /maximum prompt length is \d+/i,
];

function isTooLong(status: number | undefined, body: ErrorBody): boolean {
  const { code, type } = body;
  if (code === 'context_length_exceeded' || type === 'exceed_context_size_error') return true;
  // Too much in a minute is not too much at once.
  return status !== 429 && tooLong.some((words) => words.test(wordsOf(body)));
}

function faultOf(status: number | undefined): ModelFault {
  if (status === 409) return 'conflict';
  return status === 429 ? 'rate_limited' : 'overloaded';
}

/** No whole answer: the connection failed, or was cut. */
export function unreachable(model: string, cause: unknown, hasBegun = false): RunError {
  const what = `The model "${model}" could not be reached, or was cut off.`;
  const fault: ModelFault = isUnsent(cause) ? 'unreached' : 'cut';
  return new RunError('model_unavailable', what, { retryable: true, fault, hasBegun }, cause);
}

/** Whether a connection failed before anything was sent: a name, a port, a certificate. */
function isUnsent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, syscall, cause } = error as { code?: unknown; syscall?: unknown; cause?: unknown };
  return (
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    (typeof code === 'string' && unsent.test(code)) ||
    isUnsent(cause)
  );
}

const unsent =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** No key at all. */
export function keyless(model: string): RunError {
  const what = `There is no key for the model "${model}". Set OPENAI_API_KEY, or give openai() an apiKey.`;
  const fault: ModelFault = 'key_refused';
  return new RunError('model_unavailable', what, { retryable: false, fault });
}

/** No key now: what gives keys may give one later. */
export function keyNotGiven(model: string, cause?: unknown): RunError {
  const what = `There is no key for the model "${model}" now: the function that is its apiKey gave none.`;
  const fault: ModelFault = 'unreached';
  return new RunError('model_unavailable', what, { retryable: true, fault }, cause);
}

/** An option is not sent any more, because the server refused it; a reply may come all the same. */
export function optionLost(
  model: string,
  option: keyof OpenAIOptions,
  remedy: Remedy,
  cause: APIError,
): RunError {
  const what =
    remedy === 'reasoning beside tools'
      ? `takes no tools on Chat Completions while it reasons, so beside tools it is asked not to. Use api: 'responses', or leave "${option}" out.`
      : `does not take "${option}", so it is asked without it from now on. Leave it out, or change it.`;
  const details = { retryable: false, option };
  return new RunError('model_request_refused', `The model "${model}" ${what}`, details, cause);
}

/** The server was heard no more. */
export function silent(model: string, what: string, hasBegun: boolean): RunError {
  const fault: ModelFault = 'cut';
  return new RunError('model_unavailable', `The model "${model}" ${what}.`, {
    retryable: true,
    fault,
    hasBegun,
  });
}

/** An answer that is no reply, whatever its status. */
export function unusable(model: string, what: string, cause?: unknown): RunError {
  const fault: ModelFault = 'unusable';
  const message = `The model "${model}" ${what}.`;
  return new RunError('model_reply_unusable', message, { retryable: true, fault }, cause);
}

/** A reply whose end never came, though the connection closed as if it had. */
export function endless(model: string): RunError {
  const fault: ModelFault = 'cut';
  const message = `The model "${model}" stopped before the end of its reply.`;
  return new RunError('model_reply_unusable', message, { retryable: true, fault, hasBegun: true });
}

/**
 * The model says that it will not go on.
 *
 * @param refusal its own words, if it gave any: kept apart, because errors are logged
 */
export function refused(model: string, refusal?: string): RunError {
  const details = refusal ? { refusal } : {};
  return new RunError('model_refused', `The model "${model}" refused to go on.`, details);
}

/** How long to wait, in milliseconds: bounded. Beside it what was asked for, if that is longer. */
function waitOf(cause: unknown): { readonly retryAfterMs?: number; readonly longWaitMs?: number } {
  const askedMs = askedBy(cause);
  if (askedMs === undefined) return {};
  return askedMs <= retryAfterMax
    ? { retryAfterMs: askedMs }
    : { retryAfterMs: retryAfterMax, longWaitMs: askedMs };
}

/**
 * How long the server asks to wait, in milliseconds: nothing absurd. It says so in milliseconds, in
 * seconds or as a date.
 */
function askedBy(cause: unknown): number | undefined {
  const headers = headersOf(cause);
  const text = headers?.get('retry-after')?.trim() ?? '';
  const seconds = text === '' ? Number.NaN : Number(text);
  const waits = [
    Number(headers?.get('retry-after-ms') || Number.NaN),
    Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1_000,
  ];
  return waits.find((ms) => Number.isFinite(ms) && ms > 0);
}

/** Those of an answer: an error in its body may have some of its own, which are none. */
function headersOf(cause: unknown): Pick<Headers, 'get'> | undefined {
  if (typeof cause !== 'object' || cause === null || !('headers' in cause)) return undefined;
  const { headers } = cause as { readonly headers?: Pick<Headers, 'get'> | null };
  return typeof headers?.get === 'function' ? headers : undefined;
}
