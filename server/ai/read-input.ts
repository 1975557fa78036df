/** What a chat of the AI SDK wants, out of all the messages that it sends: one move of its conversation. */
import { type Question, RequestError } from '../../src/index.ts';
import { valuesOf, valuesOfResult } from '../agui/interrupts.ts';
import {
  answerAll,
  type Conversation,
  type Given,
  joinRun,
  type Moved,
  questionsOf,
} from '../conversation.ts';
import { checkValue } from '../json-value.ts';
import { saidAtEnd } from '../said.ts';
import { say } from '../saying.ts';
import type { AiInput } from '../schemas/ai.ts';
import { type Left, meantBy } from './question-parts.ts';

type Message = AiInput['messages'][number];
type Part = Message['parts'][number];

/** A move, and where the chat left, if it continues a message. */
export interface ChatMove {
  readonly moved: Moved;
  readonly left?: Left;
}

/**
 * Takes the answers of the last message, or its text.
 *
 * @throws RequestError if it cannot be taken; nothing was changed
 */
export async function moveBy(
  conversation: Conversation,
  { messages }: AiInput,
  dependencies: readonly string[],
): Promise<ChatMove> {
  const last = messages.at(-1);
  const at = ['messages', String(messages.length - 1)];
  if (last?.role === 'user') {
    return { moved: await say(conversation, saidAtEnd(messages, textOf), dependencies) };
  }
  const step = last?.parts.slice(last.parts.findLastIndex(({ type }) => type === 'step-start') + 1);
  const ids = new Set(step?.map(({ toolCallId }) => toolCallId && meantBy(toolCallId)));
  const asked = (await questionsOf(conversation)).filter(({ id }) => ids.has(id));
  const [first] = asked;
  const open = asked.filter(({ status }) => status === 'open');
  const given = open.flatMap((question) => {
    const part = step?.find(({ toolCallId = '' }) => meantBy(toolCallId) === question.id);
    return part ? givenBy(question, part, [...at, 'parts', `${last?.parts.indexOf(part)}`]) : [];
  });
  if (!first || (open.length > 0 && given.length === 0)) {
    throw new RequestError(
      'message_invalid',
      'The last message says nothing new. Answer its questions, say something, or regenerate it.',
    );
  }
  // Answers that were taken before are not looked at again: what came of them is told once more.
  const moved =
    open.length > 0
      ? await answerAll(conversation, given)
      : await joinRun(conversation, first.runId);
  const parts = last?.parts.flatMap(({ toolCallId }) => {
    return toolCallId === undefined ? [] : [[meantBy(toolCallId), toolCallId] as const];
  });
  return { moved, left: { pausedOn: first.id, parts: new Map(parts) } };
}

function givenBy(question: Question, part: Part, at: readonly string[]): Given[] {
  const { output, approval } = part;
  checkValue({ output, approval }, at);
  const values = valuesIn(question, part);
  return values === undefined ? [] : [{ questionId: question.id, values }];
}

/** Null if the front end could not get an answer; undefined while it tries. */
function valuesIn(question: Question, part: Part): Given['values'] | undefined {
  switch (part.state) {
    case 'output-available':
      return valuesOfResult(question, part.output ?? null);
    case 'output-error':
      return null;
    case 'approval-responded': {
      const { approved, reason } = part.approval ?? {};
      const note = approved === false && reason !== undefined ? { note: reason } : {};
      return valuesOf(question, { approved, ...note });
    }
    default:
      return undefined;
  }
}

function textOf({ parts }: Message): string {
  const texts = parts.map(({ type, text }) => (type === 'text' ? text : undefined));
  if (texts.every((text) => typeof text === 'string')) return texts.join('\n');
  throw new RequestError('message_invalid', 'The message must be text: nothing else can be read.');
}
