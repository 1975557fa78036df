/** Every error of the HTTP server as an RFC 9457 problem document, with a stable `code`. */
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type FieldError, RequestError, type RequestErrorCode } from '../src/index.ts';

/** Codes of the HTTP layer itself; the others are those of `RequestError`. */
type ProblemCode =
  | RequestErrorCode
  | 'route_not_found'
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
  body_malformed: { status: 400, title: 'The body is not JSON' },
  run_not_found: { status: 404, title: 'There is no such run' },
  route_not_found: { status: 404, title: 'There is no such route' },
  question_not_open: { status: 409, title: 'The question is not open' },
  answer_conflict: { status: 409, title: 'The question was answered differently' },
  run_finished: { status: 409, title: 'The run has ended' },
  body_too_large: { status: 413, title: 'The body is too large' },
  media_type_unsupported: { status: 415, title: 'The body must be JSON' },
  body_invalid: { status: 422, title: 'The body does not fit the request' },
  message_invalid: { status: 422, title: 'The message cannot be taken' },
  team_unknown: { status: 422, title: 'There is no such team' },
  answer_invalid: { status: 422, title: 'The answer does not fit the question' },
  answer_ambiguous: { status: 422, title: 'The answer could be for more than one question' },
  internal_error: { status: 500, title: 'Something failed inside' },
  snapshot_unreadable: { status: 503, title: 'Another version saved this run' },
  runtime_closed: { status: 503, title: 'The server is stopping' },
  store_in_use: { status: 503, title: 'The store is in use' },
  store_unusable: { status: 503, title: 'The store cannot be used' },
};

/** Answers with a problem document. */
export function problem(
  c: Context,
  code: ProblemCode,
  detail: string,
  errors: readonly FieldError[] = [],
): Response {
  const { status, title } = problemKinds[code];
  const body = {
    type: `urn:cadenza:problem:${code}`,
    title,
    status,
    code,
    detail,
    instance: c.req.path,
    ...(errors.length > 0 ? { errors } : {}),
  };
  if (status === 503) c.header('Retry-After', '1');
  return c.json(body, status, { 'Content-Type': 'application/problem+json' });
}

/** A body that cannot be read at all. */
export class BodyError extends Error {
  readonly code: 'body_malformed' | 'media_type_unsupported';

  constructor(code: BodyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Answers with what an error means. An unexpected one says nothing of its cause. */
export function problemOf(c: Context, error: unknown): Response {
  if (error instanceof RequestError) {
    return problem(c, error.code, error.message, error.errors);
  }
  if (error instanceof BodyError) return problem(c, error.code, error.message);
  if (error instanceof HTTPException && error.status === 413) {
    return problem(c, 'body_too_large', error.message);
  }
  console.error('cadenza:', error);
  return problem(c, 'internal_error', 'The request failed. Nothing that was acknowledged is lost.');
}
