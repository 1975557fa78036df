/** The built-in tool by which a model asks the person, naming the fields as it goes. */
import * as z from 'zod';
import type { FieldType } from '../../machines/vocabulary.ts';
import type { QuestionDraft } from '../questions/question.ts';
import { checkTimes, type QuestionTimes } from './deadline.ts';
import type { QuestionTool } from './tool.ts';

/** The type names that models and users of Agno know, and the field types that they mean. */
const types = {
  str: 'string',
  int: 'integer',
  float: 'number',
  bool: 'boolean',
  date: 'date',
  choice: 'choice',
  choices: 'choices',
} as const satisfies Record<string, FieldType>;

const fieldName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be a name of letters, digits and "_", at most 64')
  .refine((name) => !(name in Object.prototype), 'must be another name');

const choice = z.string().min(1).max(200);

const input = z.object({
  user_input_fields: z
    .array(
      z
        .object({
          field_name: fieldName.describe('A short name, such as "travel_date".'),
          field_type: z
            .enum(Object.keys(types) as (keyof typeof types)[])
            .describe('choice: one of field_choices; choices: any number of them.'),
          field_description: z
            .string()
            .min(1)
            .max(2_000)
            .describe('The question to the user, in a full sentence.'),
          field_choices: z
            .array(choice)
            .min(1)
            .max(100)
            .optional()
            .describe('What may be chosen; for the types choice and choices only.'),
          required: z.boolean().optional().describe('Whether an answer is needed. Default true.'),
        })
        .refine(
          (field) => field.field_type.startsWith('choice') === (field.field_choices !== undefined),
          'needs field_choices exactly when field_type is choice or choices',
        )
        .refine(
          ({ field_choices: all = [] }) => new Set(all).size === all.length,
          'has the same choice twice',
        ),
    )
    .min(1)
    .max(50)
    .refine(
      (fields) => new Set(fields.map((field) => field.field_name)).size === fields.length,
      'has two fields of one name',
    ),
});

/**
 * The tool `get_user_input`: the model names the fields, the team pauses, and the person's values
 * become the result of the call, as JSON.
 *
 * Limits: 50 fields, 100 choices a field, 2,000 characters a question.
 *
 * @param times how long its questions stay open, and when to remind of them; default: for ever
 * @throws DefinitionError `limit_unusable`
 */
export function getUserInput(times: QuestionTimes = {}): QuestionTool {
  checkTimes('Tool "get_user_input"', times);
  return Object.freeze({
    kind: 'question',
    name: 'get_user_input',
    description:
      'Asks the user for values that only the user knows, and returns them. ' +
      'Ask for everything you need in one call.',
    input,
    question: (args: unknown): QuestionDraft => ({
      reason: 'input_required',
      prompt: 'Please provide input.',
      fields: (args as z.output<typeof input>).user_input_fields.map((field) => ({
        name: field.field_name,
        type: types[field.field_type],
        label: field.field_description,
        required: field.required ?? true,
        ...(field.field_choices ? { choices: field.field_choices } : {}),
      })),
      ...times,
    }),
  });
}
