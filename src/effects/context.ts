/**
 * Cuts a conversation to a size, between turns: the task and the latest turn stay, and a call stays
 * with its result and a reply with its reasoning, because they are one message here. Pure.
 *
 * A size is estimated, at four characters to a token.
 */
import type { TranscriptMessage } from '../models/model.ts';

/** What an agent's model may be sent. */
export interface Conversation {
  /** Earlier runs of the session, the oldest first. */
  readonly history: readonly (readonly TranscriptMessage[])[];
  /** The agent's messages in this run: its task, then its turns. */
  readonly own: readonly TranscriptMessage[];
}

const charactersPerToken = 4;

/** About how many tokens a text is. */
export function tokensOf(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** About how many tokens messages are. */
export function sizeOf(messages: readonly TranscriptMessage[]): number {
  return messages.reduce((sum, message) => sum + messageSize(message), 0);
}

function messageSize(message: TranscriptMessage): number {
  if (message.role === 'user') return tokensOf(message.text);
  const { text, calls, verbatim } = message;
  const said = [text ?? '', ...calls.flatMap((call) => [call.id, call.name, call.arguments])];
  const neutral = tokensOf(said.join(''));
  // Sent in its place where the same model is asked.
  const own = verbatim ? tokensOf(JSON.stringify(verbatim.items)) : 0;
  const results = calls.reduce((sum, { result }) => sum + tokensOf(result), 0);
  return Math.max(neutral, own) + results;
}

/** The messages before the agent's first reply: its task, and what the task builds on. */
export function taskOf({ own }: Conversation): readonly TranscriptMessage[] {
  const first = own.findIndex(({ role }) => role === 'assistant');
  return first === -1 ? own : own.slice(0, first);
}

/** The conversation as it is sent, with a note in place of what is left out. */
export function transcriptOf(conversation: Conversation, note?: string): TranscriptMessage[] {
  const { history, own } = conversation;
  const task = taskOf(conversation);
  return [
    ...history.flat(),
    ...task,
    ...(note === undefined ? [] : [{ role: 'user', text: note } as const]),
    ...own.slice(task.length),
  ];
}

/**
 * Leaves out the oldest runs, then the oldest turns, until the rest is at most so many tokens. What
 * must stay may be larger.
 */
export function cut(conversation: Conversation, tokensMax: number): Conversation {
  const { history } = conversation;
  const task = taskOf(conversation);
  const turns = turnsOf(conversation.own.slice(task.length));
  const older = [...history, ...turns.slice(0, -1)];
  const sizes = older.map(sizeOf);
  const stays = sizeOf(task) + sizeOf(turns.at(-1) ?? []);
  let size = sizes.reduce((sum, one) => sum + one, stays);
  let dropped = 0;
  for (const one of sizes) {
    if (size <= tokensMax) break;
    size -= one;
    dropped += 1;
  }
  const droppedTurns = Math.max(0, dropped - history.length);
  return {
    history: history.slice(dropped),
    own: [...task, ...turns.slice(droppedTurns).flat()],
  };
}

/** A reply with its results, and the corrections that it was given. */
function turnsOf(messages: readonly TranscriptMessage[]): TranscriptMessage[][] {
  const turns: TranscriptMessage[][] = [];
  for (const message of messages) {
    if (message.role === 'assistant') turns.push([message]);
    else turns.at(-1)?.push(message);
  }
  return turns;
}
