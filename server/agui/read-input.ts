/** What an AG-UI client wants, out of the whole history that it sends: one move of its conversation. */
import { RequestError } from '../../src/index.ts';
import {
  answerAll,
  type Conversation,
  type Given,
  joinLast,
  type Moved,
  questionsOf,
  say,
} from '../conversation.ts';
import { checkValue } from '../json-value.ts';
import type { AguiInput } from '../schemas/agui.ts';
import { valuesOf, valuesOfResult } from './interrupts.ts';
import { resultId } from './messages.ts';
import { idOf } from './protocol.ts';

type InputMessage = AguiInput['messages'][number];

/**
 * Takes the one new thing that an input says: answers, a result of a tool that the client carried out,
 * a message, or, where there is nothing new, that it wants to see how things stand.
 *
 * @throws RequestError if it cannot be taken; nothing was changed
 */
export async function moveBy(
  conversation: Conversation,
  input: AguiInput,
  dependencies: readonly string[],
): Promise<Moved> {
  if (input.resume && input.resume.length > 0) {
    checkValue(input.resume, ['resume']);
    return answerAll(conversation, await entriesOf(conversation, input.resume));
  }
  const results = await resultsOf(conversation, input.messages);
  if (results.length > 0) return answerAll(conversation, results);
  const last = input.messages.at(-1);
  if (last?.role !== 'user') return joinLast(conversation);
  checkValue(last, ['messages', String(input.messages.length - 1)]);
  return say(conversation, { id: last.id, text: textOf(last) }, dependencies);
}

async function entriesOf(
  conversation: Conversation,
  entries: NonNullable<AguiInput['resume']>,
): Promise<Given[]> {
  const questions = await questionsOf(conversation);
  return entries.map(({ interruptId, status, payload }) => {
    const question = questions.find(({ id }) => id === interruptId);
    const isCancelled = status === 'cancelled' || !question;
    return { questionId: interruptId, values: isCancelled ? null : valuesOf(question, payload) };
  });
}

/** The results at the end of the history that did not come from here. */
async function resultsOf(
  conversation: Conversation,
  messages: readonly InputMessage[],
): Promise<Given[]> {
  const before = messages.findLastIndex(({ role }) => role !== 'tool');
  const results = messages.slice(before + 1).filter(({ id, toolCallId }) => {
    return toolCallId !== undefined && id !== resultId(toolCallId);
  });
  if (results.length === 0) return [];
  const questions = await questionsOf(conversation);
  return results.flatMap((message) => {
    const { toolCallId, content } = message;
    const asked = questions.filter(({ runId, path }) => idOf(runId, path) === toolCallId);
    const question = asked.find(({ status }) => status === 'open') ?? asked.at(-1);
    if (!question) return [];
    checkValue(content, ['messages', String(messages.indexOf(message)), 'content']);
    return [{ questionId: question.id, values: valuesOfResult(question, String(content ?? '')) }];
  });
}

function textOf({ content }: InputMessage): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [];
  const texts = parts.map((part) => Object(part).text);
  if (parts.length > 0 && texts.every((text) => typeof text === 'string')) return texts.join('\n');
  throw new RequestError('message_invalid', 'The message must be text: nothing else can be read.');
}
