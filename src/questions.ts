/**
 * Questions to the person: what they hold, and which answers fit them.
 *
 * A question is stored with its fields, and an answer is checked against those before anything is
 * written, so a wrong answer never wakes a run.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Answer, Field, FieldValue, Path, QuestionReason } from '../machines/vocabulary.ts';
import type { FieldError } from './errors.ts';

/** What a tool call asks, before it has an id. */
export interface QuestionDraft {
  readonly prompt: string;
  readonly fields: readonly Field[];
}

/** What is being asked of the person. */
export interface Question extends QuestionDraft {
  readonly id: string;
  readonly runId: string;
  /** The asking agent's name, with the names above it: `OrchestratorTeam/WorkerAgent`. */
  readonly askedBy: string;
  /** Where the asking tool call stands in the run. */
  readonly path: Path;
  readonly toolCallId: string;
  readonly toolName: string;
  /** The arguments of the tool call, as the model wrote them. */
  readonly arguments: string;
  readonly reason: QuestionReason;
  readonly status: 'open' | 'answered' | 'cancelled';
  /** Present once it was answered. */
  readonly answer?: Answer;
}

/** The longest text that a person may fill in, in UTF-16 units. */
const textMax = 10_000;

const text = z
  .string('must be text')
  .max(textMax, `must be at most ${textMax} characters`)
  .refine((value) => value.isWellFormed() && !value.includes('\0'), 'must be well-formed text');

function valueSchema({ type, required, choices = [] }: Field): z.ZodType<FieldValue> {
  switch (type) {
    case 'string':
      return required ? text.min(1, 'must not be empty') : text;
    case 'integer':
      return z.int(`must be a whole number of at most ${Number.MAX_SAFE_INTEGER} either way`);
    case 'number':
      return z.number('must be a number');
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
  }
}

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

/** The JSON Schema (2020-12) that an answer to these fields fits. */
export function answerJsonSchema(fields: readonly Field[]): Record<string, unknown> {
  return z.toJSONSchema(answerSchema(fields));
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
  const read = answerSchema(fields).safeParse(values);
  if (read.success) return { answer: read.data as Answer };
  return { errors: read.error.issues.flatMap((issue) => fieldErrors(issue, values)) };
}

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

/** An RFC 6901 pointer to the value at a path. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** Tells whether two answers are the same: SHA-256 over their values in the order of the fields. */
export function answerHash(answer: Answer): string {
  return createHash('sha256').update(JSON.stringify(answer)).digest('hex');
}

/** What the person can say of a tool that a crash interrupted. */
const outcomes = ['it_happened', 'run_it_again', 'give_up'] as const;

/** Asks whether an interrupted tool did its work. */
export function outcomeQuestion(toolName: string): QuestionDraft {
  return {
    prompt: `"${toolName}" was begun before a restart and its outcome is unknown. What happened?`,
    fields: [
      {
        name: 'outcome',
        type: 'choice',
        label: `Did "${toolName}" do its work?`,
        required: true,
        choices: outcomes,
      },
      {
        name: 'result',
        type: 'string',
        label: 'If it happened: what it returned, in words for the model.',
        required: false,
      },
    ],
  };
}

/** What an answer does to the tool call that asked. */
export type Settlement =
  | { readonly unlocksTool: true }
  | { readonly unlocksTool: false; readonly result: string };

/** What an answer means for the call: it is the result, or it lets the tool run. */
export function settlementOf(question: Question, answer: Answer): Settlement {
  if (question.reason === 'input_required') {
    return { unlocksTool: false, result: JSON.stringify(answer) };
  }
  switch (answer['outcome']) {
    case 'run_it_again':
      return { unlocksTool: true };
    case 'it_happened':
      return { unlocksTool: false, result: String(answer['result'] ?? 'The tool did its work.') };
    default:
      return {
        unlocksTool: false,
        result: 'The tool was interrupted, and the person chose not to run it again.',
      };
  }
}
