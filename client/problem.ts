/** What the server refuses, as an error. */
import type { ProblemBody } from './bodies.ts';

/** Answers that are no problem document, but the same request may get a better one. */
const passing = [408, 429, 502, 503, 504];

/** An answer of the server other than 2xx. */
export class CadenzaProblem extends Error {
  override readonly name = 'CadenzaProblem';
  /** What went wrong; `answer_unreadable` where something between you and the server answered. */
  readonly code: ProblemBody['code'] | 'answer_unreadable';
  /** The HTTP status. */
  readonly status: number;
  /** The values that do not fit, with JSON pointers; empty unless the code is about values. */
  readonly errors: NonNullable<ProblemBody['errors']>;
  /** Whether the same request may succeed in a moment. */
  readonly retryable: boolean;

  constructor(status: number, body: unknown) {
    const problem = isProblem(body) ? body : undefined;
    super(problem?.detail ?? `The server answered ${status}, and does not say why.`);
    this.status = status;
    this.code = problem?.code ?? 'answer_unreadable';
    this.errors = problem?.errors ?? [];
    this.retryable = problem?.retryable ?? passing.includes(status);
  }
}

function isProblem(body: unknown): body is ProblemBody {
  const { code, detail } = Object(body);
  return typeof code === 'string' && typeof detail === 'string';
}
