/**
 * Watches runs for OpenTelemetry, by its conventions for generative AI: what was done, how long it
 * took and what it cost, never what was said. Without an SDK it costs next to nothing.
 */
import {
  type Attributes,
  type Context,
  context as contexts,
  ROOT_CONTEXT,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import type { RunStatus } from '../../machines/vocabulary.ts';
import type { Agent } from '../define/agent.ts';
import { kindOf } from '../described.ts';
import { RequestError, RunError } from '../errors.ts';
import { failedModels } from '../models/fallback.ts';
import type { Reply } from '../models/model.ts';
import type { Room } from '../room.ts';
import type { RunEvent } from '../stores/events.ts';
import type { Effect, RunRow } from '../stores/rows.ts';
import type { Store } from '../stores/store.ts';
import type { Postponement } from '../stores/tries.ts';
import { Counts, callAttributes, type Figures } from './counts.ts';
import { ownMeter } from './instruments.ts';
import { agentAbove, markFailed, Segment } from './segment.ts';

/** An effect that is being watched. */
export interface Watched {
  /** Does the work of the effect where instrumented libraries find its span. */
  within<T>(work: () => Promise<T>): Promise<T>;
  /** Says which tool it is; a tool's effect does not know it before it begins. */
  isTool(name: string, callId: string): void;
  /** Notes what a model said. */
  replied(reply: Reply): void;
  /** Notes an error; what is told of it is its kind. */
  failed(error: unknown): void;
  /** @param outcome undefined if it was cut short */
  ended(outcome?: RunEvent | Postponement): void;
}

export class Telemetry {
  readonly #store: Store;
  readonly #room: Pick<Room, 'heldBack'>;
  readonly #tracer = trace.getTracer('cadenza');
  readonly #counts: Counts;
  readonly #segments = new Map<string, Segment>();
  readonly #callers = new Map<string, Context>();

  constructor(store: Store, room: Pick<Room, 'heldBack'>) {
    this.#store = store;
    this.#room = room;
    this.#counts = new Counts(ownMeter(), () => store.figures());
  }

  async figures(): Promise<Figures> {
    const { heldBack } = this.#room;
    return { ...(await this.#store.figures()), heldBack, ...this.#counts.sinceStart };
  }

  /** Notes who called for a run to go on, so that their span is above the run's. */
  called(runId: string): void {
    this.#callers.set(runId, contexts.active());
  }

  /** The caller has what it wanted. */
  returned(runId: string): void {
    this.#callers.delete(runId);
  }

  /** What to keep with a run that goes to work; undefined if that is kept already, or untraced. */
  traceOf(run: RunRow): string | undefined {
    let segment = this.#segments.get(run.id);
    if (!segment) {
      // Not the active context: it may be that of another run's request, which set a timer.
      segment = new Segment(
        this.#tracer,
        this.#counts,
        run,
        this.#callers.get(run.id) ?? ROOT_CONTEXT,
      );
      this.#segments.set(run.id, segment);
    }
    const { traceparent } = segment;
    return traceparent === run.trace ? undefined : traceparent;
  }

  /** A run may have nothing to do for now: its effect was not begun after all, or is tried later. */
  rests(runId: string): void {
    const segment = this.#segments.get(runId);
    if (!segment?.isIdle) return;
    this.#segments.delete(runId);
    segment.end('working');
  }

  /** Watches an effect that begins. */
  watch(run: RunRow, agent: Agent, effect: Effect): Watched {
    const { path, name, kind } = effect;
    const isModel = kind === 'callModel';
    const { model } = agent;
    const segment =
      this.#segments.get(run.id) ?? new Segment(this.#tracer, this.#counts, run, ROOT_CONTEXT);
    const begun = segment.begin(
      { path: isModel ? path : agentAbove(path), name, agent },
      isModel ? `chat ${model.name}` : 'execute_tool',
      isModel ? SpanKind.CLIENT : SpanKind.INTERNAL,
      isModel
        ? callAttributes({ model, reply: undefined })
        : { 'gen_ai.operation.name': 'execute_tool' },
    );
    const { span } = begun;
    const startedAt = performance.now();
    let failure: string | undefined;
    let failed: readonly string[] = [];
    let reply: Reply | undefined;
    let toolName: string | undefined;
    return {
      within: (work) => contexts.with(begun.context, work),
      isTool(tool, callId) {
        toolName = tool;
        span.updateName(`execute_tool ${tool}`);
        span.setAttributes({
          'gen_ai.tool.name': tool,
          'gen_ai.tool.call.id': callId,
          'gen_ai.tool.type': 'function',
        });
      },
      replied(one) {
        reply = one;
        span.setAttributes({ ...callAttributes({ model, reply }), ...replyAttributes(reply) });
      },
      failed(error) {
        failure = kindOf(error);
        const { model: name = model.name } = reply ?? {};
        // What was cut short, or not begun because of a limit, is no model's failure.
        failed = error instanceof RunError ? failedModels({ name }, error) : [];
      },
      ended: (outcome) => {
        // What was reported on the way is no failure of a reply.
        if (outcome && 'usage' in outcome) [failure, failed] = [undefined, []];
        else failure = (outcome && failureIn(outcome)) ?? failure;
        const seconds = (performance.now() - startedAt) / 1_000;
        if (isModel) this.#counts.modelCalled({ model, reply, failure, failed }, seconds);
        else if (toolName !== undefined) {
          this.#counts.toolRun(toolName, agent.name, seconds, failure);
        }
        if (failure !== undefined) markFailed(span, failure);
        begun.end();
      },
    };
  }

  /** A run paused or ended in a step. */
  settled(
    runId: string,
    status: Exclude<RunStatus, 'working'>,
    step: { readonly event: RunEvent; readonly taken: boolean },
  ): void {
    const segment = this.#segments.get(runId);
    // An event that came too late settles nothing.
    if (!segment && !step.taken) return;
    this.#segments.delete(runId);
    const { event } = step;
    const failure = 'failure' in event ? event.failure.code : 'internal_error';
    segment?.end(status, status === 'failed' ? failure : undefined);
    this.#counts.runSettled(status);
  }

  /** Counts answers that were given already: of them nothing is left to write. */
  async whileAnswering<T>(given: object, read: () => Promise<readonly T[]>): Promise<readonly T[]> {
    try {
      const settled = await read();
      const isNew = settled.length > 0 || Object.keys(given).length === 0;
      if (!isNew) this.#counts.duplicateAnswer('same');
      return settled;
    } catch (error) {
      const isConflict = error instanceof RequestError && error.code === 'answer_conflict';
      if (isConflict) this.#counts.duplicateAnswer('different');
      throw error;
    }
  }

  /** Ends what is open; the next process goes on with it. */
  close(): void {
    for (const segment of this.#segments.values()) segment.end('working', 'runtime_closed');
    this.#segments.clear();
    this.#counts.close();
  }
}

function replyAttributes({ usage, answered = {} }: Reply): Attributes {
  const { id, finishReason } = answered;
  return {
    'gen_ai.usage.input_tokens': usage.inputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage.cachedInputTokens,
    'gen_ai.usage.output_tokens': usage.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage.reasoningTokens,
    'gen_ai.response.id': id,
    // The server's own word, or nothing: what a reply comes to is not what ended it.
    'gen_ai.response.finish_reasons': finishReason === undefined ? undefined : [finishReason],
  };
}

function failureIn(outcome: RunEvent | Postponement): string | undefined {
  if ('failure' in outcome) return outcome.failure.code;
  if (!('wakeAt' in outcome) || !('failure' in outcome.log)) return undefined;
  return outcome.log.failure.code;
}
