/** Runs on the wire: how they are started, resumed, told of and listed. */
import { z } from '@hono/zod-openapi';
import { type Failure, sessionIdForm } from '../../src/index.ts';
import { queryNumber } from './numbers.ts';
import { id, questionSchema } from './questions.ts';
import { usageSchema } from './usage.ts';

/** The id of a session that a caller names. */
export const sessionId = z
  .string()
  .regex(sessionIdForm, 'must be letters, digits, "_" and "-", at most 64');

export const chatBody = z
  .strictObject({
    message: z.string().describe('What the person says; at most 100,000 characters.'),
    session_id: sessionId
      .optional()
      .describe('The conversation that the run belongs to. Default: a new one.'),
    team: z.string().optional().describe('Default: the first that is served.'),
    metadata: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('What tools should know besides; at most 100,000 characters as JSON.'),
  })
  .openapi('ChatBody', { example: { message: 'Coffee' } });

const approvedQuery = z
  .strictObject({
    field_name: z.string(),
    query: z.unknown().describe("The person's value. Text is read as the field's type."),
    question_id: z.string().optional().describe('Needed where two questions share a field name.'),
  })
  // Zod takes any value for none.
  .openapi('ApprovedQuery', { required: ['field_name', 'query'] });

/** At most one value for each field of a run's questions; far more than any form has. */
const answersMax = 1_000;

export const resumeBody = z
  .strictObject({
    run_id: z.string().min(1).max(64),
    approved_queries: z
      .array(approvedQuery)
      .max(answersMax)
      .optional()
      .describe('The short form: a value for each field.'),
    answers: z
      .record(z.string(), z.record(z.string(), z.unknown()).nullable())
      .optional()
      .describe(
        'Values by field name, by question id. An approval is `{ "approved": true }`. Null declines a question, whatever it asks.',
      ),
  })
  .refine(
    (body) => (body.approved_queries === undefined) !== (body.answers === undefined),
    'needs either answers or approved_queries, not both',
  )
  .openapi('ResumeBody', {
    description: 'Either `answers` or `approved_queries`.',
    oneOf: [{ required: ['answers'] }, { required: ['approved_queries'] }],
    example: { run_id: 'run_9f9be299', answers: { q_9f9b_3_0: { question_1: 'black' } } },
  });

const base = {
  run_id: z.string(),
  session_id: z.string(),
  team: z.string(),
  user_message: z.string().describe("The person's message that began the run."),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  last_seq: z.number().int().min(0).describe('The number of the last event of its log.'),
  usage: usageSchema,
};

const open = {
  message: z.string().describe('What the run waits for, in words.'),
  queries: z
    .array(z.strictObject({ query: z.string(), field_name: z.string(), question_id: z.string() }))
    .readonly()
    .describe('Every field of the open questions, one after the other: the short form.'),
  questions: z.array(questionSchema).readonly().describe('The open questions.'),
};

/** Why a run may fail. A record, so that the compiler misses none. */
const failures: Readonly<Record<Failure['code'], true>> = {
  model_unavailable: true,
  context_too_long: true,
  model_request_refused: true,
  model_reply_unusable: true,
  model_refused: true,
  unsendable_transcript: true,
  output_invalid: true,
  output_refused: true,
  limit_reached: true,
  question_expired: true,
  internal_error: true,
};

/** Why a run, or a model's call, failed. */
export const failureSchema = z
  .strictObject({
    code: z.enum(Object.keys(failures) as Failure['code'][]),
    message: z.string(),
  })
  .openapi('Failure');

const stalled = z
  .strictObject({
    code: z.string().describe('Why, for programs.'),
    message: z.string(),
    since: z.iso.datetime(),
    retry_at: z.iso.datetime().optional().describe('When it is tried again; absent: on demand.'),
  })
  .openapi('Stalled', { description: 'A model cannot be had, and nothing else is under way.' });

const workingRun = z
  .strictObject({
    ...base,
    status: z.literal('working'),
    is_paused: z.literal(false),
    queued: z.boolean().describe('Whether an earlier run of its session must end first.'),
    stalled: stalled.optional(),
    ...open,
  })
  .openapi('WorkingRun', { description: 'A run at work. It may have open questions already.' });

const pausedRun = z
  .strictObject({
    ...base,
    status: z.literal('input_required'),
    is_paused: z.literal(true),
    ...open,
  })
  .openapi('PausedRun', { description: 'A run that only a person can move.' });

const completedRun = z
  .strictObject({
    ...base,
    status: z.literal('completed'),
    is_paused: z.literal(false),
    final_content: z.string().describe("The leader's last reply."),
  })
  .openapi('CompletedRun');

const failedRun = z
  .strictObject({
    ...base,
    status: z.literal('failed'),
    is_paused: z.literal(false),
    error: failureSchema,
    content: z.string().describe('What was done until then.'),
  })
  .openapi('FailedRun');

const cancelledRun = z
  .strictObject({ ...base, status: z.literal('cancelled'), is_paused: z.literal(false) })
  .openapi('CancelledRun');

export const runSchema = z
  .discriminatedUnion('status', [workingRun, pausedRun, completedRun, failedRun, cancelledRun])
  .openapi('Run', { description: 'A run; each status has just its own fields.' });

/** The path of a route about one run. */
export const runId = z.object({ id: z.string().openapi({ description: 'The id of the run.' }) });

export const statusSchema = z.enum([
  'working',
  'input_required',
  'completed',
  'failed',
  'cancelled',
]);

export const runsQuery = z.strictObject({
  session_id: id.optional(),
  team: id.optional(),
  status: statusSchema.optional(),
  after: id.optional().describe('Continue after the run with this id.'),
  limit: queryNumber(1, 200).optional().describe('Default 50.'),
});

export const runList = z
  .strictObject({
    runs: z.array(runSchema).readonly().describe('Newest first.'),
    next: z
      .string()
      .nullable()
      .describe('What to give as `after` for the next page; null if this is the last.'),
  })
  .openapi('RunList');

export const approvalList = z
  .strictObject({
    approvals: z
      .array(
        z.strictObject({
          id: z.string(),
          agent: z.string().describe("The agent's name, with the names above it."),
          tool: z.string(),
          created_at: z.iso.datetime(),
        }),
      )
      .readonly(),
  })
  .openapi('ApprovalList', { description: 'Tools that a person allowed for a session.' });
