/**
 * What the person says in a conversation: each message is taken once. Those that wait for a reply are
 * said together; of what is too long for that, or refused, the oldest are left out, no more than need be.
 */
import { RequestError, type Run, type StartOptions } from '../src/index.ts';
import { type Conversation, type Moved, rejoin } from './conversation.ts';
import { tried } from './moving.ts';
import { joined, newOf, runBegunBy, type Said, wordsOf } from './said.ts';

/**
 * Starts a run with what the person said last. What arrives again begins nothing: its run is rejoined,
 * unless that came to nothing.
 *
 * @throws RequestError `run_paused` while questions are open, and what `start` throws
 */
export async function say(
  conversation: Conversation,
  said: readonly Said[],
  dependencies: readonly string[] = [],
): Promise<Moved> {
  const { runtime, sessionId, team } = conversation;
  // Looked for before the message's own run, which may pause in between and is not in its own way.
  const [paused] = await runtime.list({ sessionId, team, status: 'input_required', limit: 1 });
  const begun = await runsOfLast(conversation, said);
  const runs = begun.filter((run) => !cameToNothing(run));
  const known = runBegunBy(said, runs);
  if (known) return rejoin(runtime, paused && isQueued(known) ? paused : known);
  if (paused) {
    throw new RequestError(
      'run_paused',
      `Run "${paused.id}" waits for answers. Answer its questions before you say something new.`,
    );
  }
  const failed = runBegunBy(said, begun);
  const words = failed
    ? said.slice(wordsOf(said).indexOf(failed.message))
    : await newWords(conversation, said);
  return begin(conversation, words, { dependencies });
}

/**
 * Takes what the person said together with answers: it waits for the end of the run that was answered,
 * whatever the team does with messages that come while a run is not over.
 *
 * @param moved what came of the answers
 * @param isReply whether the front end knows anything that was said before by somebody else
 */
export async function sayBehind(
  conversation: Conversation,
  moved: Moved,
  said: readonly Said[],
  {
    dependencies,
    isReply,
  }: { readonly dependencies: readonly string[]; readonly isReply: boolean },
): Promise<Moved> {
  if (said.length === 0 || runBegunBy(said, await runsOfLast(conversation, said))) return moved;
  const words = await newWords(conversation, said);
  // The message that began the run may have another id here; after a reply the same text is said anew.
  if (!isReply && joined(words).text === moved.run.message) return moved;
  const options = { dependencies, whilePaused: 'queue' } as const;
  const begun = await tried(() => begin(conversation, words, options));
  return begun instanceof RequestError ? { ...moved, refused: begun } : moved;
}

function runsOfLast(conversation: Conversation, said: readonly Said[]) {
  return runsOfMessage(conversation, joined(said).id);
}

function newWords(conversation: Conversation, said: readonly Said[]) {
  return newOf(said, (id) => runsOfMessage(conversation, id));
}

/** Whatever came of a message, said alone or with others. */
function runsOfMessage({ runtime, sessionId, team }: Conversation, messageId: string) {
  return runtime.list({ sessionId, team, messageId });
}

/** Its turn comes after that of the run that waits for the person. */
function isQueued(run: Run): boolean {
  return run.status === 'working' && run.queued;
}

/** Whoever says the same again then wants another try. */
function cameToNothing({ status }: Run): boolean {
  return status === 'failed' || status === 'cancelled';
}

async function begin(
  conversation: Conversation,
  words: readonly Said[],
  options: Pick<StartOptions, 'dependencies' | 'whilePaused'>,
): Promise<Moved> {
  const { runtime, sessionId, team } = conversation;
  const { id: messageId, text: message } = joined(words);
  const earlier = words.slice(0, -1).map(({ id, text }) => ({ messageId: id, message: text }));
  try {
    const given = { ...options, message, messageId, joined: earlier, team, sessionId };
    // Of two that arrive at once, both get the run of the first.
    const run = await runtime.start({ ...given, wait: false });
    if (words.length === 1 || run.message === message) {
      return { run, isRejoined: run.lastSeq > 0 };
    }
  } catch (error) {
    if (words.length === 1 || !isAboutWords(error)) throw error;
    // What was refused before stays in the front end's history: it must not be in the way for ever. What
    // came after it may never have arrived, so no more is left out than has to be.
    return begin(conversation, words.slice(1), options);
  }
  // An earlier one began a run meanwhile, or is joined in one: what is left is said without it.
  return begin(conversation, await newWords(conversation, words), options);
}

function isAboutWords(error: unknown): boolean {
  return (
    error instanceof RequestError &&
    (error.code === 'input_refused' || error.code === 'message_invalid')
  );
}
