/**
 * The spans of one stretch of a run: from the moment it goes to work until it pauses or ends. A
 * stretch lives in one process; while a person thinks, no span is open.
 */
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Path } from '../../machines/vocabulary.ts';
import type { Agent } from '../define/agent.ts';
import type { RunRow } from '../stores/rows.ts';
import type { Counts } from './counts.ts';

/** An agent at work in a stretch. Its span ends when the last work below it ended. */
interface AgentSpan {
  readonly span: Span;
  readonly above: AgentSpan | undefined;
  readonly name: string;
  readonly beganAt: number;
  endedAt: number;
  /** How often it called for each itself. */
  readonly calls: { model: number; tool: number };
}

export class Segment {
  readonly #tracer: Tracer;
  readonly #span: Span;
  readonly #context: Context;
  readonly #shared: Attributes;
  readonly #counts: Counts;
  readonly #team: string;
  readonly #beganAt = performance.now();
  readonly #agents = new Map<Path, AgentSpan>();
  #inFlight = 0;

  /** @param caller what was going on where the run was started or answered */
  constructor(tracer: Tracer, counts: Counts, run: RunRow, caller: Context) {
    this.#tracer = tracer;
    this.#counts = counts;
    this.#team = run.team;
    this.#shared = { 'gen_ai.conversation.id': run.sessionId, 'cadenza.run.id': run.id };
    const before = spanContextOf(run.trace);
    this.#span = tracer.startSpan(
      `invoke_workflow ${run.team}`,
      {
        kind: SpanKind.INTERNAL,
        attributes: {
          'gen_ai.operation.name': 'invoke_workflow',
          'gen_ai.workflow.name': run.team,
          ...this.#shared,
        },
        links: before ? [linkTo(before)] : [],
      },
      caller,
    );
    this.#context = trace.setSpan(caller, this.#span);
  }

  /** What is kept with the run, so that the next stretch can name this one; undefined untraced. */
  get traceparent(): string | undefined {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    if (!isSpanContextValid(this.#span.spanContext())) return undefined;
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  }

  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** Begins a span of an agent's work, below the agent's own. */
  begin(
    at: { readonly path: Path; readonly name: string; readonly agent: Agent },
    name: string,
    kind: SpanKind,
    attributes: Attributes,
  ): { readonly span: Span; readonly context: Context; readonly end: () => void } {
    const agent = this.#agentAt(at.path, at.name, at.agent);
    const parent = trace.setSpan(this.#context, agent.span);
    const options = { kind, attributes: { ...attributes, ...this.#shared } };
    const span = this.#tracer.startSpan(name, options, parent);
    this.#inFlight += 1;
    agent.calls[kind === SpanKind.CLIENT ? 'model' : 'tool'] += 1;
    return {
      span,
      context: trace.setSpan(parent, span),
      end: () => {
        this.#inFlight -= 1;
        const endedAt = Date.now();
        span.end();
        for (let one: AgentSpan | undefined = agent; one; one = one.above) one.endedAt = endedAt;
      },
    };
  }

  /** @param failure the code of what ended the run, or cut the stretch short */
  end(status: string, failure?: string): void {
    for (const agent of [...this.#agents.values()].reverse()) {
      agent.span.end(agent.endedAt);
      const seconds = (agent.endedAt - agent.beganAt) / 1_000;
      this.#counts.agentWorked(agent.name, seconds, agent.calls);
    }
    this.#agents.clear();
    this.#counts.stretchEnded(this.#team, (performance.now() - this.#beganAt) / 1_000, failure);
    this.#span.setAttribute('cadenza.run.status', status);
    if (failure !== undefined) markFailed(this.#span, failure);
    this.#span.end();
  }

  #agentAt(path: Path, name: string, agent?: Agent): AgentSpan {
    const known = this.#agents.get(path);
    if (known) return known;
    const above =
      path === '' ? undefined : this.#agentAt(agentAbove(path), name.replace(/\/[^/]*$/, ''));
    const own = name.slice(name.lastIndexOf('/') + 1);
    const span = this.#tracer.startSpan(
      `invoke_agent ${own}`,
      {
        kind: SpanKind.INTERNAL,
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.name': own,
          'gen_ai.agent.id': name,
          ...(agent ? { 'gen_ai.request.model': agent.model.name } : {}),
          ...this.#shared,
        },
      },
      above ? trace.setSpan(this.#context, above.span) : this.#context,
    );
    const [beganAt, calls] = [Date.now(), { model: 0, tool: 0 }];
    const begun = { span, above, name: own, beganAt, endedAt: beganAt, calls };
    this.#agents.set(path, begun);
    return begun;
  }
}

/** The path of the agent that a call, or a member, is below. */
export function agentAbove(path: Path): Path {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** An error's kind is told, never its message: that may quote anything. */
export function markFailed(span: Span, kind: string): void {
  span.setAttribute('error.type', kind);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function spanContextOf(traceparent: string | null): SpanContext | undefined {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '');
  if (!parts) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = parts;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}

function linkTo(context: SpanContext): Link {
  return { context, attributes: { 'cadenza.link': 'continues' } };
}
