/** Questions on the wire: their fields, the answers that fit, and how they are listed. */
import { z } from '@hono/zod-openapi';
import { queryNumber } from './numbers.ts';

/** The id of a run, a question or a session in a path or a query. */
export const id = z.string().min(1).max(200);

const field = {
  name: z.string().describe('The key of the value in an answer.'),
  label: z.string().describe('The question in words, shown beside the control.'),
  required: z.boolean(),
};

const choices = {
  ...field,
  choices: z.array(z.string()).readonly().describe('What may be chosen.'),
  descriptions: z
    .record(z.string(), z.string())
    .optional()
    .describe('What a choice means, by choice.'),
};

const limits = { min: z.number().optional(), max: z.number().optional() };

const textField = z
  .strictObject({ type: z.literal('string'), ...field, ...limits })
  .describe('A text; `min` and `max` limit its length in UTF-16 units.')
  .openapi('TextField');

const integerField = z
  .strictObject({ type: z.literal('integer'), ...field, ...limits })
  .describe('A whole number.')
  .openapi('IntegerField');

const numberField = z
  .strictObject({ type: z.literal('number'), ...field, ...limits })
  .describe('A number.')
  .openapi('NumberField');

const booleanField = z
  .strictObject({ type: z.literal('boolean'), ...field })
  .describe('True or false.')
  .openapi('BooleanField');

const dateField = z
  .strictObject({ type: z.literal('date'), ...field })
  .describe('A date, as `YYYY-MM-DD`.')
  .openapi('DateField');

const choiceField = z
  .strictObject({ type: z.literal('choice'), ...choices })
  .describe('One of the choices.')
  .openapi('ChoiceField');

const choicesField = z
  .strictObject({ type: z.literal('choices'), ...choices })
  .describe('Any of the choices, as a list.')
  .openapi('ChoicesField');

const objectField = z
  .strictObject({
    type: z.literal('object'),
    ...field,
    schema: z.record(z.string(), z.unknown()).describe('The JSON Schema that the value fits.'),
  })
  .describe('JSON: changed arguments, or what another system returned.')
  .openapi('ObjectField');

export const fieldSchema = z
  .discriminatedUnion('type', [
    textField,
    integerField,
    numberField,
    booleanField,
    dateField,
    choiceField,
    choicesField,
    objectField,
  ])
  .openapi('Field', { description: 'One thing that a person fills in.' });

const answer = z
  .record(z.string(), z.unknown())
  .describe("The person's values, by field name.")
  .openapi({ example: { question_1: 'black' } });

const states = ['open', 'answered', 'expired', 'cancelled'] as const;

export const questionSchema = z
  .strictObject({
    id: z.string(),
    run_id: z.string(),
    session_id: z.string(),
    asked_by: z.string().describe("The asking agent's name, with the names above it."),
    tool_call_id: z.string().describe('The tool call that waits for the answer.'),
    tool_name: z.string(),
    arguments: z.string().describe('The arguments of the tool call, as the model wrote them.'),
    arguments_hash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256 over the run, the call, the tool and the exact text of the arguments.'),
    reason: z
      .enum(['input_required', 'approval', 'external_execution', 'outcome_unknown'])
      .describe('Why it is asked.'),
    prompt: z.string(),
    fields: z.array(fieldSchema).readonly(),
    schema: z
      .record(z.string(), z.unknown())
      .describe('The JSON Schema (2020-12) that an answer fits.'),
    status: z.enum(states),
    opened_at: z.iso.datetime(),
    expires_at: z.iso.datetime().optional().describe('When it is too late for an answer.'),
    on_expiry: z
      .union([z.enum(['decline', 'fail']), z.strictObject({ answer })])
      .optional()
      .describe('What happens then; present with `expires_at`.'),
    assignee: z.string().optional().describe('Whose turn it is, if it was given to somebody.'),
    claimed_by: z.string().optional().describe('Who said that they are at it.'),
    answer: answer
      .nullable()
      .optional()
      .describe("The person's values, by field name; null if they declined and no values say so."),
    answered_by: z.string().nullable().optional().describe('Present with `answer`.'),
  })
  .openapi('Question', { description: 'What a run asks a person.' });

/** A question that nobody has answered yet. */
export const openQuestion = questionSchema
  .omit({ answer: true, answered_by: true })
  .extend({ status: z.literal('open') })
  .openapi('OpenQuestion', { description: 'A question that waits for its answer.' });

export const questionsQuery = z.strictObject({
  run_id: id.optional(),
  session_id: id.optional(),
  team: id.optional(),
  status: z.enum(states).optional().describe('Default `open`.'),
  assignee: id.optional(),
  claimed_by: id.optional(),
  older_than_ms: queryNumber(0).optional().describe('Opened at least so many milliseconds ago.'),
  after: id.optional().describe('Continue after the question with this id.'),
  limit: queryNumber(1, 200).optional().describe('Default 50.'),
});

export const questionList = z
  .strictObject({
    questions: z.array(questionSchema).readonly(),
    next: z
      .string()
      .nullable()
      .describe('What to give as `after` for the next page; null if this is the last.'),
  })
  .openapi('QuestionList');

export const assignBody = z
  .strictObject({ assignee: z.string().min(1).max(200).nullable().describe('Null: nobody.') })
  .openapi('AssignBody', { example: { assignee: 'ada' } });

const token = z
  .string()
  .max(200)
  .optional()
  .describe('The token, unless it stands in `Authorization: Bearer`.');

export const tokenBody = z
  .strictObject({ token })
  .openapi('TokenBody', { example: { token: '…' } });

export const tokenAnswerBody = z
  .strictObject({
    token,
    answer: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('Values by field name. Null declines the question, whatever it asks.'),
  })
  .openapi('TokenAnswerBody', { example: { token: '…', answer: { approved: true } } });
