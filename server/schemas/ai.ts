/** What chats of the AI SDK send, as far as it is read. */
import { z } from '@hono/zod-openapi';
import { messageId } from './agui.ts';
import { listOf } from './list.ts';
import { sessionId } from './runs.ts';

const part = z
  .looseObject({
    type: z.string(),
    text: z.string().optional(),
    toolCallId: z.string().optional(),
    state: z.string().optional(),
    output: z.unknown().optional(),
    approval: z
      .looseObject({ approved: z.boolean().optional(), reason: z.string().optional() })
      .optional(),
  })
  .openapi('AiPart');

const message = z
  .looseObject({
    id: messageId,
    role: z.string(),
    parts: listOf(part, 10_000),
  })
  .openapi('AiMessage');

export const aiInput = z
  .looseObject({
    id: sessionId.describe('The session.'),
    messages: listOf(message, 10_000).describe(
      'Only the last one is read, and messages of the person right before it to which nothing was replied.',
    ),
  })
  .openapi('AiInput', {
    example: {
      id: 'ses_1',
      messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Coffee' }] }],
      trigger: 'submit-message',
    },
  });

export type AiInput = z.output<typeof aiInput>;

export const aiStream = z.string().openapi({
  description: 'A UI message stream: frames of `data: <a chunk>`, and `data: [DONE]` at the end.',
  example: 'data: {"type":"start"}\n\n',
});
