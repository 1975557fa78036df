/** The body of `callModel`: the agent's transcript goes out, a reply comes back as an event. */
import type { Agent } from '../define/agent.ts';
import type { FullRunLimits } from '../define/limits.ts';
import { RunError } from '../errors.ts';
import type {
  AnsweredCall,
  Model,
  ModelRequest,
  ModelUse,
  Reply,
  ReplyOptions,
  TranscriptMessage,
} from '../models/model.ts';
import type { RunEvent } from '../stores/events.ts';
import type { Effect, RunRow } from '../stores/rows.ts';
import type { Store } from '../stores/store.ts';
import type { Postponement } from '../stores/tries.ts';
import type { Usage } from '../stores/usage.ts';
import type { Watched } from '../telemetry/telemetry.ts';
import { bounded } from '../text.ts';
import { afterError, type FullRetryOptions } from './attempts.ts';
import type { Conversation } from './context.ts';
import type { Deltas } from './deltas.ts';
import { failureOf } from './failure.ts';
import { type Asking, replyWithin, useOf } from './fit.ts';
import { historyOf } from './history.ts';
import { orAborted } from './or-aborted.ts';
import { instructionsOf, toolsOf } from './prompt.ts';
import { readCalls } from './read-reply.ts';
import { correctionOf, isCorrection } from './read-report.ts';

/** The longest time that a timer can wait. */
const longestMs = 2_147_483_647;

/** What a model is called with. */
export interface ModelCall {
  readonly store: Store;
  readonly run: RunRow;
  readonly agent: Agent;
  /** The leaders whose own report this agent's report is, the nearest first. */
  readonly routedBy: readonly Agent[];
  readonly effect: Effect;
  readonly limits: FullRunLimits;
  readonly deltas: Deltas | undefined;
  readonly retries: FullRetryOptions;
  readonly signal: AbortSignal;
  /** Whether somebody asked for this try: it is made though the model is spared. */
  readonly insists: boolean;
  readonly report: (error: unknown) => void;
  readonly watched: Pick<Watched, 'replied' | 'failed'>;
}

/** A model that is asked for the agent: its own, or one that summarizes for it. */
interface AskedCall extends ModelCall {
  readonly model: Model;
  readonly onDelta: ReplyOptions['onDelta'];
  readonly onDiscarded: (use: ModelUse) => void;
}

type Replied = Extract<RunEvent, { type: 'model.replied' }>;

/** Calls the model for an agent, and returns what came of it: a reply, a failure, or another try. */
export async function callModel(call: ModelCall): Promise<RunEvent | Postponement> {
  const { agent, effect, retries, signal, report } = call;
  const discarded: ModelUse[] = [];
  try {
    const event = await replied(call, discarded);
    return discarded.length === 0 ? event : { ...event, discarded };
  } catch (error) {
    signal.throwIfAborted();
    // Also of a try that nobody hears of, because another follows.
    call.watched.failed(error);
    const after = afterError(error, effect, retries);
    if (!('later' in after && after.later.stall === null)) report(error);
    if ('later' in after) {
      const { path, name } = effect;
      return { ...after.later, uses: discarded.map((use) => ({ ...use, agent: path, name })) };
    }
    return {
      type: 'model.failed',
      agent: effect.path,
      failure: failureOf(after.end, agent.model.name),
      ...(discarded.length === 0 ? {} : { discarded }),
    };
  }
}

/** @param discarded gets what answers used that are no reply, and a reply that cannot be taken */
async function replied(call: ModelCall, discarded: ModelUse[]): Promise<Replied> {
  const { store, agent, effect, limits } = call;
  const { runId, path } = effect;
  const usage = await store.usage(effect);
  checkLimits(agent, limits, usage);
  const own = await store.transcript(runId, path, effect.upTo);
  const history = path === '' ? await historyOf(store, agent, runId) : [];
  const request = {
    instructions: instructionsOf(agent, [agent, ...call.routedBy]),
    tools: toolsOf(agent),
  };
  const listener = call.deltas?.listen(effect);
  const onDiscarded = (use: ModelUse) => discarded.push(use);
  const ask: Asking['ask'] = (model, asked, onDelta) =>
    replyInTime({ ...call, model, onDelta, onDiscarded }, asked, usage);
  const about = { largestInput: usage.agent.largestInput, onDelta: listener?.onDelta, onDiscarded };
  const asking = { store, agent, effect, request, ask, ...about };
  const reply = await replyWithin(asking, { history, own }).finally(listener?.end);
  call.watched.replied(reply);
  try {
    return await eventOf(call, reply, { history, own });
  } catch (error) {
    discarded.push(useOf(agent.model, reply));
    throw error;
  }
}

/** Reads a reply. */
async function eventOf(
  call: ModelCall,
  reply: Reply,
  { history, own }: Conversation,
): Promise<Replied> {
  const { store, run, agent, effect, limits, report } = call;
  const { runId, path } = effect;
  const reporters = [agent, ...call.routedBy];
  const calls = await readCalls(
    {
      agent,
      takenIds: new Set(callsOf(history.flat()).map(({ id }) => id)),
      earlier: callsOf(own),
      reports: agent.mode === 'tasks' ? await store.reports(run.tenantId, runId, path) : [],
      allowed: await allowedTools(store, run, effect),
      depth: path === '' ? 0 : path.split(':').length - 1,
      depthMax: limits.depth,
      report,
    },
    reply,
  );
  const text = reply.text === null ? null : bounded(reply.text);
  if (reply.finish === 'length' && reply.calls.length === 0) {
    throw new RunError(
      'model_reply_unusable',
      `The reply of "${agent.model.name}" was cut off before its end.`,
    );
  }
  const corrections = own.filter((one) => one.role === 'user' && isCorrection(one.text)).length;
  const correction =
    calls.length === 0 ? await correctionOf(reporters, text ?? '', corrections) : undefined;
  const routes = agent.mode === 'route' && calls.some(({ intent }) => intent === 'delegation');
  return {
    type: 'model.replied',
    agent: path,
    text,
    calls,
    routes,
    ...useOf(agent.model, reply),
    ...(reply.insteadOf ? { insteadOf: reply.insteadOf } : {}),
    ...(reply.verbatim ? { verbatim: reply.verbatim } : {}),
    ...(correction === undefined ? {} : { correction }),
  };
}

function callsOf(messages: readonly TranscriptMessage[]): AnsweredCall[] {
  return messages.flatMap((message) => (message.role === 'assistant' ? message.calls : []));
}

/** @throws RunError `limit_reached` */
function checkLimits(agent: Agent, limits: FullRunLimits, { run, agent: own }: Usage): void {
  const who = `"${agent.name}"`;
  const reached = [
    [
      own.modelCalls >= agent.limits.modelCalls,
      `${who} made all ${agent.limits.modelCalls} model calls it may make`,
    ],
    [own.tokens >= agent.limits.tokens, `${who} used all ${agent.limits.tokens} tokens it may use`],
    [
      run.modelCalls >= limits.modelCalls,
      `the run made all ${limits.modelCalls} model calls it may make`,
    ],
    [run.tokens >= limits.tokens, `the run used all ${limits.tokens} tokens it may use`],
    ...costReached(who, agent.limits.cost, own),
    ...costReached('the run', limits.cost, run),
    [run.workingMs >= limits.workingMs, workedOut(limits)],
  ] as const;
  const first = reached.find(([is]) => is);
  if (first) throw limitReached(first[1]);
}

function costReached(
  who: string,
  limit: number,
  { costMicros, unpricedCalls, uncountedCalls }: Usage['agent'] | Usage['run'],
): [boolean, string][] {
  if (limit === Number.POSITIVE_INFINITY) return [];
  const remedy =
    unpricedCalls > uncountedCalls
      ? 'give every model a price'
      : 'its provider did not say how many tokens an answer used; take a model whose provider does, or leave the limit out';
  return [
    [
      unpricedCalls > 0,
      `what ${who} costs is not known, so it cannot be kept to ${limit}; ${remedy}`,
    ],
    [costMicros >= limit * 1_000_000, `${who} cost all of the ${limit} it may cost`],
  ];
}

/**
 * Calls the model, and ends the call when the run's time at work is over.
 *
 * @throws RunError `limit_reached`
 */
async function replyInTime(
  { model, limits, signal, insists, onDelta, onDiscarded, report }: AskedCall,
  request: ModelRequest,
  { run }: Usage,
): Promise<Reply> {
  const options = { insists, onDelta, onDiscarded, onLost: report };
  const ask = (within: AbortSignal) =>
    orAborted(() => model.reply(request, { ...options, signal: within }), within);
  const leftMs = Math.max(1, Math.ceil(limits.workingMs - run.workingMs));
  if (leftMs > longestMs) return ask(signal);
  const timeUp = AbortSignal.timeout(leftMs);
  try {
    return await ask(AbortSignal.any([signal, timeUp]));
  } catch (error) {
    if (!timeUp.aborted || signal.aborted) throw error;
    throw limitReached(workedOut(limits));
  }
}

function workedOut({ workingMs }: FullRunLimits): string {
  return `the run worked for all ${workingMs} ms it may work`;
}

function limitReached(what: string): RunError {
  return new RunError('limit_reached', `A limit was reached: ${what}.`);
}

async function allowedTools(
  store: Store,
  run: RunRow,
  effect: Effect,
): Promise<ReadonlySet<string>> {
  const remembered = await store.rememberedApprovals(run.tenantId, run.sessionId);
  return new Set(remembered.filter(({ agent }) => agent === effect.name).map(({ tool }) => tool));
}
