/** Questions as parts of a chat's message: one that waits for the person, and the data beside it. */
import { interruptOf } from '../agui/interrupts.ts';
import { parsed } from '../json-value.ts';
import type { OpenedQuestion } from '../log-view.ts';
import type { Chunk } from './chunk.ts';

/** Where a client left a message that it continues. */
export interface Left {
  /** A question at whose pause it left. */
  readonly pausedOn: string;
  /** The ids of the parts that the message has, by what they stand for. */
  readonly parts: ReadonlyMap<string, string>;
}

/** A question that is asked in another message, too, has another part there: clients find the first. */
function partId(questionId: string, place?: number): string {
  return place === undefined ? questionId : `${questionId}@${place}`;
}

/** What a part stands for. */
export function meantBy(part: string): string {
  return part.replace(/@\d+$/, '');
}

/**
 * The parts of a question.
 *
 * @param place where in the chat it is asked, if it is asked elsewhere, too
 */
export function questionParts(runId: string, question: OpenedQuestion, place?: number): Chunk[] {
  const { toolName, askedBy } = question;
  const id = partId(question.id, place);
  const input = parsed(question.arguments);
  const { message, responseSchema, reason, expiresAt, metadata } = interruptOf(runId, question);
  const data = {
    id: question.id,
    reason,
    message,
    response_schema: responseSchema,
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...metadata,
  };
  return [
    {
      type: 'tool-input-available',
      toolCallId: id,
      toolName,
      input,
      dynamic: true,
      toolMetadata: { agent: askedBy },
    },
    ...(isPlainApproval(question)
      ? [{ type: 'tool-approval-request', approvalId: id, toolCallId: id }]
      : []),
    { type: 'data-question', id, data },
  ];
}

/** Whether yes or no is all that it asks for; the SDK's approvals cannot carry more. */
function isPlainApproval({ reason, fields }: OpenedQuestion): boolean {
  return (
    reason === 'approval' && fields.every(({ name, required }) => !required || name === 'approved')
  );
}
