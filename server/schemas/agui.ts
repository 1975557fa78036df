/** What AG-UI clients send, as far as it is read. */
import { z } from '@hono/zod-openapi';
import { messageIdMax } from '../../src/index.ts';
import { listOf } from './list.ts';
import { sessionId } from './runs.ts';

/** The id that a front end gives a message. */
export const messageId = z.string().min(1).max(messageIdMax);

/** Whatever else clients send with it is left alone. */
const message = z
  .looseObject({
    id: messageId,
    role: z.string(),
    content: z.unknown().optional(),
    toolCallId: z.string().optional(),
  })
  .openapi('AguiMessage');

const resumeEntry = z
  .looseObject({
    interruptId: z.string(),
    status: z.enum(['resolved', 'cancelled']),
    payload: z.unknown().optional().describe("Fits the interrupt's `responseSchema`."),
  })
  .openapi('AguiResumeEntry');

export const aguiInput = z
  .looseObject({
    threadId: sessionId.describe('The session.'),
    runId: z.string().min(1).max(256),
    protocolVersion: z
      .string()
      .optional()
      .describe('Clients before 1.0 send none, and are told nothing that they cannot read.'),
    messages: listOf(message, 10_000).describe(
      'Only what is new at its end is read: results, and messages to which nothing was replied. Those are said as one.',
    ),
    tools: listOf(z.looseObject({ name: z.string() }).openapi('AguiTool'), 1_000)
      .optional()
      .describe('Tools that the client carries out: their questions end a run as pending calls.'),
    resume: z.array(resumeEntry).max(1_000).nullish().describe('Answers to all open interrupts.'),
  })
  .openapi('RunAgentInput', {
    example: {
      threadId: 'ses_1',
      runId: 'r1',
      messages: [{ id: 'u1', role: 'user', content: 'Coffee' }],
      tools: [],
      context: [],
      state: {},
      forwardedProps: {},
    },
  });

export type AguiInput = z.output<typeof aguiInput>;

export const aguiStream = z.string().openapi({
  description: 'AG-UI 1.0: frames of `data: <an event>`. Problems are events too: `RUN_ERROR`.',
  example:
    'data: {"type":"RUN_STARTED","threadId":"ses_1","runId":"r1","protocolVersion":"1.0"}\n\n',
});

export const aguiCapabilities = z
  .strictObject({
    identity: z.strictObject({ name: z.string(), type: z.string() }),
    transport: z.strictObject({ streaming: z.boolean(), resumable: z.boolean() }),
    tools: z.strictObject({ supported: z.boolean(), clientProvided: z.boolean() }),
    state: z.strictObject({
      snapshots: z.boolean(),
      deltas: z.boolean(),
      persistentState: z.boolean(),
    }),
    multiAgent: z.strictObject({
      supported: z.boolean(),
      delegation: z.boolean(),
      handoffs: z.boolean(),
      subagents: z.array(z.strictObject({ name: z.string() })).readonly(),
    }),
    humanInTheLoop: z.strictObject({
      supported: z.boolean(),
      approvals: z.boolean(),
      interrupts: z.boolean(),
      approveWithEdits: z.boolean(),
    }),
  })
  .openapi('AguiCapabilities');
