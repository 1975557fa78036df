/** What is asked of the person. */
import type { Answer, Field, Path, QuestionReason } from '../../machines/vocabulary.ts';

/** What happens to a question that nobody answers in time. */
export interface Deadline {
  /** How long the question stays open, in milliseconds from the moment it is asked. */
  readonly afterMs: number;
  /** Decline it, fail the run, or take an answer that is given beforehand. */
  readonly onExpiry: 'decline' | 'fail' | { readonly answer: Answer };
}

/** What a tool call asks, before it has an id. */
export interface QuestionDraft {
  readonly reason: QuestionReason;
  readonly prompt: string;
  readonly fields: readonly Field[];
  readonly deadline?: Deadline;
  /** When to remind of it, in milliseconds from the moment it is asked. */
  readonly remindAfterMs?: number;
}

/** What is being asked of the person. */
export interface Question {
  readonly id: string;
  readonly runId: string;
  /** Whose run it is; `default` where nobody says. */
  readonly tenantId: string;
  readonly sessionId: string;
  readonly team: string;
  /** The asking agent's name, with the names above it: `OrchestratorTeam/WorkerAgent`. */
  readonly askedBy: string;
  /** Where the asking tool call stands in the run. */
  readonly path: Path;
  readonly toolCallId: string;
  readonly toolName: string;
  /** The arguments of the tool call, as the model wrote them. */
  readonly arguments: string;
  /** SHA-256 over the run, the call, the tool and the exact text of the arguments. */
  readonly argumentsHash: string;
  readonly reason: QuestionReason;
  /** Whether the call's tool runs once it is answered; otherwise the answer is the result. */
  readonly runsTool: boolean;
  readonly prompt: string;
  readonly fields: readonly Field[];
  readonly status: 'open' | 'answered' | 'expired' | 'cancelled';
  readonly openedAt: Date;
  readonly expiresAt?: Date;
  /** What happens then; present with `expiresAt`. */
  readonly onExpiry?: Deadline['onExpiry'];
  /** Whose turn it is, if it was given to somebody. */
  readonly assignee?: string;
  /** Who said that they are at it. */
  readonly claimedBy?: string;
  /**
   * Present once it was answered, or has expired with a default answer; null if the person declined. A
   * declined approval has `approved: false`, a declined `outcome_unknown` the outcome `give_up`.
   */
  readonly answer?: Answer | null;
  readonly answeredBy?: string;
}
