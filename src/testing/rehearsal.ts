/**
 * Plays the default team without a model: the leader delegates, the member asks two questions,
 * and both report what came back.
 *
 * Everything is read from the conversation: which tools are offered says who is speaking, and
 * which results have come since the last user message says what to do next.
 */

import { z } from 'zod';
import { type ModelMessage, type ModelTool, textOf } from './chat-request.ts';
import { call, type ModelRequest, type ToolCallTurn, type Turn } from './turn.ts';

const DELEGATE = 'delegate_task_to_member';
const ASK = 'get_user_input';
const TOPIC_LENGTH_MAX = 60;
const UNNAMED_TOPIC = 'this topic';

type ToolMessage = ModelMessage & { role: 'tool' };

export function rehearse({ messages, tools: offered, body }: ModelRequest): Turn {
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  const user = messages[lastUser];
  const text = user === undefined ? '' : textOf(user);
  const topic = topicOf(text);
  const since = messages.slice(lastUser + 1);
  const results = since.filter((message): message is ToolMessage => message.role === 'tool');
  if (results.length > 0) return report(topic, callsIn(since), results);
  const tools = body.tool_choice === 'none' ? [] : offered;
  const member = firstMember(tools);
  if (member !== undefined) {
    return [call(DELEGATE, { member_id: member, task: text.trim() === '' ? UNNAMED_TOPIC : text })];
  }
  if (tools.some((tool) => tool.type === 'function' && tool.function.name === ASK)) {
    return [call(ASK, { user_input_fields: questionsAbout(topic) })];
  }
  return `This is a rehearsal without a model. I have read your message about ${topic}.`;
}

function questionsAbout(topic: string) {
  return [
    `What comes to mind first when you think of ${topic}?`,
    `What would you most like to know about ${topic}?`,
  ].map((question, index) => ({
    field_name: `question_${index + 1}`,
    field_type: 'str',
    field_description: question,
  }));
}

/** A few words stand as they are; a sentence is quoted, and a long one is cut between words. */
function topicOf(text: string): string {
  const [line = ''] = text.trim().slice(0, 500).toWellFormed().split('\n');
  const words = line.replace(/\s+/g, ' ').replace(/[\s.,;:!?]+$/, '');
  if (words === '') return UNNAMED_TOPIC;
  const characters = Array.from(words);
  if (characters.length <= TOPIC_LENGTH_MAX) {
    return words.split(' ').length <= 4 ? words : `“${words}”`;
  }
  const cut = characters.slice(0, TOPIC_LENGTH_MAX).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `“${lastSpace === -1 ? cut : cut.slice(0, lastSpace)}…”`;
}

const membersOf = z.object({
  properties: z.object({ member_id: z.object({ enum: z.array(z.string()).min(1) }) }),
});

function firstMember(tools: readonly ModelTool[]): string | undefined {
  for (const tool of tools) {
    if (tool.type !== 'function' || tool.function.name !== DELEGATE) continue;
    return membersOf.safeParse(tool.function.parameters).data?.properties.member_id.enum[0];
  }
  return undefined;
}

type Calls = ReadonlyMap<string, ToolCallTurn>;

function callsIn(messages: readonly ModelMessage[]): Calls {
  const calls = new Map<string, ToolCallTurn>();
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    for (const made of message.tool_calls ?? []) {
      if (made.type === 'function') calls.set(made.id, made.function);
    }
  }
  return calls;
}

function report(topic: string, calls: Calls, results: readonly ToolMessage[]): string {
  const sentences = results.map((result) => {
    const made = calls.get(result.tool_call_id ?? '');
    const content = textOf(result);
    if (made?.name === ASK) return answersReport(topic, made, content);
    if (made?.name === DELEGATE) return `The ${memberIn(made)} reports: ${content}`;
    return `The tool "${made?.name ?? 'unknown'}" answered: ${content}`;
  });
  return sentences.join('\n');
}

function memberIn(made: ToolCallTurn): string {
  return (
    z.object({ member_id: z.string() }).safeParse(json(made.arguments)).data?.member_id ?? 'member'
  );
}

const fieldsAsked = z.object({
  user_input_fields: z.array(
    z.object({ field_name: z.string(), field_description: z.string().optional() }),
  ),
});

/** The person's values beside the questions; where they are no values, what was said instead. */
function answersReport(topic: string, made: ToolCallTurn, content: string): string {
  const values = z.record(z.string(), z.unknown()).safeParse(json(content)).data;
  if (values === undefined) return `About ${topic}: ${content}`;
  const fields = fieldsAsked.safeParse(json(made.arguments)).data?.user_input_fields ?? [];
  const questions = new Map(fields.map((each) => [each.field_name, each.field_description]));
  const pairs = Object.entries(values).map(([name, value]) => {
    const answer = typeof value === 'string' ? value : JSON.stringify(value);
    return `"${questions.get(name) ?? name}" — ${answer}`;
  });
  if (pairs.length === 0) return `About ${topic}: ${content}`;
  return `About ${topic}, you said: ${pairs.join('; ')}.`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
