/** What the server refuses, as an error. */
import type { ProblemBody } from './bodies.ts';

/** Whether an answer that is no problem document may be another one in a moment. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

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
  /** How long the server wants you to wait before that, in milliseconds, if it says so. */
  readonly retryAfterMs: number | undefined;

  /** @param retryAfter the header of that name */
  constructor(status: number, body: unknown, retryAfter?: string | null) {
    const problem = isProblem(body) ? body : undefined;
    super(problem?.detail ?? `The server answered ${status}, and does not say why.`);
    this.status = status;
    this.code = problem?.code ?? 'answer_unreadable';
    this.errors = problem?.errors ?? [];
    this.retryable = problem?.retryable ?? isPassing(status);
    // A date, which some proxies send, is no number of seconds.
    this.retryAfterMs = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : undefined;
  }
}

function isProblem(body: unknown): body is ProblemBody {
  const { code, detail } = Object(body);
  return typeof code === 'string' && typeof detail === 'string';
}
