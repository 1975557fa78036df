/**
 * The short form of answers: values by field name, without question ids. It is taken where there is
 * one way to read it, and refused where there are two.
 */
import type { Field } from '../../machines/vocabulary.ts';
import { type FieldError, RequestError } from '../errors.ts';
import type { RunRow } from '../stores/rows.ts';
import { shortened } from '../text.ts';
import { fieldsFor, isSameAnswer, pointerTo, readAnswer } from './fields.ts';
import type { Question } from './question.ts';
import { closedIn, misfit, questionById } from './refusals.ts';

/** One value in the short form. Text is read as the field's type. */
export interface FieldAnswer {
  readonly fieldName: string;
  readonly value: unknown;
  /** Needed where several open questions have a field of this name. */
  readonly questionId?: string;
}

/** The values that are given for one question. */
export interface Given {
  readonly question: Question;
  /** Null declines it. */
  readonly values: Readonly<Record<string, unknown>> | null;
  /** Moves a pointer into one answer to a pointer into all of them. */
  readonly locate: (error: FieldError) => FieldError;
}

/** Finds the questions that the values are for. */
export function fromShortForm(
  run: RunRow,
  questions: readonly Question[],
  answers: readonly FieldAnswer[],
): Given[] {
  checkForm(answers);
  const named = answers.map((one) => withQuestion(questions, one));
  const repeated = repeatedBy(questions, named);
  refuseLateRepeat(questions, named, repeated);
  const indexes = new Map<Question, Map<string, number>>();
  const errors: FieldError[] = [];
  for (const [index, { fieldName, questionId }] of named.entries()) {
    const found =
      questionId === undefined
        ? questionByField(run, questions, fieldName, index, repeated)
        : questionById(run, questions, questionId);
    if ('pointer' in found) {
      errors.push(found);
      continue;
    }
    const fields = indexes.get(found) ?? new Map<string, number>();
    if (fields.has(fieldName)) {
      errors.push({
        pointer: `/${index}`,
        message: `gives "${shortened(fieldName)}" a second time`,
      });
    }
    indexes.set(found, fields.set(fieldName, index));
  }
  if (errors.length > 0) throw misfit(errors);
  return [...indexes].map(([question, fields]) => ({
    question,
    values: valuesOf(question, fields, named),
    locate: (error) => located(error, fields),
  }));
}

/** @param fields the index of each field's value */
function located(
  { pointer, message }: FieldError,
  fields: ReadonlyMap<string, number>,
): FieldError {
  if (pointer === '') return { pointer, message };
  for (const [name, index] of fields) {
    if (`${pointer}/`.startsWith(`${pointerTo([name])}/`)) {
      return { pointer: `/${index}/value`, message };
    }
  }
  return { pointer: '', message: `has no value for "${pointer.split('/')[1]}"` };
}

/**
 * The names by which the short form can mean the fields of a question and no other: the plain names,
 * or with the question's id before them where another question of the run has a field of that name.
 */
export function shortNames(
  question: Question,
  questions: readonly Question[],
): Readonly<Record<string, string>> {
  const others = questions.filter((one) => one.id !== question.id);
  const taken = new Set(others.flatMap(({ fields }) => fields.map(({ name }) => name)));
  return Object.fromEntries(
    question.fields.map(({ name }) => [name, taken.has(name) ? `${question.id}.${name}` : name]),
  );
}

/** For callers whom no compiler tells what an answer is. */
function checkForm(answers: readonly FieldAnswer[]): void {
  const index = answers.findIndex((one) => typeof one?.fieldName !== 'string');
  if (index < 0) return;
  throw misfit([{ pointer: `/${index}/fieldName`, message: 'must be the name of a field' }]);
}

/**
 * Reads the question's id out of a field's name that begins with it. Where another id is given too,
 * the name stays as it is, and is no field of that question.
 */
function withQuestion(questions: readonly Question[], answer: FieldAnswer): FieldAnswer {
  const { fieldName, value, questionId } = answer;
  const found = questions.find(({ id }) => fieldName.startsWith(`${id}.`));
  if (!found || (questionId !== undefined && questionId !== found.id)) return answer;
  return { value, questionId: found.id, fieldName: fieldName.slice(found.id.length + 1) };
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
  fieldName: string,
  index: number,
  repeated: Question | undefined,
): Question | FieldError {
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
  const last = first ?? (repeated && having.includes(repeated) ? repeated : having.at(-1));
  if (last) return last;
  if (run.status !== 'working' && run.status !== 'input_required') {
    throw closedIn(run, questions, fieldName);
  }
  return { pointer: `/${index}`, message: 'is not a field of an open question' };
}

/** The question that was answered with just these fields and values before. */
function repeatedBy(
  questions: readonly Question[],
  answers: readonly FieldAnswer[],
): Question | undefined {
  if (answers.some((one) => one.questionId !== undefined)) return undefined;
  const fields = new Map(answers.map(({ fieldName }, index) => [fieldName, index]));
  return questions.find((question) => {
    const names = Object.keys(question.answer ?? {});
    if (names.length !== fields.size || !names.every((name) => fields.has(name))) return false;
    const values = valuesOf(question, fields, answers);
    const read = readAnswer(fieldsFor(question, values), values);
    return 'answer' in read && isSameAnswer(question, read.answer);
  });
}

/**
 * A request that arrives twice must not answer a later question that has the same fields. Without
 * question ids nothing tells a repeat from a person who gives the same values again, so neither is
 * guessed at.
 */
function refuseLateRepeat(
  questions: readonly Question[],
  answers: readonly FieldAnswer[],
  repeated: Question | undefined,
): void {
  if (!repeated || answers.length === 0) return;
  const names = new Set(answers.map((one) => one.fieldName));
  const open = questions.filter(
    (one) => one.status === 'open' && [...names].every((name) => hasField(one, name)),
  );
  if (open.length === 0) return;
  throw new RequestError(
    'answer_ambiguous',
    `These values repeat the answer to question "${repeated.id}", and another question with the same fields is open. Name the question that they are for; the run is still paused.`,
    [{ pointer: '/0', message: `needs the id of its question: ${idsOf(open)}` }],
  );
}

function hasField({ fields }: Question, name: string): boolean {
  return fields.some((field) => field.name === name);
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
