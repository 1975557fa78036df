/** Why an answer is not taken. */
import { type FieldError, RequestError } from '../errors.ts';
import type { RunRow } from '../stores/rows.ts';
import { shortened } from '../text.ts';
import type { Question } from './question.ts';

/** The refusal of a token, the same for every reason: who guesses learns nothing. */
export function tokenInvalid(): RequestError {
  return new RequestError(
    'token_invalid',
    'The token answers no question: it is unknown or expired, or its question is closed.',
  );
}

/** The refusal of a run that has ended. */
export function finished({ id, status }: RunRow): RequestError {
  return new RequestError(
    'run_finished',
    `Run "${id}" is ${status} and cannot be continued. Start another.`,
  );
}

export function misfit(errors: readonly FieldError[]): RequestError {
  return new RequestError(
    'answer_invalid',
    'The answer does not fit the question. The run is still paused: correct the fields and resume again.',
    errors,
  );
}

export function closed(
  run: RunRow,
  questions: readonly Question[],
  question: Question,
): RequestError {
  if (question.status === 'answered') {
    return new RequestError(
      'answer_conflict',
      `Question "${question.id}" was already answered with other values. The first answer stands.`,
    );
  }
  if (question.status === 'expired') {
    return new RequestError(
      'question_expired',
      `Question "${question.id}" expired at ${question.expiresAt?.toISOString()}. What it was about went on without an answer.`,
    );
  }
  return closedIn(run, questions, question.id);
}

export function questionById(run: RunRow, questions: readonly Question[], id: string): Question {
  const question = questions.find((one) => one.id === id);
  if (!question) throw closedIn(run, questions, id);
  return question;
}

export function closedIn(run: RunRow, questions: readonly Question[], id: string): RequestError {
  if (run.status !== 'working' && run.status !== 'input_required') {
    return finished(run);
  }
  const open = questions.filter((one) => one.status === 'open').map((one) => `"${one.id}"`);
  return new RequestError(
    'question_not_open',
    `Run "${run.id}" has no open question "${shortened(id)}". Open: ${open.join(', ') || 'none'}.`,
  );
}

/** The refusal of a question that is closed, to somebody who needs to know no more of its run. */
export function notOpen(questionId: string): RequestError {
  return new RequestError('question_not_open', `Question "${questionId}" is not open.`);
}
