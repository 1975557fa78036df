/**
 * Finds out which questions an answer is for, and whether it fits them, before anything is written.
 *
 * An answer names question ids. The short form names fields only; it is taken where there is one way
 * to read it, and refused where there are two: an answer must never reach the wrong call.
 */
import type { Answer, Field } from '../machines/vocabulary.ts';
import { type FieldError, RequestError } from './errors.ts';
import { answerHash, pointerTo, type Question, readAnswer, settlementOf } from './questions.ts';
import type { RunRow, SettledAnswer } from './stores/store.ts';

/** Values by field name, by question id. */
export type AnswersById = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One value in the short form. Text is read as the field's type. */
export interface FieldAnswer {
  readonly fieldName: string;
  readonly value: unknown;
  /** Needed where several open questions have a field of this name. */
  readonly questionId?: string;
}

export type Answers = AnswersById | readonly FieldAnswer[];

/**
 * Reads answers against a run's questions.
 *
 * @returns what is to be closed; empty if all was answered the same way before
 * @throws RequestError with pointers into `answers`; nothing was written
 */
export function readAnswers(
  run: RunRow,
  questions: readonly Question[],
  answers: Answers,
): SettledAnswer[] {
  const given = isShortForm(answers)
    ? fromShortForm(run, questions, answers)
    : Object.entries(answers).map(([id, values]) => ({
        question: questionById(run, questions, id),
        values,
        locate: (error: FieldError) => ({ ...error, pointer: pointerTo([id]) + error.pointer }),
      }));
  const errors: FieldError[] = [];
  const settled: SettledAnswer[] = [];
  for (const { question, values, locate } of given) {
    const read = readAnswer(question.fields, values);
    if ('errors' in read) {
      if (question.status === 'open') {
        errors.push(...read.errors.map(locate));
        continue;
      }
      throw closed(run, questions, question);
    }
    if (question.status === 'open') settled.push(settledAnswer(question, read.answer));
    else if (!isSameAnswer(question, read.answer)) throw closed(run, questions, question);
  }
  if (errors.length > 0) throw misfit(errors);
  return settled;
}

function isShortForm(answers: Answers): answers is readonly FieldAnswer[] {
  return Array.isArray(answers);
}

function settledAnswer(question: Question, answer: Answer): SettledAnswer {
  const settlement = settlementOf(question, answer);
  return {
    questionId: question.id,
    answer,
    hash: answerHash(answer),
    event: {
      type: 'user.answered',
      call: question.path,
      questionId: question.id,
      ...(settlement.unlocksTool ? {} : { result: settlement.result }),
    },
  };
}

function isSameAnswer(question: Question, answer: Answer): boolean {
  return question.answer !== undefined && answerHash(question.answer) === answerHash(answer);
}

function misfit(errors: readonly FieldError[]): RequestError {
  return new RequestError(
    'answer_invalid',
    'The answer does not fit the question. The run is still paused: correct the fields and resume again.',
    errors,
  );
}

function closed(run: RunRow, questions: readonly Question[], question: Question): RequestError {
  if (question.status === 'answered') {
    return new RequestError(
      'answer_conflict',
      `Question "${question.id}" was already answered with other values. The first answer stands.`,
    );
  }
  return notOpen(run, questions, question.id);
}

function questionById(run: RunRow, questions: readonly Question[], id: string): Question {
  const question = questions.find((one) => one.id === id);
  if (!question) throw notOpen(run, questions, id);
  return question;
}

function notOpen(run: RunRow, questions: readonly Question[], id: string): RequestError {
  if (run.status !== 'working' && run.status !== 'input_required') {
    return new RequestError(
      'run_finished',
      `Run "${run.id}" is ${run.status} and cannot be continued. Start another.`,
    );
  }
  const open = questions.filter((one) => one.status === 'open').map((one) => `"${one.id}"`);
  return new RequestError(
    'question_not_open',
    `Run "${run.id}" has no open question "${id}". Open: ${open.join(', ') || 'none'}.`,
  );
}

interface Given {
  readonly question: Question;
  readonly values: Record<string, unknown>;
  /** Moves a pointer into one answer to a pointer into all of them. */
  readonly locate: (error: FieldError) => FieldError;
}

function fromShortForm(
  run: RunRow,
  questions: readonly Question[],
  answers: readonly FieldAnswer[],
): Given[] {
  refuseLateRepeat(questions, answers);
  const indexes = new Map<Question, Map<string, number>>();
  const errors: FieldError[] = [];
  for (const [index, { fieldName, questionId }] of answers.entries()) {
    const found =
      questionId === undefined
        ? questionByField(run, questions, answers, index)
        : questionById(run, questions, questionId);
    if ('pointer' in found) {
      errors.push(found);
      continue;
    }
    const fields = indexes.get(found) ?? new Map<string, number>();
    if (fields.has(fieldName)) {
      errors.push({ pointer: `/${index}`, message: `gives "${fieldName}" a second time` });
    }
    indexes.set(found, fields.set(fieldName, index));
  }
  if (errors.length > 0) throw misfit(errors);
  return [...indexes].map(([question, fields]) => ({
    question,
    values: valuesOf(question, fields, answers),
    locate: ({ pointer, message }) => {
      const name = pointer.slice(1).split('/')[0] ?? '';
      const index = fields.get(name);
      return index === undefined
        ? { pointer: '', message: `has no value for "${name}"` }
        : { pointer: `/${index}/value`, message };
    },
  }));
}

function valuesOf(
  question: Question,
  fields: ReadonlyMap<string, number>,
  answers: readonly FieldAnswer[],
): Record<string, unknown> {
  return Object.fromEntries(
    [...fields].map(([name, index]) => {
      const field = question.fields.find((one) => one.name === name);
      const value = answers[index]?.value;
      return [name, field ? typed(field, value) : value];
    }),
  );
}

/** The one question that a field name can mean, or what stands in the way. */
function questionByField(
  run: RunRow,
  questions: readonly Question[],
  answers: readonly FieldAnswer[],
  index: number,
): Question | FieldError {
  const { fieldName = '' } = answers[index] ?? {};
  const having = questions.filter((one) => one.fields.some(({ name }) => name === fieldName));
  const open = having.filter((one) => one.status === 'open');
  const [first, second] = open;
  if (second) {
    throw new RequestError(
      'answer_ambiguous',
      `${open.length} open questions have a field named "${fieldName}". Name the question that each value is for; the run is still paused.`,
      [{ pointer: `/${index}`, message: `needs the id of its question: ${idsOf(open)}` }],
    );
  }
  if (first) return first;
  const closedOnes = having.filter((one) => one.status !== 'open');
  const repeated = closedOnes.find((one) => isRepeatOf(one, answers));
  const last = repeated ?? closedOnes.at(-1);
  if (last) return last;
  if (run.status !== 'working' && run.status !== 'input_required')
    throw notOpen(run, questions, fieldName);
  return { pointer: `/${index}`, message: 'is not a field of an open question' };
}

/**
 * A request that arrives twice must not answer a later question that has the same fields. Without
 * question ids nothing tells a repeat from a person who gives the same values again, so neither is
 * guessed at.
 */
function refuseLateRepeat(questions: readonly Question[], answers: readonly FieldAnswer[]): void {
  if (answers.length === 0 || answers.some((one) => one.questionId !== undefined)) return;
  const names = new Set(answers.map((one) => one.fieldName));
  const open = questions.filter(
    (one) => one.status === 'open' && one.fields.some(({ name }) => names.has(name)),
  );
  const before = questions.find((one) => isRepeatOf(one, answers));
  if (open.length === 0 || !before) return;
  throw new RequestError(
    'answer_ambiguous',
    `These values repeat the answer to question "${before.id}", and another question with the same fields is open. Name the question that they are for; the run is still paused.`,
    [{ pointer: '/0', message: `needs the id of its question: ${idsOf(open)}` }],
  );
}

function isRepeatOf(question: Question, answers: readonly FieldAnswer[]): boolean {
  if (question.status !== 'answered') return false;
  const fields = new Map(answers.map(({ fieldName }, index) => [fieldName, index]));
  for (const name of fields.keys()) {
    if (!question.fields.some((field) => field.name === name)) fields.delete(name);
  }
  const read = readAnswer(question.fields, valuesOf(question, fields, answers));
  return 'answer' in read && isSameAnswer(question, read.answer);
}

function idsOf(questions: readonly Question[]): string {
  return questions.map((one) => `"${one.id}"`).join(', ');
}

/** Reads text as the type of its field, since a plain form sends nothing but text. */
function typed({ type }: Field, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  switch (type) {
    case 'integer':
    case 'number':
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : value;
    case 'boolean':
      return (
        new Map([
          ['true', true],
          ['yes', true],
          ['false', false],
          ['no', false],
        ]).get(text.toLowerCase()) ?? value
      );
    case 'choices':
      return [value];
    default:
      return value;
  }
}
