/** What an AG-UI client wants, out of the whole history that it sends: one move of its conversation. */
import { RequestError } from '../../src/index.ts';
import {
  answerAll,
  type Conversation,
  type Given,
  joinLast,
  type Moved,
  questionsOf,
} from '../conversation.ts';
import { checkValue } from '../json-value.ts';
import { saidAtEnd } from '../said.ts';
import { say, sayBehind } from '../saying.ts';
import type { AguiInput } from '../schemas/agui.ts';
import { valuesOf, valuesOfResult } from './interrupts.ts';
import { resultId } from './messages.ts';
import { idOf } from './protocol.ts';

type InputMessage = AguiInput['messages'][number];

/**
 * Takes what an input says anew: answers, results of tools that the client carried out, what the person
 * said, or, where there is nothing new, that it wants to see how things stand. What was said together
 * with answers is taken after them.
 *
 * @throws RequestError if it cannot be taken; nothing was changed
 */
export async function moveBy(
  conversation: Conversation,
  { messages, resume }: AguiInput,
  dependencies: readonly string[],
): Promise<Moved> {
  const said = saidAtEnd(messages, textOf);
  const given = { dependencies, isReply: messages.some(({ role }) => role === 'assistant') };
  if (resume && resume.length > 0) {
    checkValue(resume, ['resume']);
    const moved = await answerAll(conversation, await entriesOf(conversation, resume));
    return sayBehind(conversation, moved, said, given);
  }
  const results = await resultsOf(conversation, messages);
  if (results.given.length > 0 && (results.areNew || said.length === 0)) {
    const moved = await answerAll(conversation, results.given);
    return sayBehind(conversation, moved, said, given);
  }
  return said.length > 0 ? say(conversation, said, dependencies) : joinLast(conversation);
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

/** The results at the end of the history that did not come from here, and whether any was waited for. */
async function resultsOf(
  conversation: Conversation,
  messages: readonly InputMessage[],
): Promise<{ readonly given: readonly Given[]; readonly areNew: boolean }> {
  const end = messages.findLastIndex(({ role }) => role !== 'user') + 1;
  const before = messages.slice(0, end).findLastIndex(({ role }) => role !== 'tool');
  const results = messages.slice(before + 1, end).filter(({ id, toolCallId }) => {
    return toolCallId !== undefined && id !== resultId(toolCallId);
  });
  if (results.length === 0) return { given: [], areNew: false };
  const questions = await questionsOf(conversation);
  const known = results.flatMap((message) => {
    const asked = questions.filter(({ runId, path }) => idOf(runId, path) === message.toolCallId);
    const question = asked.find(({ status }) => status === 'open') ?? asked.at(-1);
    return question ? [{ message, question }] : [];
  });
  const given = known.map(({ message, question }) => {
    const { content } = message;
    checkValue(content, ['messages', String(messages.indexOf(message)), 'content']);
    return { questionId: question.id, values: valuesOfResult(question, String(content ?? '')) };
  });
  return { given, areNew: known.some(({ question }) => question.status === 'open') };
}

function textOf({ content }: InputMessage): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [];
  const texts = parts.map((part) => Object(part).text);
  if (parts.length > 0 && texts.every((text) => typeof text === 'string')) return texts.join('\n');
  throw new RequestError('message_invalid', 'The message must be text: nothing else can be read.');
}
