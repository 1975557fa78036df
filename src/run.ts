/** A run as a caller sees it: a union on `status`, so that each status has just its own fields. */
import type { Question } from './questions.ts';
import type { Failure, RunRow } from './stores/store.ts';

interface RunBase {
  readonly id: string;
  readonly sessionId: string;
  readonly team: string;
  /** The person's message that began it. */
  readonly message: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * A run. `input_required` means that only the person can move it. A run that still works may have
 * open questions already; they can be answered at once.
 */
export type Run =
  | (RunBase & { readonly status: 'working'; readonly questions: readonly Question[] })
  | (RunBase & { readonly status: 'input_required'; readonly questions: readonly Question[] })
  | (RunBase & { readonly status: 'completed'; readonly content: string })
  | (RunBase & { readonly status: 'failed'; readonly failure: Failure })
  | (RunBase & { readonly status: 'cancelled' });

const unknownFailure: Failure = { code: 'internal_error', message: 'The run failed.' };

/** Puts a run's row and its questions together. */
export function runFrom(row: RunRow, questions: readonly Question[]): Run {
  const { id, sessionId, team, message, status, content, failure } = row;
  const createdAt = new Date(row.createdAt);
  const base = { id, sessionId, team, message, createdAt, updatedAt: new Date(row.updatedAt) };
  switch (status) {
    case 'working':
    case 'input_required':
      return { ...base, status, questions: questions.filter((one) => one.status === 'open') };
    case 'completed':
      return { ...base, status, content: content ?? '' };
    case 'failed':
      return { ...base, status, failure: failure ?? unknownFailure };
    case 'cancelled':
      return { ...base, status };
  }
}
