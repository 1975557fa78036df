/**
 * The events of a run's log: what whoever follows a run is told, in order and without a gap.
 *
 * A delta is a piece of a reply that is still being written, and some are never logged: the
 * `model.replied` after it has the whole text, and counts. `model.restarted` says that the deltas of
 * the same path since `model.called` count for nothing.
 */
import type { Intent, Path, ReportOutcome, ResultSource } from '../machines/vocabulary.ts';
import type { TokenUsage, UnavailableModel } from './models/model.ts';
import type { Deadline, Question } from './questions/question.ts';
import type { Failure } from './stores/events.ts';
import type { NewUse } from './stores/usage.ts';

/** A tool call of a reply, as its agent's transcript has it. */
export interface LoggedCall {
  /** Unique in the agent's transcript, and fit to be sent to any provider. */
  readonly id: string;
  readonly path: Path;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  readonly intent: Intent;
}

/** What is told of a question as it opens; `Runtime.get` and `questions` tell how it stands now. */
export type LoggedQuestion = Pick<
  Question,
  'id' | 'toolCallId' | 'toolName' | 'arguments' | 'reason' | 'prompt' | 'fields'
>;

/** The tool call that an event is about; the event's `path` is the call's. */
interface AboutCall {
  readonly toolCallId: string;
  readonly toolName: string;
}

/** Types of which each says no more than to whom it happened. */
type PlainType =
  // The run: the person's answer moved it; only the person can move it; it was ended.
  | 'run.resumed'
  | 'run.paused'
  | 'run.cancelled'
  // A member begins with its task; `path` is the member's.
  | 'member.started'
  // An agent asks its model for a reply.
  | 'model.called'
  // What was written of the reply is thrown away, and the model is asked anew.
  | 'model.restarted';

/** What happened, by `type`. `Asked` is what an opened question carries. */
type Told<Asked> =
  | { readonly type: PlainType }
  | { readonly type: 'run.started'; readonly message: string }
  | { readonly type: 'run.completed'; readonly content: string }
  | { readonly type: 'run.failed'; readonly failure: Failure }
  /** The code names agents or tools otherwise now: new names by old ones, tools by the call's path. */
  | {
      readonly type: 'run.migrated';
      readonly agents: Readonly<Record<string, string>>;
      readonly tools: Readonly<Record<Path, string>>;
    }
  | { readonly type: 'member.ended'; readonly outcome: ReportOutcome }
  /** The state of the agent's chart in which a step left it: `answeringCalls.delegating`. */
  | { readonly type: 'state.entered'; readonly state: string }
  | {
      readonly type: 'model.replied';
      readonly text: string | null;
      readonly calls: readonly LoggedCall[];
      readonly usage: TokenUsage;
      /** The name of the model that answered. */
      readonly model?: string;
      /** In the currency of its price. Absent where it is not known. */
      readonly cost?: number;
      /** Why it cannot be the report, as the model is told before it is called again. */
      readonly correction?: string;
      /** The models that were asked before it and could not be had, in that order. */
      readonly insteadOf?: readonly UnavailableModel[];
    }
  /**
   * What an answer used that is no reply: one that was thrown away, or a summary of older turns. The
   * usage of these and of all replies together is the run's.
   */
  | {
      readonly type: 'model.used';
      readonly kind: 'discarded' | 'summary';
      readonly usage: TokenUsage;
      /** The name of the model that answered. */
      readonly model: string;
      /** In the currency of its price. Absent where it is not known. */
      readonly cost?: number;
    }
  | { readonly type: 'model.failed'; readonly failure: Failure }
  /** A passing fault: the model is asked again at `wakeAt`, Unix time in milliseconds. */
  | {
      readonly type: 'model.retrying';
      readonly failure: Failure;
      /** The try that failed, from 1. */
      readonly attempt: number;
      readonly wakeAt: number;
    }
  /** The model cannot be had for now: it is asked again at `wakeAt`, or, if that is null, on demand. */
  | {
      readonly type: 'model.stalled';
      readonly failure: Failure;
      readonly attempt: number;
      readonly wakeAt: number | null;
    }
  | { readonly type: 'text.delta'; readonly text: string }
  /** A piece of the arguments of a call; `index` counts the reply's calls from 0. */
  | { readonly type: 'arguments.delta'; readonly index: number; readonly text: string }
  | ({ readonly type: 'tool.started' } & AboutCall)
  /** A result longer than `loggedResultMax` is cut here, and says so at its end. */
  | ({
      readonly type: 'call.answered';
      readonly source: ResultSource;
      readonly result: string;
    } & AboutCall)
  | { readonly type: 'question.opened'; readonly question: Asked }
  | {
      readonly type: 'question.answered' | 'question.expired' | 'question.cancelled';
      readonly questionId: string;
    };

/** To whom it happened. */
interface Whom {
  /** The agent's name, with the names above it: `OrchestratorTeam/WorkerAgent`. */
  readonly agent: string;
  /** Where the agent, or its tool call, stands in the run; empty for the leader and the run. */
  readonly path: Path;
}

/** One event of a run's log. */
export type LogEvent = {
  /** Counts from 1 without a gap, across pauses and restarts. */
  readonly seq: number;
  readonly at: Date;
} & Whom &
  Told<LoggedQuestion & Pick<Question, 'expiresAt' | 'onExpiry'>>;

/** An event as it is written: the store numbers it, and knows the time. */
export type NewLogEvent = Whom & Told<LoggedQuestion & { readonly deadline?: Deadline }>;

/** An event as it is read again, from what was written. */
export function logEvent(seq: number, at: number, event: NewLogEvent): LogEvent {
  const when = { seq, at: new Date(at) };
  if (event.type !== 'question.opened') return { ...when, ...event };
  const { deadline, ...question } = event.question;
  if (!deadline) return { ...when, ...event, question };
  const expiresAt = new Date(at + deadline.afterMs);
  return { ...when, ...event, question: { ...question, expiresAt, onExpiry: deadline.onExpiry } };
}

/** The event of an answer that is no reply. */
export function usedEvent(
  kind: Extract<NewLogEvent, { type: 'model.used' }>['kind'],
  { agent: path, name: agent, model, usage, costMicros }: NewUse,
): NewLogEvent {
  const cost = costMicros === undefined ? {} : { cost: costMicros / 1_000_000 };
  return { type: 'model.used', agent, path, kind, usage, model, ...cost };
}

/** The longest result in a log, in UTF-16 units; the transcript has all of it. */
export const loggedResultMax = 16_384;

/** Whether it is the last event of a run. */
export function isEnding({ type }: Pick<LogEvent, 'type'>): boolean {
  return type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled';
}
