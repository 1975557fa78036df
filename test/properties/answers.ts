/** Values for questions: those that fit, picked by a number, and those that do not. */
import type { Answer, FieldValue } from '../../machines/vocabulary.ts';
import type { Field, Question } from '../../src/index.ts';
import type { Mistake } from './schedules.ts';

/** Values that fit a question; another number gives other values, and other decisions. */
export function valuesFor(question: Question, seed: number): Answer {
  if (question.reason === 'approval' && seed % 3 === 0) {
    return { approved: false, note: `no ${seed}` };
  }
  const fields = question.fields.filter(({ name, required }) => required || isGiven(name, seed));
  return Object.fromEntries(fields.map((field) => [field.name, valueFor(field, question, seed)]));
}

/** Which of the fields that may be left out are filled in. */
function isGiven(name: string, seed: number): boolean {
  if (name === 'arguments') return seed % 4 === 1;
  if (name === 'remember') return seed % 5 === 1;
  return name === 'result';
}

function valueFor(field: Field, { reason }: Question, seed: number): FieldValue {
  const { name, type, choices = [] } = field;
  switch (type) {
    case 'boolean':
      return name === 'approved' || name === 'remember' ? true : seed % 2 === 0;
    case 'integer':
    case 'number':
      return seed;
    case 'date':
      return `2026-01-${String((seed % 28) + 1).padStart(2, '0')}`;
    case 'choice':
      return choices[seed % choices.length] ?? '';
    case 'choices':
      return choices.filter((_, index) => index === 0 || (seed >> index) % 2 === 1);
    case 'object':
      return reason === 'external_execution' ? { ok: seed % 2 === 0 } : { n: seed + 1_000, ms: 0 };
    case 'string':
      return `${name} ${seed}`;
  }
}

/** Other values than those that were given before. */
export function otherValuesFor(question: Question, seed: number): Answer {
  const given = JSON.stringify(question.answer);
  for (let next = seed; ; next += 1) {
    const values = valuesFor(question, next);
    if (JSON.stringify(inOrder(question, values)) !== given) return values;
  }
}

/** The values in the order of the fields, as they are saved. */
export function inOrder({ fields }: Question, values: Answer): Answer {
  const names = fields.map(({ name }) => name).filter((name) => Object.hasOwn(values, name));
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}

/** Answers with a mistake about a question, by question id. */
export function wrongAnswers(
  question: Question,
  others: readonly Question[],
  mistake: Mistake,
  seed: number,
): Record<string, Record<string, unknown>> {
  const right = valuesFor(question, seed);
  const required = question.fields.find((field) => field.required)?.name ?? '';
  const other = others.find(({ id }) => id !== question.id);
  switch (mistake) {
    case 'missing':
      return { [question.id]: {} };
    case 'type':
      return { [question.id]: { ...right, [required]: [[1]] } };
    case 'extra':
      return { [question.id]: { ...right, result_of_other: 'forged' } };
    case 'unknownQuestion':
      return { q_unknown: right };
    case 'oneOfTwo':
      return {
        ...(other ? { [other.id]: valuesFor(other, seed) } : {}),
        [question.id]: { ...right, [required]: null },
      };
  }
}
