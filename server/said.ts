/**
 * What the person said last, in a history that a front end sends: the messages at its end to which
 * nothing was replied yet. Most often it is one; there are more where one never arrived, or came too
 * early.
 */
import { RequestError, type Run } from '../src/index.ts';
import { checkValue } from './json-value.ts';

/** A message with the id that the front end gave it. */
export interface Said {
  readonly id: string;
  readonly text: string;
}

/** So many are looked up. */
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

/** The run that was begun with the last of it, or with that and what was said before. */
export function runBegunBy(said: readonly Said[], runs: readonly Run[]): Run | undefined {
  const texts = new Set(said.map((_, index) => joined(said.slice(index)).text));
  return runs.find(({ message }) => texts.has(message));
}

/**
 * Those after the last one that a run was begun with.
 *
 * @param runsOf the runs that were begun with the message of an id
 * @throws RequestError `message_invalid` if there are too many
 */
export async function newOf(
  said: readonly Said[],
  runsOf: (id: string) => Promise<readonly Run[]>,
): Promise<readonly Said[]> {
  for (let count = 1; count < said.length; count += 1) {
    if (count > saidMax) {
      throw new RequestError(
        'message_invalid',
        `More than ${saidMax} messages wait for a reply. Leave out those that matter no more.`,
      );
    }
    const before = await runsOf(said.at(-1 - count)?.id ?? '');
    if (before.length > 0) return said.slice(-count);
  }
  return said;
}
