/**
 * The contract of a store: one method is one transaction.
 *
 * A store keeps rows and their rules; what a run does is decided elsewhere, by the function that
 * `step` is given. Everything a method wrote is durable when its promise resolves.
 *
 * What people ask for stands in `TenantStore`. Here is what the runtime does by itself, for all
 * tenants, with ids that it got from the store.
 */
import type { Answer, Path } from '../../machines/vocabulary.ts';
import type { ModelUse, TranscriptMessage } from '../models/model.ts';
import type { Question } from '../questions/question.ts';
import type { Delivery, DeliveryOutcome, Subscription } from './deliveries.ts';
import type { RunEvent } from './events.ts';
import type { StoreFigures } from './figures.ts';
import type {
  Effect,
  LogOfEffect,
  RunRow,
  SavedRun,
  StepChange,
  StepResult,
  ToolCallRow,
} from './rows.ts';
import type { TenantStore } from './tenant-store.ts';
import type { Postponement } from './tries.ts';
import type { Adoption, UnfinishedFilter, UnfinishedRun } from './unfinished.ts';
import type { Summary, Usage } from './usage.ts';

export interface Store extends TenantStore {
  /**
   * Takes the run's next waiting event: `decide` says what it changes, and the change is written
   * together with the event's own row. `decide` returns undefined for an event that comes too late.
   * If `decide` throws, the event is set aside, and the run fails with what is known kept.
   */
  step(
    runId: string,
    decide: (run: SavedRun, event: RunEvent) => StepChange | undefined,
  ): Promise<StepResult>;

  /**
   * Turns a pending effect into a running one, and counts the try. Undefined if it is not pending any
   * more, or its time has not come.
   *
   * @param trace is kept with the run: the traceparent of the span under which it works from now on
   */
  claim(effectId: string, trace?: string): Promise<Effect | undefined>;

  /**
   * Adds what model calls under way have said to the logs of their runs; without a call that is not
   * running any more, or was begun again meanwhile. When a call that said something is claimed again,
   * the claim logs that it was restarted.
   */
  appendLog(said: readonly LogOfEffect[]): Promise<void>;

  /** Ends a running effect with its event. False if the effect was cancelled meanwhile. */
  deliver(effect: Effect, event: RunEvent): Promise<boolean>;

  /**
   * Puts a running effect off to another try, and logs it. False if it was cancelled meanwhile. The time
   * for which no effect of a run is running, though some are pending, is nobody's work.
   */
  postpone(effect: Effect, postponement: Postponement): Promise<boolean>;

  /**
   * Effects that were put off and whose time has come, oldest first, when the next one's has, and
   * whether one waits that is not stalled.
   *
   * @param except the runs whose effects are left alone
   * @param known effects of which it is known
   */
  due(
    except: readonly string[],
    known: readonly string[],
  ): Promise<{
    readonly effects: readonly Effect[];
    readonly nextAt: number | null;
    readonly isUrgent: boolean;
  }>;

  /** Makes the time of a run's stalled calls come now, for a full round of tries. */
  retry(runId: string): Promise<readonly Effect[]>;

  /**
   * Open questions whose time is over, oldest first, and when the next one's is.
   *
   * @param except the runs whose questions are left alone
   */
  expiring(
    except: readonly string[],
  ): Promise<{ readonly questions: readonly Question[]; readonly nextAt: number | null }>;

  /** Closes a question whose time is over, with its default answer or none. False if it is closed. */
  expire(questionId: string, event: RunEvent, answer: Answer | null): Promise<boolean>;

  /** Runs that have not ended, oldest first, a page at a time. */
  unfinished(filter: UnfinishedFilter): Promise<readonly UnfinishedRun[]>;

  /**
   * Rewrites an unfinished run for the code of now. False, having written nothing, if a step of it was
   * taken meanwhile.
   */
  adopt(runId: string, revision: number, adoption: Adoption): Promise<boolean>;

  /**
   * After a start, for the runs that are named: makes what may be repeated pending again, turns every
   * other interrupted tool into a question, and tells which runs have events or effects waiting; what
   * was put off is told by `due`. A stalled call is due at once, unless its server named the time. Every
   * other run is left alone.
   */
  recover(
    runIds: readonly string[],
  ): Promise<{ readonly runIds: readonly string[]; readonly effects: readonly Effect[] }>;

  run(runId: string): Promise<RunRow | undefined>;

  /** An agent's messages up to a number, oldest first; the results of a reply in call order. */
  transcript(runId: string, agent: Path, upTo: number): Promise<readonly TranscriptMessage[]>;

  /**
   * The leader's messages in the session's ended runs of one team before a run, oldest run first. A
   * run that failed inside may have left calls open; such a run is left out.
   */
  history(runId: string, runsMax: number): Promise<readonly (readonly TranscriptMessage[])[]>;

  /** What a run and an agent of it used when an effect's turn comes. */
  usage(effect: Effect): Promise<Usage>;

  /** The newest summary that a model call may see. */
  summary(effect: Effect): Promise<Summary | undefined>;
  /**
   * Keeps and logs a summary and what it used, before the model call that needs it is made. Nothing
   * is kept for a call that is not running any more, or was begun again meanwhile.
   */
  saveSummary(effect: Effect, summary: Summary, use: ModelUse): Promise<void>;
  toolCall(runId: string, call: Path): Promise<ToolCallRow | undefined>;

  /**
   * Says who wants to be told of what, in place of what was said before. From then on every question
   * that opens, its reminder, and every run that pauses or ends becomes a delivery for each of them,
   * written in the transaction in which it happens. Deliveries that were cut short are due again.
   */
  subscribe(subscriptions: readonly Subscription[]): Promise<void>;

  /**
   * Takes deliveries to a target whose time has come, without reminders of closed questions, and
   * tells when the next one's is.
   */
  takeDeliveries(
    target: string,
    limit: number,
  ): Promise<{ readonly deliveries: readonly Delivery[]; readonly nextAt: number | null }>;

  /** Ends an attempt to deliver. */
  endDelivery(delivery: Delivery, outcome: DeliveryOutcome): Promise<void>;

  /** Writes and reads something that changes nothing. Rejects if either cannot be done. */
  check(): Promise<void>;
  /** What is under way, in numbers. */
  figures(): Promise<StoreFigures>;
  /**
   * Deletes runs that ended before a time, oldest first, with every row of them and the sessions that
   * have no run any more; except runs of which somebody is still to be told, and those that the key of
   * a request of the last 24 hours is for. Keys that are older go too.
   *
   * @param before Unix time in milliseconds
   * @returns how many runs were deleted; fewer than `limit` when there are no more
   */
  prune(before: number, limit: number): Promise<number>;
  /** How many runs there are to prune. */
  prunable(before: number): Promise<number>;

  /** Gives up the store; later calls fail. */
  close(): Promise<void>;
}
