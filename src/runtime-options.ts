/** What a runtime and its methods are given. */
import type { Migrate } from './compatibility.ts';
import type { Agent } from './define/agent.ts';
import type { RunLimits } from './define/limits.ts';
import type { RetryOptions } from './effects/attempts.ts';
import type { ReportError } from './effects/perform.ts';
import type { Hooks } from './notices.ts';
import type { Question } from './questions/question.ts';
import type { JoinedMessage } from './stores/rows.ts';
import type { Store } from './stores/store.ts';
import type { Webhook } from './webhooks.ts';

export interface RuntimeOptions {
  /** The teams, or single agents, that can be asked for; the first is the default. */
  readonly teams: readonly Agent[];
  readonly store: Store;
  /** What a run may use as a whole. */
  readonly limits?: RunLimits;
  /** How a model call is tried again whose model cannot be had for now. */
  readonly retries?: RetryOptions;
  /**
   * How many runs may be at work at once in this process; more are not started. A run that was answered,
   * or that a restart takes up, waits for a place: the next is for the tenant that has the fewest at work,
   * the first come first. It is `working` meanwhile, and `explain` says so. Default 250.
   */
  readonly runsAtOnce?: number;
  /**
   * How many of them may be one tenant's; those of it that wait are in nobody else's way. Default: half
   * of them, and for `default`, the tenant of all who have none, all.
   */
  readonly runsPerTenant?: number;
  /** What tools may be given by name: a database, a client. */
  readonly dependencies?: Readonly<Record<string, unknown>>;
  /** Who may answer a question. Default: everybody. `userId` is undefined where nobody says. */
  readonly mayAnswer?: (question: Question, userId: string | undefined) => boolean;
  /** Functions that are told of questions and of runs that pause or end. */
  readonly hooks?: Hooks;
  /** HTTP endpoints that are told of the same. */
  readonly webhooks?: readonly Webhook[];
  /**
   * Says what names of a saved run mean now, where agents or tools were renamed. It is asked only for
   * runs that this code could not continue without it. Pure: the same name always means the same.
   */
  readonly migrate?: Migrate;
  /** False keeps what models are saying out of the log until it is said. Default: true. */
  readonly deltas?: boolean;
  /**
   * Told of what failed inside a run: a tool's error, a model's; it may quote anything that was said, and
   * `described(error)` tells what a log may have of it. Default: that, in one line on stderr.
   */
  readonly onError?: ReportError;
}

export interface StartOptions {
  /** What the person says; at most 100,000 characters. */
  readonly message: string;
  /**
   * The id that whoever says it gave the message. The same message again under the same id, in the same
   * session to the same team, starts nothing: its run is the answer, unless that failed or was
   * cancelled. However many come at once, one starts it. At most 256 characters. Default: a new one.
   */
  readonly messageId?: string;
  /**
   * The earlier ones, where `message` is joined of several that were never replied to: at most 100. Each
   * is taken once, alone or in another. If one was, nothing is started, and its run is the answer.
   */
  readonly joined?: readonly JoinedMessage[];
  /** The name of the team. Default: the first that the runtime was given. */
  readonly team?: string;
  /**
   * The conversation that the run belongs to: letters, digits, "_" and "-", at most 64. Default: a new
   * one.
   */
  readonly sessionId?: string;
  /** Who the person is, for tools. Default: the user of the runtime. */
  readonly userId?: string;
  /** Anything else that tools should know, as JSON; at most 100,000 characters of it. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Names of the runtime's dependencies that the run's tools get. */
  readonly dependencies?: readonly string[];
  /** What happens while another run of the session is not over. Default: what the team says. */
  readonly whilePaused?: 'refuse' | 'queue' | 'cancel';
  /** False does not wait for the run to pause or end. Default: true. */
  readonly wait?: boolean;
}

export interface PruneOptions {
  /** How long ago a run must have ended, in milliseconds. */
  readonly olderThanMs: number;
  /** Told after each batch how many runs were deleted so far. */
  readonly onProgress?: (deleted: number) => void;
}

/** Who does something. Default: the user of the runtime. */
export interface By {
  readonly userId?: string;
}

export interface ResumeOptions extends By {
  /** False does not wait for the run to pause or end. Default: true. */
  readonly wait?: boolean;
}

export interface EventsOptions {
  /** The number of the last event that is known already. Default: 0, for the whole log. */
  readonly after?: number;
  /**
   * `ended` follows the run across its pauses. `settled` stops as `start` and `resume` return: at the
   * event by which the run pauses or ends, once what was answered before is taken; if it did so
   * already, that event is the last one, whatever `after` says. It stops too while the run is stalled.
   * Default: `ended`.
   */
  readonly until?: 'ended' | 'settled';
  /** Tells results of calls as they are; else those of more than 16,384 characters are cut. */
  readonly wholeResults?: boolean;
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

export interface AnswerTokenOptions {
  /** Default: the question's deadline, or in 7 days. */
  readonly expiresAt?: Date;
  /** Who is meant to have it, and is said to have answered; `mayAnswer` is asked about them. */
  readonly userId?: string;
}
