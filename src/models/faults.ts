/** What a model server's refusal or silence means: whether to ask again, and when. */
import type { APIError } from 'openai';
import { RunError } from '../errors.ts';

/** Longer waits than this are not obeyed, in milliseconds. */
const retryAfterMax = 60_000;

/** Statuses after which the same request may work later. */
const passing = new Set([408, 409, 425, 429]);

interface ErrorBody {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly param?: unknown;
}

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
  const isRefusal = type === 'invalid_request_error' || code === 'invalid_prompt';
  return failureOf(model, isRefusal ? 400 : undefined, body, error);
}

function failureOf(
  model: string,
  status: number | undefined,
  { code, message }: ErrorBody,
  cause: unknown,
): RunError {
  const known = status === undefined ? {} : { status };
  if (code === 'context_length_exceeded' || /maximum context length/.test(String(message))) {
    const what = `The conversation is too long for the model "${model}".`;
    return new RunError('context_too_long', what, known, cause);
  }
  if (code === 'content_filter') return refused(model);
  const spent = code === 'insufficient_quota';
  const passes = status === undefined || passing.has(status) || status >= 500;
  const retryable = passes && !spent;
  const retryAfterMs = retryable ? retryAfterOf(cause) : undefined;
  const details = { ...known, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  const mayComeBack = passes || status === 401 || status === 403;
  const kind = mayComeBack ? 'model_unavailable' : 'model_request_refused';
  const said = status === undefined ? 'answered with an error' : `answered ${status}`;
  const why = spent ? ': the quota is used up' : '';
  return new RunError(kind, `The model "${model}" ${said}${why}.`, details, cause);
}

/** No answer at all: the connection failed, or was cut. */
export function unreachable(model: string, cause: unknown): RunError {
  const what = `The model "${model}" could not be reached, or was cut off.`;
  return new RunError('model_unavailable', what, { retryable: true }, cause);
}

/** An answer that is no reply, whatever its status. */
export function unusable(model: string, what: string, cause?: unknown): RunError {
  const message = `The model "${model}" ${what}.`;
  return new RunError('model_reply_unusable', message, { retryable: true }, cause);
}

/** The model says that it will not go on. */
export function refused(model: string): RunError {
  return new RunError('model_refused', `The model "${model}" refused to go on.`);
}

function bodyOf(error: unknown): ErrorBody {
  if (typeof error === 'string') return { message: error };
  return typeof error === 'object' && error !== null ? error : {};
}

/**
 * How long the server asks to wait, in milliseconds: bounded, and nothing absurd. It says so in
 * milliseconds, in seconds or as a date.
 */
function retryAfterOf(cause: unknown): number | undefined {
  if (typeof cause !== 'object' || cause === null || !('headers' in cause)) return undefined;
  const { headers } = cause as Pick<APIError, 'headers'>;
  const text = headers?.get('retry-after')?.trim() ?? '';
  const seconds = text === '' ? Number.NaN : Number(text);
  const waits = [
    Number(headers?.get('retry-after-ms') || Number.NaN),
    Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1_000,
  ];
  const waitMs = waits.find((ms) => Number.isFinite(ms) && ms > 0);
  return waitMs === undefined ? undefined : Math.min(waitMs, retryAfterMax);
}
