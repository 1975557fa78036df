/** What happens to a run, with all that the step needs to know of it. */
import type { Assignment, Intent, Path } from '../../machines/vocabulary.ts';
import type { RunErrorCode } from '../errors.ts';
import type { ModelUse, TokenUsage, UnavailableModel, Verbatim } from '../models/model.ts';
import type { QuestionDraft } from '../questions/question.ts';

/** One member's part in a delegation, with what it is told. */
export interface TaskAssignment extends Assignment {
  readonly task: string;
}

/** A tool call as it was read from a reply: what the transcript needs, and what it means. */
export interface ReadCall {
  /** Unique in the agent's transcript, and fit to be sent to any provider. */
  readonly id: string;
  readonly name: string;
  /** JSON text; `{}` where the model's own text was not JSON. */
  readonly arguments: string;
  /** What the model wrote, where that cannot be sent again; null where it is the same. */
  readonly raw?: { readonly name: string | null; readonly arguments: string | null };
  readonly intent: Intent;
  /** With a delegation: who does what. */
  readonly plan?: readonly TaskAssignment[];
  /** With a refusal: the sentence for the model. */
  readonly refusal?: string;
  /** With a question, or a held tool: what to ask. */
  readonly question?: QuestionDraft;
  /** With a tool: whether a crash may repeat it. */
  readonly repeatable?: boolean;
}

export interface Failure {
  readonly code: RunErrorCode;
  readonly message: string;
}

/** Keys of a session's state and their new values; null removes a key. */
export type SessionChange = Readonly<Record<string, unknown>>;

/** `agent` and `call` are paths. */
export type RunEvent =
  | { readonly type: 'run.started'; readonly message: string }
  | {
      readonly type: 'model.replied';
      readonly agent: Path;
      readonly text: string | null;
      readonly calls: readonly ReadCall[];
      /** Why a reply without calls cannot be the report, in words for the model. */
      readonly correction?: string;
      /** Whether the report of the member that is called is the agent's own. */
      readonly routes: boolean;
      readonly usage: TokenUsage;
      /** The name of the model that answered. */
      readonly model?: string;
      /** In millionths of the currency of its price. Absent where it is not known. */
      readonly costMicros?: number;
      /** What answers used that were thrown away before. */
      readonly discarded?: readonly ModelUse[];
      /** The models that were asked before it and could not be had, in that order. */
      readonly insteadOf?: readonly UnavailableModel[];
      /** The reply as its provider wants it back. */
      readonly verbatim?: Verbatim;
    }
  | {
      readonly type: 'model.failed';
      readonly agent: Path;
      readonly failure: Failure;
      /** What answers used all the same. */
      readonly discarded?: readonly ModelUse[];
    }
  | {
      readonly type: 'tool.finished';
      readonly call: Path;
      readonly result: string;
      readonly session: SessionChange;
    }
  | {
      readonly type: 'tool.asked';
      readonly call: Path;
      readonly question: QuestionDraft;
      readonly session: SessionChange;
    }
  | { readonly type: 'tool.outcomeUnknown'; readonly call: Path; readonly question: QuestionDraft }
  | {
      readonly type: 'user.answered' | 'question.expired';
      readonly call: Path;
      readonly questionId: string;
      /** The result of the call; absent if the held tool runs now. */
      readonly result?: string;
    }
  | { readonly type: 'run.failed'; readonly failure: Failure }
  | { readonly type: 'run.cancelled' };
