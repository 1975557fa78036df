/**
 * The messages of a conversation for a client, up to a limit: those of the run that it is told of, and
 * of the newest others. A client forgets what a list leaves out, so it gets back what it holds itself of
 * older ones.
 */
import type { Run } from '../../src/index.ts';
import { type Conversation, runsOf } from '../conversation.ts';
import type { AguiInput } from '../schemas/agui.ts';
import { messagesOf } from './messages.ts';
import type { AguiMessage } from './protocol.ts';

type Held = AguiInput['messages'];

/** So many characters the messages have, but for the replies of the run that is told. */
const historyMax = 1_048_576;

const runsMax = 200;

/**
 * @param run the one that the client is told of
 * @param held what the client says that it has
 */
export async function historyOf(
  conversation: Conversation,
  run: Run,
  held: Held,
): Promise<readonly (AguiMessage | Held[number])[]> {
  const { runs, isAll } = await newestRuns(conversation, run, new Set(held.map(({ id }) => id)));
  // What was said again after its run failed is the first of each of its runs.
  const byId = new Map(runs.flat().map((message) => [message.id, message]));
  if (isAll) return [...byId.values()];
  const known = held.findIndex(({ id }) => byId.has(id));
  const older = known < 0 ? held : held.slice(0, known);
  return [...older.filter(({ role }) => !keptAnyway.includes(role)), ...byId.values()];
}

/** Clients keep these unless a list has others of them. */
const keptAnyway = ['reasoning', 'activity'];

/** The messages of runs, oldest first, and whether no run is missing. */
async function newestRuns(conversation: Conversation, told: Run, held: ReadonlySet<string>) {
  const said = async (run: Run) => messagesOf(run, await conversation.runtime.messages(run.id));
  const own = shortened(await said(told), historyMax);
  const runs: (readonly AguiMessage[])[] = [];
  let room = historyMax - sizeOf(own);
  let isMissing = true;
  for await (const run of runsOf(conversation)) {
    const isTold = run.id === told.id;
    const messages = isTold ? own : fitting(await said(run), room, held.has(run.messageId));
    if (!messages || runs.length === runsMax) {
      return { runs: [...(isMissing ? [own] : []), ...runs.reverse()], isAll: false };
    }
    runs.push(messages);
    if (isTold) isMissing = false;
    else room -= sizeOf(messages);
  }
  return { runs: runs.reverse(), isAll: true };
}

/** A run that does not fit is told without its oldest results, unless the client has it. */
function fitting(messages: readonly AguiMessage[], room: number, isHeld: boolean) {
  if (sizeOf(messages) <= room) return messages;
  const short = isHeld ? messages : shortened(messages, room);
  return sizeOf(short) <= room ? short : undefined;
}

/** Leaves out results, the oldest first, until the rest fits: a call without one would seem to wait. */
function shortened(messages: readonly AguiMessage[], room: number): readonly AguiMessage[] {
  let over = sizeOf(messages) - room;
  return messages.map((message) => {
    if (over <= 0 || message.role !== 'tool') return message;
    const content = `(left out: ${message.content.length} characters)`;
    if (content.length >= message.content.length) return message;
    over -= message.content.length - content.length;
    return { ...message, content };
  });
}

function sizeOf(messages: readonly AguiMessage[]): number {
  return messages.reduce((sum, message) => {
    const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
    const written = calls.map(({ function: { arguments: text } }) => text.length + aroundMax);
    const text = message.content?.length ?? 0;
    return written.reduce((all, one) => all + one, sum + text + aroundMax);
  }, 0);
}

/** What stands around a text, at most: ids and names. */
const aroundMax = 200;
