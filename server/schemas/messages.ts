/** Transcripts on the wire. */
import { z } from '@hono/zod-openapi';

const number = z.number().int().min(1).describe("Its number in the agent's transcript, from 1.");

/** Where a result comes from. */
export const sourceSchema = z.enum(['tool', 'member', 'user', 'expiry', 'refusal', 'cancellation']);

const call = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    arguments: z.string().describe('JSON text.'),
    raw_name: z
      .string()
      .optional()
      .describe('What the model wrote as the name, where that cannot be sent back.'),
    raw_arguments: z
      .string()
      .optional()
      .describe('What the model wrote as the arguments, where that cannot be sent back.'),
    result: z.string().nullable().describe('Null while the call is unanswered.'),
    source: sourceSchema.nullable().describe('Where the result comes from.'),
  })
  .openapi('Call', { description: 'A tool call with what is known of it by now.' });

const userMessage = z
  .strictObject({ number, role: z.literal('user'), text: z.string() })
  .openapi('UserMessage', { description: "The person's message, or a member's task." });

const assistantMessage = z
  .strictObject({
    number,
    role: z.literal('assistant'),
    text: z.string().nullable(),
    calls: z.array(call).readonly(),
  })
  .openapi('AssistantMessage', { description: "A model's reply." });

const messageSchema = z
  .discriminatedUnion('role', [userMessage, assistantMessage])
  .openapi('Message');

export const messagesQuery = z.strictObject({
  agent: z
    .string()
    .max(10_000)
    .optional()
    .describe("Only this agent's, by its path. The leader's is empty."),
});

export const messageList = z
  .strictObject({
    run_id: z.string(),
    agents: z
      .array(
        z.strictObject({
          path: z.string().describe('Where the agent stands in the run; the leader: empty.'),
          agent: z.string().describe("The agent's name, with the names above it."),
          messages: z.array(messageSchema).readonly(),
        }),
      )
      .readonly()
      .describe('The leader first, then in the order in which they began.'),
  })
  .openapi('MessageList');
