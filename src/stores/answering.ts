/** By what right somebody answers. */

/** What an answer token lets its bearer do. */
export interface AnswerToken {
  readonly tenantId: string;
  readonly runId: string;
  readonly questionId: string;
  /** As whom; null where nobody said. */
  readonly userId: string | null;
}

/** Who answers, and by what right if not by being known. */
export interface Answering {
  readonly by: string | null;
  /** The hash of the answer token that allows it. */
  readonly token?: string;
}
