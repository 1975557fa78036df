/** The events of a run's log on the wire. */
import { z } from '@hono/zod-openapi';
import { sourceSchema } from './messages.ts';
import { fieldSchema, questionSchema } from './questions.ts';
import { failureSchema } from './runs.ts';
import { cost, tokens } from './usage.ts';

const base = {
  run_id: z.string(),
  seq: z.number().int().min(1).describe('Counts from 1 without a gap.'),
  at: z.iso.datetime(),
  agent: z.string().describe("The agent's name, with the names above it."),
  path: z.string().describe('Where the agent, or its tool call, stands in the run.'),
};

function event<Type extends string, Shape extends z.ZodRawShape>(
  name: string,
  type: Type,
  shape: Shape,
) {
  return z.strictObject({ type: z.literal(type), ...base, ...shape }).openapi(name);
}

const call = { tool_call_id: z.string(), tool_name: z.string() };

const loggedCall = z
  .strictObject({
    id: z.string(),
    path: z.string(),
    name: z.string(),
    arguments: z.string().describe('JSON text.'),
    intent: z.enum(['refusal', 'delegation', 'question', 'tool', 'heldTool']),
  })
  .openapi('LoggedCall');

const question = z
  .strictObject({
    ...questionSchema.pick({
      id: true,
      tool_call_id: true,
      tool_name: true,
      arguments: true,
      reason: true,
      prompt: true,
      schema: true,
      expires_at: true,
      on_expiry: true,
    }).shape,
    fields: z.array(fieldSchema).readonly(),
  })
  .openapi('LoggedQuestion', { description: 'A question as it opens.' });

/** What came of a try, and when the next one is. */
const tried = {
  error: failureSchema,
  attempt: z.number().int().min(1).describe('The try that failed, from 1.'),
  wake_at: z.iso.datetime().nullable().describe('When the next one is; null: on demand.'),
};

const aboutQuestion = { question_id: z.string() };

export const eventSchema = z
  .discriminatedUnion('type', [
    event('RunStarted', 'run.started', {
      session_id: z.string(),
      team: z.string(),
      message: z.string(),
    }),
    event('RunResumed', 'run.resumed', {}),
    event('RunPaused', 'run.paused', {}),
    event('RunCompleted', 'run.completed', { final_content: z.string() }),
    event('RunFailed', 'run.failed', { error: failureSchema }),
    event('RunCancelled', 'run.cancelled', {}),
    event('RunMigrated', 'run.migrated', {
      agents: z.record(z.string(), z.string()).describe('New names by old ones.'),
      tools: z.record(z.string(), z.string()).describe("New names by the call's path."),
    }),
    event('MemberStarted', 'member.started', {}),
    event('MemberEnded', 'member.ended', {
      outcome: z.enum(['reported', 'failed', 'cancelled', 'skipped']),
    }),
    event('StateEntered', 'state.entered', { state: z.string() }),
    event('ModelCalled', 'model.called', {}),
    event('ModelRestarted', 'model.restarted', {}),
    event('ModelReplied', 'model.replied', {
      text: z.string().nullable(),
      calls: z.array(loggedCall).readonly(),
      usage: z.strictObject(tokens),
      model: z.string().optional().describe('The name of the model that answered.'),
      cost,
      correction: z.string().optional(),
      instead_of: z
        .array(z.strictObject({ model: z.string(), error: failureSchema }))
        .readonly()
        .optional()
        .describe('The models that were asked before it and could not be had.'),
    }),
    event('ModelUsed', 'model.used', {
      kind: z
        .enum(['discarded', 'summary'])
        .describe('An answer that was thrown away, or a summary of older turns.'),
      usage: z.strictObject(tokens),
      model: z.string().describe('The name of the model that answered.'),
      cost,
    }),
    event('ModelFailed', 'model.failed', { error: failureSchema }),
    event('ModelRetrying', 'model.retrying', tried),
    event('ModelStalled', 'model.stalled', tried),
    event('TextDelta', 'text.delta', { text: z.string() }),
    event('ArgumentsDelta', 'arguments.delta', {
      index: z.number().int().describe("Counts the reply's calls from 0."),
      text: z.string(),
    }),
    event('ToolStarted', 'tool.started', call),
    event('CallAnswered', 'call.answered', {
      ...call,
      source: sourceSchema,
      result: z.string().describe('Cut after 16,384 characters.'),
    }),
    event('QuestionOpened', 'question.opened', { question }),
    event('QuestionAnswered', 'question.answered', aboutQuestion),
    event('QuestionExpired', 'question.expired', aboutQuestion),
    event('QuestionCancelled', 'question.cancelled', aboutQuestion),
  ])
  .openapi('Event', { description: 'What happened in a run; each type has just its own fields.' });

/** A body of server-sent events. */
export const eventStream = z.string().openapi({
  description:
    'Frames of `id: <seq>` and `data: <an Event>`; `event: problem` before it breaks off.',
  example: 'id: 1\ndata: {"type":"run.started","seq":1,"…":"…"}\n\n',
});
