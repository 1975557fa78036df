/** What a store keeps and gives back. */
import type {
  Answer,
  Path,
  ReportOutcome,
  ResultSource,
  RunStatus,
} from '../../machines/vocabulary.ts';
import type { Move } from '../actors.ts';
import type { NewLogEvent } from '../log-events.ts';
import type { Verbatim } from '../models/model.ts';
import type { Question, QuestionDraft } from '../questions/question.ts';
import type { Failure, ReadCall, RunEvent, SessionChange } from './events.ts';
import type { Stall } from './tries.ts';
import type { NewUse } from './usage.ts';

/** What a run was started with. */
export interface NewRun {
  readonly id: string;
  readonly tenantId: string;
  readonly sessionId: string;
  readonly team: string;
  readonly message: string;
  /** Said again under it, the message starts no other run. */
  readonly messageId: string;
  readonly userId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Names of dependencies. */
  readonly dependencies: readonly string[];
  /** What the teams looked like, for comparing them later. */
  readonly definition: string;
}

/** A message that a run's message is joined of, but for the last. */
export interface JoinedMessage {
  readonly messageId: string;
  readonly message: string;
}

/** A run without its snapshot. */
export interface RunRow extends NewRun {
  readonly status: RunStatus;
  /** True while it waits for an earlier run of its session to end. */
  readonly queued: boolean;
  /** The number of steps taken. */
  readonly revision: number;
  /** The version of the charts that saved it; 0 before the first step. */
  readonly chartVersion: number;
  /** The leader's report when the run is completed, else what it said last. */
  readonly content: string | null;
  readonly failure: Failure | null;
  /** How many events its log holds: the number of the last one. */
  readonly logLength: number;
  /** The traceparent of the span under which it last worked, if somebody traced it. */
  readonly trace: string | null;
  /** Unix time in milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A run as a step takes it up. */
export interface SavedRun {
  readonly id: string;
  readonly team: string;
  /** What the teams looked like to the code that last took it up. */
  readonly definition: string;
  readonly revision: number;
  readonly chartVersion: number;
  /** Null before the first step. */
  readonly snapshot: string | null;
  /** What members of open delegations reported so far, by path. */
  readonly reports: Readonly<Record<Path, string>>;
  /** How many delegations and questions the run has made so far; counted when asked. */
  readonly used: () => { readonly delegations: number; readonly questions: number };
  /** A tool call that was made before this step. */
  readonly toolCall: (path: Path) => { readonly name: string; readonly arguments: string };
  /** The id of the question of a call that is open before this step. */
  readonly openQuestion: (call: Path) => string | undefined;
}

/** Everything that one step writes. */
export interface StepChange {
  readonly snapshot: string;
  readonly chartVersion: number;
  readonly status: RunStatus;
  readonly content: string | null;
  readonly failure: Failure | null;
  readonly messages: readonly NewMessage[];
  /** What answers of models used that brought this step about. */
  readonly uses: readonly NewUse[];
  readonly reports: readonly {
    readonly call: Path;
    readonly agent: Path;
    readonly outcome: ReportOutcome;
    readonly text: string;
  }[];
  readonly results: readonly {
    readonly call: Path;
    readonly source: ResultSource;
    readonly result: string;
  }[];
  readonly effects: readonly NewEffect[];
  readonly questions: readonly NewQuestion[];
  readonly session: SessionChange;
  readonly log: readonly NewLogEvent[];
  readonly revision: NewRevision;
}

/** What is kept of a step for whoever steps back through the run: no contents, only what moved. */
export interface NewRevision {
  /** The type of the event, and the path of whom it happened to. */
  readonly event: { readonly type: string; readonly path: Path };
  readonly moves: readonly Move[];
  readonly effects: readonly AskedEffect[];
}

/** An effect that a step asked for; a question has its own id. */
export interface AskedEffect {
  readonly id: string;
  readonly kind: 'callModel' | 'runTool' | 'askUser';
  /** The agent's path for `callModel`, the call's otherwise. */
  readonly path: Path;
}

/** A step as it is kept. */
export interface RevisionRow extends NewRevision {
  readonly revision: number;
  /** Unix time in milliseconds. */
  readonly at: number;
}

/** A message for an agent's transcript; a reply brings its calls. */
export type NewMessage =
  | { readonly agent: Path; readonly role: 'user'; readonly text: string }
  | {
      readonly agent: Path;
      readonly role: 'assistant';
      readonly text: string | null;
      readonly calls: readonly ReadCall[];
      /** The reply as its provider wants it back. */
      readonly verbatim?: Verbatim;
    };

export type NewEffect =
  | { readonly id: string; readonly kind: 'callModel'; readonly agent: Path; readonly name: string }
  | {
      readonly id: string;
      readonly kind: 'runTool';
      readonly call: Path;
      readonly name: string;
    };

export interface NewQuestion extends QuestionDraft {
  readonly id: string;
  readonly call: Path;
  readonly askedBy: string;
}

/** What was said so far by a model call that is under way. */
export interface LogOfEffect {
  readonly effect: Effect;
  readonly log: readonly NewLogEvent[];
}

/** An effect whose turn it is. `attempt` counts from 1 once it was claimed. */
export interface Effect {
  readonly id: string;
  readonly runId: string;
  readonly kind: 'callModel' | 'runTool';
  /** The agent's path for `callModel`, the call's for `runTool`. */
  readonly path: Path;
  /** The agent's name, with the names above it. */
  readonly name: string;
  /** The last message that a model call may see. */
  readonly upTo: number;
  readonly attempt: number;
  /** Tries of a model call since it began, or since it last stalled. */
  readonly tries: number;
  /** How many of these brought an answer that is of no use. */
  readonly unusable: number;
  /** Why it rests, or why it rested before its tries of now; null if it never did. */
  readonly stall: Stall | null;
}

/** What `step` did: `event` is null when no event was waiting, or the run is queued. */
export type StepResult =
  | { readonly event: null }
  | {
      readonly event: RunEvent;
      /** False when the chart did not take the event: it came too late. */
      readonly taken: boolean;
      readonly status: RunStatus;
      readonly effects: readonly Effect[];
      /** Whether a question was opened. */
      readonly asked: boolean;
      /** Runs of the session that waited for the end of this one. */
      readonly unblocked: readonly string[];
    };

/** An answer that fits its question, and the event that it becomes. */
export interface SettledAnswer {
  readonly questionId: string;
  /** Null if the person declined, and no values say so. */
  readonly answer: Answer | null;
  readonly hash: string;
  readonly event: Extract<RunEvent, { type: 'user.answered' | 'question.expired' }>;
}

/** How a member's part in a delegation ended. */
export interface ReportRow {
  /** The member's name, or the task's id. */
  readonly assignment: string;
  readonly outcome: ReportOutcome;
  readonly text: string;
}

/** A tool call with what the person said of it. */
export interface ToolCallRow {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** The hash of the arguments when each of its questions was asked. */
  readonly questions: readonly Question[];
}

/** Which questions to list; all that is given must hold. */
export interface QuestionFilter {
  readonly runId?: string;
  readonly sessionId?: string;
  readonly team?: string;
  readonly status?: Question['status'];
  readonly assignee?: string;
  readonly claimedBy?: string;
  /** Opened at least so many milliseconds ago. */
  readonly olderThanMs?: number;
  /** Continue after the question with this id. */
  readonly after?: string;
  /** Default 50, at most 200. */
  readonly limit?: number;
}

/** A decision that is remembered for a session. */
export interface RememberedApproval {
  readonly id: string;
  readonly sessionId: string;
  /** The agent's name, with the names above it. */
  readonly agent: string;
  readonly tool: string;
  readonly createdAt: Date;
}
