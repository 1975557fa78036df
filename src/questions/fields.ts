/**
 * Which answers fit the fields of a question.
 *
 * A question is stored with its fields, and an answer is checked against those before anything is
 * written, so a wrong answer never wakes a run.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Answer, Field, FieldValue, Path } from '../../machines/vocabulary.ts';
import type { FieldError } from '../errors.ts';
import { isDeeperThan, shortened } from '../text.ts';
import type { Question } from './question.ts';

/** The longest text that a person may fill in, in UTF-16 units. */
const textMax = 10_000;

const text = z
  .string('must be text')
  .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be well-formed text');

function valueSchema({ type, required, choices = [], min, max }: Field): z.ZodType<FieldValue> {
  switch (type) {
    case 'string':
      return textSchema(required ? Math.max(1, min ?? 1) : (min ?? 0), max ?? textMax);
    case 'integer':
      return limited(
        z.int({
          error: ({ code }) =>
            code === 'invalid_type'
              ? 'must be a whole number'
              : `must be at most ${Number.MAX_SAFE_INTEGER} either way`,
        }),
        min,
        max,
      );
    case 'number':
      return limited(z.number('must be a number'), min, max);
    case 'boolean':
      return z.boolean('must be true or false');
    case 'date':
      return z.iso.date('must be a date like 2026-12-31');
    case 'choice':
      return z.enum(choices, `must be one of ${quoted(choices)}`);
    case 'choices':
      return z
        .array(z.enum(choices, `must be one of ${quoted(choices)}`))
        .min(required ? 1 : 0, 'must have at least one choice')
        .refine((chosen) => new Set(chosen).size === chosen.length, 'must not repeat a choice')
        .meta({ uniqueItems: true });
    case 'object':
      return jsonValue;
  }
}

function textSchema(min: number, max: number) {
  return text
    .min(min, min === 1 ? 'must not be empty' : `must be at least ${min} characters`)
    .max(max, `must be at most ${max} characters`);
}

function limited(schema: z.ZodNumber, min: number | undefined, max: number | undefined) {
  const atLeast = min === undefined ? schema : schema.min(min, `must be at least ${min}`);
  return max === undefined ? atLeast : atLeast.max(max, `must be at most ${max}`);
}

/** Any JSON; what it must be is checked by the tool that asked. */
const jsonValue = z.json('must be JSON') as unknown as z.ZodType<FieldValue>;

function quoted(choices: readonly string[]): string {
  return choices.map((choice) => `"${choice}"`).join(', ');
}

function answerSchema(fields: readonly Field[]) {
  return z.strictObject(
    Object.fromEntries(
      fields.map((field) => {
        const value = valueSchema(field).meta({ title: field.label });
        return [field.name, field.required ? value : value.optional()];
      }),
    ),
  );
}

/**
 * The fields that an answer must fit. Whoever declines an approval need fill in nothing else.
 */
export function fieldsFor(
  question: Pick<Question, 'reason' | 'fields'>,
  values: unknown,
): readonly Field[] {
  const declines = question.reason === 'approval' && Object(values)['approved'] === false;
  if (!declines) return question.fields;
  return question.fields.map((field) =>
    field.name === 'approved' ? field : { ...field, required: false },
  );
}

/** The JSON Schema (2020-12) that an answer to these fields fits. */
export function answerJsonSchema(fields: readonly Field[]): Record<string, unknown> {
  const flat = fields.map((field) =>
    field.type === 'object' ? ({ ...field, type: 'boolean' } as const) : field,
  );
  const schema = z.toJSONSchema(answerSchema(flat));
  const properties = { ...schema.properties };
  for (const { name, type, label, schema: own } of fields) {
    if (type === 'object') properties[name] = { title: label, ...own };
  }
  return { ...schema, properties };
}

/**
 * Reads the person's values for a question.
 *
 * @returns the answer, its values in the order of the fields, or what does not fit, with pointers
 *   from the answer's root
 */
export function readAnswer(
  fields: readonly Field[],
  values: unknown,
): { readonly answer: Answer } | { readonly errors: readonly FieldError[] } {
  if (isDeeperThan(values, levelsMax)) {
    return { errors: [{ pointer: '', message: `must nest at most ${levelsMax} levels deep` }] };
  }
  const read = answerSchema(fields).safeParse(values);
  if (read.success) return { answer: read.data as Answer };
  return { errors: read.error.issues.flatMap((issue) => fieldErrors(issue, values)) };
}

/** Answers nest no deeper than the arguments of a call may. */
const levelsMax = 64;

function fieldErrors(issue: z.core.$ZodIssue, values: unknown): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      message: 'is not a field of the question',
    }));
  }
  const [name, ...deeper] = issue.path;
  const missing = name !== undefined && deeper.length === 0 && Object(values)[name] === undefined;
  const message = missing
    ? 'is missing'
    : issue.path.length === 0
      ? 'must be an object of values by field name'
      : issue.message;
  return [{ pointer: pointerTo(issue.path), message }];
}

/** An RFC 6901 pointer to the value at a path. A key that is longer than any that is meant is cut. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${shortened(String(part)).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** Binds a question to the exact text of its call's arguments: SHA-256 over all that says what runs. */
export function argumentsHash(runId: string, call: Path, tool: string, args: string): string {
  const whole = JSON.stringify([runId, call, tool, args]);
  return createHash('sha256').update(whole).digest('hex');
}

/** Tells whether two answers are the same: SHA-256 over their values in the order of the fields. */
export function answerHash(answer: Answer | null): string {
  return createHash('sha256').update(JSON.stringify(answer)).digest('hex');
}

/** Whether a question was answered with these values; the default answer was nobody's. */
export function isSameAnswer({ status, answer: given }: Question, answer: Answer): boolean {
  if (status !== 'answered' || !given) return false;
  return answerHash(given) === answerHash(answer);
}
