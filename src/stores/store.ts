/**
 * The contract of a store: one method is one transaction.
 *
 * A store keeps rows and their rules; what a run does is decided elsewhere, by the function that
 * `step` is given. Everything a method wrote is durable when its promise resolves.
 */
import type {
  Answer,
  Intent,
  Path,
  QuestionReason,
  ResultSource,
  RunStatus,
} from '../../machines/vocabulary.ts';
import type { RunErrorCode } from '../errors.ts';
import type { TranscriptMessage } from '../models/model.ts';
import type { Question, QuestionDraft } from '../questions.ts';

/** A tool call as it was read from a reply: what the transcript needs, and what it means. */
export interface ReadCall {
  /** Unique in the agent's transcript, and fit to be sent to any provider. */
  readonly id: string;
  readonly name: string;
  /** JSON text; `{}` where the model's own text was not JSON. */
  readonly arguments: string;
  readonly intent: Intent;
  /** With a delegation: the member and its task. */
  readonly member?: string;
  readonly task?: string;
  /** With a refusal: the sentence for the model. */
  readonly refusal?: string;
  /** With a question: what to ask. */
  readonly question?: QuestionDraft;
  /** With a tool: whether a crash may repeat it. */
  readonly repeatable?: boolean;
}

export interface Failure {
  readonly code: RunErrorCode;
  readonly message: string;
}

/**
 * What happened to a run, with all that the step needs to know of it. `agent` and `call` are paths.
 */
export type RunEvent =
  | { readonly type: 'run.started'; readonly message: string }
  | {
      readonly type: 'model.replied';
      readonly agent: Path;
      readonly text: string | null;
      readonly calls: readonly ReadCall[];
    }
  | { readonly type: 'model.failed'; readonly agent: Path; readonly failure: Failure }
  | { readonly type: 'tool.finished'; readonly call: Path; readonly result: string }
  | { readonly type: 'tool.outcomeUnknown'; readonly call: Path; readonly question: QuestionDraft }
  | {
      readonly type: 'user.answered';
      readonly call: Path;
      readonly questionId: string;
      readonly result?: string;
    }
  | { readonly type: 'run.cancelled' };

/** A run without its snapshot. */
export interface RunRow {
  readonly id: string;
  readonly sessionId: string;
  readonly team: string;
  readonly message: string;
  readonly status: RunStatus;
  /** The number of steps taken. */
  readonly revision: number;
  /** The version of the charts that saved it; 0 before the first step. */
  readonly chartVersion: number;
  /** The leader's report; present when the run is completed. */
  readonly content: string | null;
  readonly failure: Failure | null;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A run as a step takes it up. */
export interface SavedRun {
  readonly id: string;
  readonly team: string;
  readonly revision: number;
  readonly chartVersion: number;
  /** Null before the first step. */
  readonly snapshot: string | null;
}

/** Everything that one step writes. */
export interface StepChange {
  readonly snapshot: string;
  readonly chartVersion: number;
  readonly status: RunStatus;
  readonly content: string | null;
  readonly failure: Failure | null;
  readonly messages: readonly NewMessage[];
  readonly results: readonly {
    readonly call: Path;
    readonly source: ResultSource;
    readonly result: string;
  }[];
  readonly effects: readonly NewEffect[];
  readonly questions: readonly NewQuestion[];
  readonly log: readonly NewLogEntry[];
}

/** A message for an agent's transcript; a reply brings its calls. */
export type NewMessage =
  | { readonly agent: Path; readonly role: 'user'; readonly text: string }
  | {
      readonly agent: Path;
      readonly role: 'assistant';
      readonly text: string | null;
      readonly calls: readonly ReadCall[];
    };

export type NewEffect =
  | { readonly id: string; readonly kind: 'callModel'; readonly agent: Path; readonly name: string }
  | {
      readonly id: string;
      readonly kind: 'runTool';
      readonly call: Path;
      readonly name: string;
      readonly repeatable: boolean;
    };

export interface NewQuestion extends QuestionDraft {
  readonly id: string;
  readonly call: Path;
  readonly askedBy: string;
  readonly reason: QuestionReason;
}

/** One entry of a run's log: what happened, to whom. Append-only; the store numbers it. */
export interface NewLogEntry {
  readonly type: string;
  /** The agent's name, with the names above it. */
  readonly agent: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An effect whose turn it is. `attempt` counts from 1 once it was claimed. */
export interface Effect {
  readonly id: string;
  readonly runId: string;
  readonly sessionId: string;
  readonly team: string;
  readonly kind: 'callModel' | 'runTool';
  /** The agent's path for `callModel`, the call's for `runTool`. */
  readonly path: Path;
  /** The agent's name, with the names above it. */
  readonly name: string;
  /** The last message that a model call may see. */
  readonly upTo: number;
  readonly attempt: number;
}

/** What `step` did: `event` is null when no event was waiting. */
type StepResult =
  | { readonly event: null }
  | {
      readonly event: RunEvent;
      /** False when the chart did not take the event: it came too late. */
      readonly taken: boolean;
      readonly status: RunStatus;
      readonly effects: readonly Effect[];
    };

/** An answer that fits its question, and the event that it becomes. */
export interface SettledAnswer {
  readonly questionId: string;
  readonly answer: Answer;
  readonly hash: string;
  readonly event: Extract<RunEvent, { type: 'user.answered' }>;
}

export interface Store {
  /** Writes a new run and the event that begins it. */
  createRun(run: { id: string; sessionId: string; team: string; message: string }): Promise<void>;

  /**
   * Takes the run's next waiting event: `decide` says what it changes, and the change is written
   * together with the event's own row. `decide` returns undefined for an event that comes too late.
   * If `decide` throws, the event is set aside, and the run fails with what is known kept.
   */
  step(
    runId: string,
    decide: (run: SavedRun, event: RunEvent) => StepChange | undefined,
  ): Promise<StepResult>;

  /** Turns a pending effect into a running one. Undefined if it is not pending any more. */
  claim(effectId: string): Promise<Effect | undefined>;

  /** Ends a running effect with its event. False if the effect was cancelled meanwhile. */
  deliver(effect: Effect, event: RunEvent): Promise<boolean>;

  /**
   * Closes open questions with their answers, all or none.
   *
   * @returns false, having written nothing, if one of them is not open any more
   */
  answer(runId: string, answers: readonly SettledAnswer[]): Promise<boolean>;

  /** Asks for the end of a run. False if it has ended already. */
  cancel(runId: string): Promise<boolean>;

  /**
   * After a start: makes what may be repeated pending again, turns every other interrupted tool into
   * a question, and tells which runs have events or effects waiting. Runs that another version of
   * the charts saved are left alone.
   */
  recover(
    chartVersion: number,
  ): Promise<{ readonly runIds: readonly string[]; readonly effects: readonly Effect[] }>;

  run(runId: string): Promise<RunRow | undefined>;
  /** Every question of a run, oldest first. */
  questions(runId: string): Promise<readonly Question[]>;
  /** An agent's messages up to a number, oldest first; the results of a reply in call order. */
  transcript(runId: string, agent: Path, upTo: number): Promise<readonly TranscriptMessage[]>;
  toolCall(
    runId: string,
    call: Path,
  ): Promise<
    { readonly id: string; readonly name: string; readonly arguments: string } | undefined
  >;
  /** Gives up the store; later calls fail. */
  close(): Promise<void>;
}
