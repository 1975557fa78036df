/** What an answer, or the lack of one, does to the tool call that asked. */
import type { Answer, FieldValue } from '../../machines/vocabulary.ts';
import type { Question } from './question.ts';

/** The answer is the call's result, or it lets the held tool run. */
export type Settlement =
  | { readonly unlocksTool: true }
  | { readonly unlocksTool: false; readonly result: string };

const unlocks: Settlement = { unlocksTool: true };

function result(text: string): Settlement {
  return { unlocksTool: false, result: text };
}

/**
 * What an answer means for its call.
 *
 * @param runsTool whether the call is of a tool that runs once it is answered
 */
export function settlementOf(
  question: Pick<Question, 'reason'>,
  answer: Answer,
  runsTool: boolean,
): Settlement {
  switch (question.reason) {
    case 'input_required':
      return runsTool ? unlocks : result(JSON.stringify(answer));
    case 'approval':
      return answer['approved'] === true ? unlocks : result(declined(answer['note']));
    case 'external_execution':
      return result(textOf(answer['result']));
    case 'outcome_unknown':
      return outcomeOf(answer);
  }
}

function declined(note: FieldValue | undefined): string {
  return typeof note === 'string' && note !== ''
    ? `The person declined. Their note: ${note}`
    : 'The person declined.';
}

/**
 * What is kept as the answer where the person declines a question, and what the model reads. Null where
 * no values of its fields say it: an empty form is an answer.
 */
export function declineOf({ reason }: Pick<Question, 'reason'>): {
  readonly answer: Answer | null;
  readonly result: string;
} {
  switch (reason) {
    case 'approval':
      return { answer: { approved: false }, result: declined(undefined) };
    case 'outcome_unknown':
      return { answer: { outcome: 'give_up' }, result: gaveUp };
    case 'input_required':
    case 'external_execution':
      return { answer: null, result: declined(undefined) };
  }
}

/** Whether what was answered is a decline, with a note or without. */
export function isDeclined({ reason, answer }: Pick<Question, 'reason' | 'answer'>): boolean {
  switch (reason) {
    case 'approval':
      return answer?.['approved'] === false;
    case 'outcome_unknown':
      return answer?.['outcome'] === 'give_up';
    case 'input_required':
    case 'external_execution':
      return answer === null;
  }
}

const gaveUp = 'The tool was interrupted, and the person chose not to run it again.';

function textOf(value: FieldValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function outcomeOf(answer: Answer): Settlement {
  switch (answer['outcome']) {
    case 'run_it_again':
      return unlocks;
    case 'it_happened':
      return result(String(answer['result'] ?? 'The tool did its work.'));
    default:
      return result(gaveUp);
  }
}

/** A result in words for the model, which must hear what it did not ask for. */
export function toldOf(changed: FieldValue | undefined, text: string): string {
  return changed === undefined
    ? text
    : `The person changed the arguments to ${JSON.stringify(changed)}. ${text}`;
}

/** What the model reads when nobody answered in time and the question was declined for it. */
export const expiredResult = 'Nobody answered in time, so this was declined.';
