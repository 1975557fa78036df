/** Every error of the HTTP server as an RFC 9457 problem document, with a stable `code`. */
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import {
  described,
  type FieldError,
  RequestError,
  type RequestErrorCode,
  shortened,
} from '../src/index.ts';
import { requestIdOf } from './requests.ts';

/** Codes of the HTTP layer itself; the others are those of `RequestError`. */
export type ProblemCode =
  | RequestErrorCode
  | 'route_not_found'
  | 'method_not_allowed'
  | 'approval_not_found'
  | 'team_not_found'
  | 'chart_not_found'
  | 'unauthenticated'
  | 'too_many_requests'
  | 'too_many_streams'
  | 'origin_refused'
  | 'request_malformed'
  | 'request_timeout'
  | 'headers_too_large'
  | 'too_many_connections'
  | 'body_malformed'
  | 'body_too_large'
  | 'media_type_unsupported'
  | 'internal_error';

interface ProblemKind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
}

/** The status and title of every code. A title says what the code means, whatever the case. */
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = {
  request_malformed: { status: 400, title: 'The request cannot be read' },
  body_malformed: { status: 400, title: 'The body is not JSON' },
  idempotency_key_invalid: { status: 400, title: 'The idempotency key has another form' },
  unauthenticated: { status: 401, title: 'The server does not know who asks' },
  identity_invalid: { status: 401, title: 'The identity cannot be used' },
  not_allowed: { status: 403, title: 'Somebody else may answer' },
  token_invalid: { status: 403, title: 'The token answers no question' },
  origin_refused: { status: 403, title: 'The request comes from another site or machine' },
  run_not_found: { status: 404, title: 'There is no such run' },
  route_not_found: { status: 404, title: 'There is no such route' },
  question_not_found: { status: 404, title: 'There is no such question' },
  team_not_found: { status: 404, title: 'There is no such team' },
  chart_not_found: { status: 404, title: 'There is no such chart' },
  approval_not_found: { status: 404, title: 'There is no such approval' },
  method_not_allowed: { status: 405, title: 'The route takes other methods' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  run_paused: { status: 409, title: 'The session waits for answers' },
  run_busy: { status: 409, title: 'The session is at work' },
  request_in_progress: { status: 409, title: 'The request is not answered yet' },
  question_claimed: { status: 409, title: 'Somebody else is at the question' },
  definition_changed: { status: 409, title: 'The team has changed too much' },
  question_not_open: { status: 409, title: 'The question is not open' },
  answer_conflict: { status: 409, title: 'The question was answered differently' },
  run_finished: { status: 409, title: 'The run has ended' },
  question_expired: { status: 410, title: 'The time for an answer is over' },
  body_too_large: { status: 413, title: 'The body is too large' },
  media_type_unsupported: { status: 415, title: 'The body must be JSON' },
  idempotency_key_reused: { status: 422, title: 'The key came with another request' },
  body_invalid: { status: 422, title: 'The body, the query or a header does not fit' },
  message_invalid: { status: 422, title: 'The message cannot be taken' },
  input_refused: { status: 422, title: 'The team does not take the message' },
  dependency_unknown: { status: 422, title: 'There is no such dependency' },
  event_unknown: { status: 422, title: 'The log does not reach that event' },
  team_unknown: { status: 422, title: 'There is no such team' },
  answer_invalid: { status: 422, title: 'The answer does not fit the question' },
  answer_ambiguous: { status: 422, title: 'The answer could be for more than one question' },
  too_many_tenant_runs: { status: 429, title: 'The tenant has as many runs at work as it may' },
  too_many_requests: { status: 429, title: 'As many such requests are open as may be' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something failed inside' },
  snapshot_unreadable: { status: 503, title: 'Another version saved this run' },
  dependency_missing: { status: 503, title: 'The server lacks what the run needs' },
  too_many_runs: { status: 503, title: 'As many runs are at work as may be' },
  too_many_streams: { status: 503, title: 'As many streams are open as may be' },
  too_many_connections: { status: 503, title: 'As many connections are open as may be' },
  runtime_closed: { status: 503, title: 'The server is stopping' },
  store_busy: { status: 503, title: 'The store is busy' },
  store_in_use: { status: 503, title: 'The store is in use' },
  store_unusable: { status: 503, title: 'The store cannot be used' },
};

/** Whether the same request may succeed in a moment, though nobody does anything about it. */
export const retryable: ReadonlySet<ProblemCode> = new Set([
  'request_in_progress',
  'run_busy',
  'store_busy',
  'too_many_tenant_runs',
  'too_many_requests',
  'too_many_runs',
  'too_many_streams',
  'too_many_connections',
  'runtime_closed',
]);

/** So many values that do not fit are told of at most. */
export const errorsMax = 100;

/** Answers with a problem document. */
export function problem(
  c: Context,
  code: ProblemCode,
  detail: string,
  errors: readonly FieldError[] = [],
): Response {
  const body = problemBody(c, code, detail, errors);
  if (retryable.has(code)) c.header('Retry-After', '1');
  if (body.status === 401) c.header('WWW-Authenticate', 'Bearer');
  // The next request should find the server that comes after this one.
  if (code === 'runtime_closed') c.header('Connection', 'close');
  return c.json(body, body.status, { 'Content-Type': 'application/problem+json' });
}

function problemBody(
  c: Context,
  code: ProblemCode,
  detail: string,
  errors: readonly FieldError[] = [],
) {
  const requestId = requestIdOf(c);
  return {
    ...problemDocument(code, detail, c.req.path),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(errors.length > 0 ? { errors: errors.slice(0, errorsMax) } : {}),
  };
}

/** @param instance the path of the request */
export function problemDocument(code: ProblemCode, detail: string, instance: string) {
  const { status, title } = problemKinds[code];
  const type = `urn:cadenza:problem:${code}`;
  return { type, title, status, code, detail, instance, retryable: retryable.has(code) };
}

/** An error as the body of a problem document, for an answer that has begun already. */
export function problemBodyOf(c: Context, error: unknown) {
  if (error instanceof RequestError) return problemBody(c, error.code, error.message);
  report(c, error);
  return problemBody(c, 'internal_error', failedInside);
}

const failedInside = 'The request failed. Nothing that was acknowledged is lost.';

/** Answers where there is no route. */
export function notFound(c: Context): Response {
  return problem(c, 'route_not_found', `There is no ${c.req.method} ${shortened(c.req.path)}.`);
}

/** What only the HTTP layer knows: a body that cannot be read, a thing that is not there. */
export class HttpError extends Error {
  readonly code:
    | 'body_malformed'
    | 'body_too_large'
    | 'media_type_unsupported'
    | 'approval_not_found'
    | 'team_not_found'
    | 'chart_not_found'
    | 'too_many_requests'
    | 'too_many_streams';

  constructor(code: HttpError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Told of what went wrong inside a request. */
export type ReportFailure = (error: unknown, where: { readonly requestId?: string }) => void;

/** One line on stderr, without what anybody said. */
const print: ReportFailure = (error, { requestId: request_id }) =>
  console.error('cadenza:', JSON.stringify({ request_id, error: described(error) }));

/** Says who is told of what goes wrong inside requests. Default: one line on stderr. */
export function reporting(tell = print): MiddlewareHandler {
  return (c, next) => {
    c.set('report', tell);
    return next();
  };
}

/** Tells whoever listens of what went wrong inside a request. */
export function report(c: Context, error: unknown): void {
  const tell: ReportFailure = c.get('report');
  const requestId = requestIdOf(c);
  tell(error, requestId === undefined ? {} : { requestId });
}

/** Answers with what an error means. An unexpected one says nothing of its cause. */
export function problemOf(c: Context, error: unknown): Response {
  if (error instanceof RequestError) {
    return problem(c, error.code, error.message, error.errors);
  }
  if (error instanceof HttpError) return problem(c, error.code, error.message);
  if (error instanceof HTTPException && error.status === 413) {
    return problem(c, 'body_too_large', error.message);
  }
  if (isCutOff(error)) {
    return problem(c, 'body_malformed', 'The body did not arrive as a whole.');
  }
  report(c, error);
  return problem(c, 'internal_error', failedInside);
}

/** Whether a client left before its body's end; whoever reads the body then is told so by Node. */
function isCutOff(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && 'code' in error;
}
