/**
 * Asks an agent's model within its context: what is too long is cut or summarized first, and once
 * more if the provider refuses it all the same.
 */
import type { Agent } from '../define/agent.ts';
import { RunError } from '../errors.ts';
import type { Model, ModelRequest, ModelUse, Reply, ReplyOptions } from '../models/model.ts';
import type { Effect } from '../stores/rows.ts';
import type { Store } from '../stores/store.ts';
import { withoutNul } from '../text.ts';
import { type Conversation, cut, sizeOf, taskOf, tokensOf, transcriptOf } from './context.ts';
import { summaryReply } from './summarize.ts';

/** What a model is asked with, but for the transcript. */
export interface Asking {
  readonly store: Store;
  readonly agent: Agent;
  readonly effect: Effect;
  readonly request: Omit<ModelRequest, 'transcript'>;
  /** The most input of this agent that was ever answered, in tokens; 0 if that is not known. */
  readonly largestInput: number;
  readonly onDelta: ReplyOptions['onDelta'];
  /** Told of what a reply used that cannot be taken. */
  readonly onDiscarded: (use: ModelUse) => void;
  /** Asks a model for one reply. */
  readonly ask: (
    model: Model,
    request: ModelRequest,
    onDelta?: ReplyOptions['onDelta'],
  ) => Promise<Reply>;
}

/** A conversation, and what the model is told of the part that is left out. */
interface Told {
  readonly conversation: Conversation;
  readonly note?: string;
  /** The text of the note, where it is a summary. */
  readonly summary?: string;
}

const cutNote = 'The oldest turns of your work are left out here, because they do not fit.';
const summaryNote = 'What happened before, in short, because it does not fit here as a whole:\n';

/**
 * Asks for one reply.
 *
 * @throws RunError `context_too_long` if the conversation does not fit, or the policy is to fail
 */
export async function replyWithin(asking: Asking, conversation: Conversation): Promise<Reply> {
  const { agent, request, onDelta, ask } = asking;
  const { tokensMax } = agent.context;
  const whole = await withSummary(asking, conversation);
  const told = tokensMax === Number.POSITIVE_INFINITY ? whole : await fit(asking, whole, tokensMax);
  const askWith = (sent: Told) => {
    const transcript = transcriptOf(sent.conversation, sent.note);
    return orTooLong(agent, () => ask(agent.model, { ...request, transcript }, onDelta));
  };
  try {
    return await askWith(told);
  } catch (error) {
    if (agent.context.policy === 'fail' || !isTooLong(error)) throw error;
    onDelta?.({ type: 'restart' });
    // Half of what was answered before, if that is less: the whole may have grown beyond twice that.
    const most = Math.min(sizeOfAll(asking, told), asking.largestInput || Number.POSITIVE_INFINITY);
    return askWith(await fit(asking, told, Math.floor(most / 2), 'at least less'));
  }
}

/** Puts the newest summary in the place of what it covers. */
async function withSummary(
  { store, agent, effect }: Asking,
  conversation: Conversation,
): Promise<Told> {
  if (agent.context.policy !== 'summarize') return { conversation };
  const summary = await store.summary(effect);
  if (!summary) return { conversation };
  const task = taskOf(conversation);
  const own = [...task, ...conversation.own.slice(Math.max(summary.upTo, task.length))];
  return summarized({ history: [], own }, summary.text);
}

function summarized(conversation: Conversation, summary: string): Told {
  return { conversation, note: `${summaryNote}${summary}`, summary };
}

/**
 * The conversation as the agent's policy makes it fit.
 *
 * @param goal `at least less`: what does not fit will do if it is less than before
 * @throws RunError `context_too_long` if it cannot
 */
async function fit(
  asking: Asking,
  told: Told,
  tokensMax: number,
  goal: 'fits' | 'at least less' = 'fits',
): Promise<Told> {
  const size = sizeOfAll(asking, told);
  if (size <= tokensMax) return told;
  const { agent } = asking;
  const { policy } = agent.context;
  const fitted =
    policy === 'fail'
      ? told
      : policy === 'truncate'
        ? truncate(told, tokensMax - fixedSize(asking))
        : await summarize(asking, told, tokensMax - fixedSize(asking));
  const now = sizeOfAll(asking, fitted);
  if (now <= tokensMax || (goal === 'at least less' && now < size)) return fitted;
  throw tooLong(agent, `at least about ${now} tokens, where at most ${tokensMax} may be sent`);
}

function truncate(told: Told, tokensMax: number): Told {
  const kept = cut(told.conversation, tokensMax - tokensOf(cutNote));
  const lessOwn = kept.own.length < told.conversation.own.length;
  return { ...told, conversation: kept, ...(lessOwn ? { note: cutNote } : {}) };
}

/** The least room that a summary is worth making for, in tokens. */
const summaryMin = 32;

/** Leaves half of the room free, so that the next turns need no summary of their own. */
async function summarize(asking: Asking, told: Told, tokensMax: number): Promise<Told> {
  const { store, agent, effect, ask, onDiscarded } = asking;
  const { history, own } = told.conversation;
  // A summary covers the earlier runs as a whole or not at all.
  const before: Conversation = { history: history.length === 0 ? [] : [history.flat()], own };
  const kept = cut(before, Math.floor(tokensMax / 2));
  const task = taskOf(before);
  const dropped = [
    ...(kept.history.length < before.history.length ? before.history.flat() : []),
    ...own.slice(task.length, own.length - (kept.own.length - task.length)),
  ];
  const room = tokensMax - sizeOf(transcriptOf(kept)) - tokensOf(summaryNote);
  if (dropped.length === 0 || room < summaryMin) return told;
  const model = agent.context.summarizer ?? agent.model;
  const charactersMax = { asked: tokensMax * 4, answered: room * 4 };
  const reply = await summaryReply(ask, model, dropped, told.summary, charactersMax);
  if (!reply.text || reply.finish === 'length') {
    onDiscarded(useOf(model, reply));
    throw noSummary(model, reply);
  }
  const text = withoutNul(
    reply.text.toWellFormed().slice(0, charactersMax.answered).toWellFormed(),
  );
  const upTo = effect.upTo - (kept.own.length - task.length);
  await store.saveSummary(effect, { upTo, text }, useOf(model, reply));
  return summarized(kept, text);
}

/** Half a summary would pass for the whole of what it covers. Another try may bring all of it. */
function noSummary({ name }: Model, { finish }: Reply): RunError {
  const what =
    finish === 'length' ? 'was cut off before the end of its summary' : 'gave no summary';
  return new RunError('model_reply_unusable', `The model "${name}" ${what}.`, {
    fault: 'unusable',
    retryable: true,
  });
}

/** What a reply used, by the model that made it. */
export function useOf({ name }: Model, reply: Reply): ModelUse {
  const { model = name, usage, costMicros } = reply;
  return { model, usage, ...(costMicros === undefined ? {} : { costMicros }) };
}

function sizeOfAll(asking: Asking, { conversation, note }: Told): number {
  return fixedSize(asking) + sizeOf(transcriptOf(conversation, note));
}

function fixedSize({ request: { instructions, tools } }: Asking): number {
  return tokensOf(instructions) + (tools.length === 0 ? 0 : tokensOf(JSON.stringify(tools)));
}

function isTooLong(error: unknown): error is RunError {
  return error instanceof RunError && error.code === 'context_too_long';
}

/** Says what to do about a provider's refusal, too. */
async function orTooLong(agent: Agent, ask: () => Promise<Reply>): Promise<Reply> {
  try {
    return await ask();
  } catch (error) {
    throw isTooLong(error) ? tooLong(agent, 'more than its provider takes', error) : error;
  }
}

function tooLong(agent: Agent, what: string, cause?: unknown): RunError {
  const { name, model, context } = agent;
  const remedy =
    context.policy === 'fail'
      ? `Let the agent leave older turns out: give it a context with the policy "truncate" or "summarize".`
      : 'Its policy can leave nothing more out: give it a model that takes more, or tools that return less.';
  return new RunError(
    'context_too_long',
    `The conversation of "${name}" is too long for the model "${model.name}": ${what}. ${remedy}`,
    {},
    cause,
  );
}
