/**
 * Finds out which questions an answer is for, and whether it fits them, before anything is written.
 *
 * An answer names question ids. The short form names fields only; it is taken where there is one way
 * to read it, and refused where there are two: an answer must never reach the wrong call.
 */
import type { Answer } from '../../machines/vocabulary.ts';
import type { FieldError } from '../errors.ts';
import type { RunRow, SettledAnswer } from '../stores/rows.ts';
import { answerHash, fieldsFor, isSameAnswer, pointerTo, readAnswer } from './fields.ts';
import type { Question } from './question.ts';
import { closed, misfit, questionById } from './refusals.ts';
import { declineOf, isDeclined, settlementOf, toldOf } from './settle.ts';
import { type FieldAnswer, fromShortForm, type Given } from './short-form.ts';

/**
 * Values by field name, by question id. Null declines the question, whatever it asks. Declining one
 * that was declined causes nothing; for one that was closed in any other way it is refused, as every
 * other answer is.
 */
export type AnswersById = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

export type Answers = AnswersById | readonly FieldAnswer[];

/** What a question's tool demands of an answer beyond its fields; null is no answer, but a decline. */
export type CheckAnswer = (
  question: Question,
  answer: Answer | null,
) => Promise<readonly FieldError[]>;

/**
 * Reads answers against a run's questions.
 *
 * @returns what is to be closed; empty if all was answered the same way before
 * @throws RequestError with pointers into `answers`; nothing was written
 */
export async function readAnswers(
  run: RunRow,
  questions: readonly Question[],
  answers: Answers,
  check: CheckAnswer,
): Promise<SettledAnswer[]> {
  const given: Given[] = isShortForm(answers)
    ? fromShortForm(run, questions, answers)
    : Object.entries(answers).map(([id, values]) => ({
        question: questionById(run, questions, id),
        values,
        locate: (error: FieldError) => ({ ...error, pointer: pointerTo([id]) + error.pointer }),
      }));
  const errors: FieldError[] = [];
  const settled: SettledAnswer[] = [];
  for (const { question, values, locate } of given) {
    if (values === null) {
      if (question.status === 'open') {
        await check(question, null);
        settled.push(declined(question));
      } else if (question.status !== 'answered' || !isDeclined(question)) {
        throw closed(run, questions, question);
      }
      continue;
    }
    const read = readAnswer(fieldsFor(question, values), values);
    if (question.status !== 'open') {
      if ('answer' in read && isSameAnswer(question, read.answer)) continue;
      throw closed(run, questions, question);
    }
    const misfits = 'errors' in read ? read.errors : await check(question, read.answer);
    errors.push(...misfits.map(locate));
    if ('answer' in read) settled.push(settledAnswer(question, questions, read.answer));
  }
  if (errors.length > 0) throw misfit(errors);
  return settled;
}

function isShortForm(answers: Answers): answers is readonly FieldAnswer[] {
  return Array.isArray(answers);
}

function declined(question: Question): SettledAnswer {
  const { answer, result } = declineOf(question);
  return {
    questionId: question.id,
    answer,
    hash: answerHash(answer),
    event: { type: 'user.answered', call: question.path, questionId: question.id, result },
  };
}

function settledAnswer(
  question: Question,
  questions: readonly Question[],
  answer: Answer,
): SettledAnswer {
  const settlement = settlementOf(question, answer, question.runsTool);
  const happened = answer['outcome'] === 'it_happened' && question.reason === 'outcome_unknown';
  const changed = happened ? changedArguments(question, questions) : undefined;
  return {
    questionId: question.id,
    answer,
    hash: answerHash(answer),
    event: {
      type: 'user.answered',
      call: question.path,
      questionId: question.id,
      ...(settlement.unlocksTool ? {} : { result: toldOf(changed, settlement.result) }),
    },
  };
}

/** What the person put in place of the arguments of a call when it was approved. */
function changedArguments({ path }: Question, questions: readonly Question[]) {
  const approval = questions.find((one) => one.path === path && one.reason === 'approval');
  return approval?.answer?.['arguments'];
}
