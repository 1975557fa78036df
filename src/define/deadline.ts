/** Refuses times that no timer can keep, and default answers that could never be taken. */
import { DefinitionError } from '../errors.ts';
import { fieldsFor, readAnswer } from '../questions/fields.ts';
import type { Deadline, QuestionDraft } from '../questions/question.ts';

/** When a question expires, and when it is reminded of. */
export type QuestionTimes = Pick<QuestionDraft, 'deadline' | 'remindAfterMs'>;

/** The longest time that setTimeout can wait. */
const longestMs = 2_147_483_647;

/**
 * Checks a time in milliseconds.
 *
 * @param owner who has it, for the error: `Tool "book_table"`
 * @throws DefinitionError `limit_unusable`
 */
export function checkTime(owner: string, what: string, ms: number | undefined): void {
  if (ms === undefined || (Number.isInteger(ms) && ms >= 1 && ms <= longestMs)) return;
  throw new DefinitionError(
    'limit_unusable',
    `${owner} has ${what} ${ms}. Use whole milliseconds from 1 to ${longestMs}.`,
  );
}

/**
 * Checks when a question expires or is reminded of, and the answer that is given for it then.
 *
 * @param question what is asked, where it is known beforehand
 * @throws DefinitionError `limit_unusable`, or `tool_unusable` for an answer that does not fit
 */
export function checkTimes(
  owner: string,
  { deadline, remindAfterMs }: QuestionTimes,
  question?: Pick<QuestionDraft, 'reason' | 'fields'>,
): void {
  checkTime(owner, 'remindAfterMs', remindAfterMs);
  checkTime(owner, 'deadline.afterMs', deadline?.afterMs);
  const answer = defaultOf(deadline);
  if (!question || !answer) return;
  const read = readAnswer(fieldsFor(question, answer), answer);
  if (!('errors' in read)) return;
  const misfits = read.errors.map(({ pointer, message }) => `${pointer || 'it'} ${message}`);
  throw new DefinitionError(
    'tool_unusable',
    `${owner} has a default answer that does not fit its question: ${misfits.join('; ')}.`,
  );
}

function defaultOf(deadline: Deadline | undefined) {
  const then = deadline?.onExpiry;
  return typeof then === 'object' ? then.answer : undefined;
}
