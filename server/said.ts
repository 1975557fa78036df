/**
 * What the person said last, in a history that a front end sends: the messages at its end to which
 * nothing was replied yet. Most often it is one; there are more where one never arrived, or came too
 * early.
 */
import type { Run } from '../src/index.ts';
import { checkValue } from './json-value.ts';

/** A message with the id that the front end gave it. */
export interface Said {
  readonly id: string;
  readonly text: string;
}

/** So many are looked up, and said together. */
const saidMax = 100;

/**
 * Reads the messages of the person at the end of a history, oldest first.
 *
 * @throws RequestError if the last one cannot be taken. Earlier ones that cannot were refused when they
 *   were sent, and stay in the front end's history: they are left out.
 */
export function saidAtEnd<Message extends { readonly id: string; readonly role: string }>(
  messages: readonly Message[],
  textOf: (message: Message) => string,
): Said[] {
  const before = messages.findLastIndex(({ role }) => role !== 'user');
  return messages.slice(before + 1).flatMap((message, index, all) => {
    try {
      checkValue(message, ['messages', String(before + 1 + index)]);
      const said = { id: message.id, text: textOf(message) };
      return index < all.length - 1 && said.text.trim() === '' ? [] : [said];
    } catch (error) {
      if (index === all.length - 1) throw error;
      return [];
    }
  });
}

/** All of it as one message, which has the id of the last. */
export function joined(said: readonly Said[]): Said {
  return { id: said.at(-1)?.id ?? '', text: said.map(({ text }) => text).join('\n\n') };
}

/** The last of it, each with more of what was said before: that of the index and all after it. */
export function wordsOf(said: readonly Said[]): string[] {
  return said.map((_, index) => joined(said.slice(index)).text);
}

/** The run that was begun with the last of it, or with that and what was said before. */
export function runBegunBy(said: readonly Said[], runs: readonly Run[]): Run | undefined {
  const words = wordsOf(said);
  return runs.find(({ message }) => words.includes(message));
}

/**
 * Those after the last one that a run was begun with; of very many, the newest.
 *
 * @param runsOf the runs that were begun with the message of an id
 */
export async function newOf(
  said: readonly Said[],
  runsOf: (id: string) => Promise<readonly Run[]>,
): Promise<readonly Said[]> {
  for (let count = 1; count < said.length; count += 1) {
    // So many were refused, most likely: a front end cannot take them back, and must go on.
    if (count >= saidMax) return said.slice(-saidMax);
    const before = await runsOf(said.at(-1 - count)?.id ?? '');
    if (before.length > 0) return said.slice(-count);
  }
  return said;
}
