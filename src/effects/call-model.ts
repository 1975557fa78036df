/** The body of `callModel`: the agent's transcript goes out, a reply comes back as an event. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent } from '../define/agent.ts';
import type { FullRunLimits } from '../define/limits.ts';
import { RunError } from '../errors.ts';
import type {
  AnsweredCall,
  ModelRequest,
  Reply,
  ReplyOptions,
  TranscriptMessage,
} from '../models/model.ts';
import type { RunEvent } from '../stores/events.ts';
import type { Effect, RunRow, Usage } from '../stores/rows.ts';
import type { Store } from '../stores/store.ts';
import { bounded } from '../text.ts';
import type { Deltas } from './deltas.ts';
import { historyOf } from './history.ts';
import { orAborted } from './or-aborted.ts';
import { instructionsOf, toolsOf } from './prompt.ts';
import { readCalls } from './read-reply.ts';
import { correctionOf, isCorrection } from './read-report.ts';

/** Waits between tries of a call that met a passing fault, in milliseconds. */
const waitsMs = [500, 2_000];

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
  readonly signal: AbortSignal;
  readonly report: (error: unknown) => void;
}

/** Calls the model for an agent, and returns what came of it: a reply, or a failure. */
export async function callModel(call: ModelCall): Promise<RunEvent> {
  const { agent, effect, signal, report } = call;
  try {
    return await replied(call);
  } catch (error) {
    signal.throwIfAborted();
    report(error);
    const failure =
      error instanceof RunError
        ? { code: error.code, message: error.message }
        : {
            code: 'internal_error' as const,
            message: `Calling the model "${agent.model.name}" failed inside.`,
          };
    return { type: 'model.failed', agent: effect.path, failure };
  }
}

async function replied(call: ModelCall): Promise<RunEvent> {
  const { store, run, agent, effect, limits, report } = call;
  const { runId, path } = effect;
  const usage = await store.usage(effect);
  checkLimits(agent, limits, usage);
  const own = await store.transcript(runId, path, effect.upTo);
  const before = path === '' ? await historyOf(store, agent, runId) : [];
  const reporters = [agent, ...call.routedBy];
  const request = {
    instructions: instructionsOf(agent, reporters),
    transcript: [...before, ...own],
    tools: toolsOf(agent),
  };
  const listener = call.deltas?.listen(effect);
  const reply = await replyInTime(call, request, usage, listener?.onDelta).finally(listener?.end);
  const calls = await readCalls(
    {
      agent,
      takenIds: new Set(callsOf(before).map(({ id }) => id)),
      earlier: callsOf(own),
      reports: agent.mode === 'tasks' ? await store.reports(runId, path) : [],
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
    usage: reply.usage,
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
    [run.workingMs >= limits.workingMs, workedOut(limits)],
  ] as const;
  const first = reached.find(([is]) => is);
  if (first) throw limitReached(first[1]);
}

/**
 * Calls the model, and ends the call when the run's time at work is over.
 *
 * @throws RunError `limit_reached`
 */
async function replyInTime(
  { agent, limits, signal }: ModelCall,
  request: ModelRequest,
  { run }: Usage,
  onDelta: ReplyOptions['onDelta'],
): Promise<Reply> {
  const leftMs = Math.max(1, Math.ceil(limits.workingMs - run.workingMs));
  if (leftMs > longestMs) return replyTo(agent, request, { signal, onDelta });
  const timeUp = AbortSignal.timeout(leftMs);
  try {
    const either = AbortSignal.any([signal, timeUp]);
    return await replyTo(agent, request, { signal: either, onDelta });
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
  const remembered = await store.rememberedApprovals(run.sessionId);
  return new Set(remembered.filter(({ agent }) => agent === effect.name).map(({ tool }) => tool));
}

async function replyTo(agent: Agent, request: ModelRequest, options: ReplyOptions): Promise<Reply> {
  const { signal, onDelta } = options;
  for (const waitMs of waitsMs) {
    try {
      return await orAborted(() => agent.model.reply(request, options), signal);
    } catch (error) {
      const passing = error instanceof RunError && error.details['retryable'] === true;
      if (!passing || signal.aborted) throw error;
      onDelta?.({ type: 'restart' });
      await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }
  return orAborted(() => agent.model.reply(request, options), signal);
}
