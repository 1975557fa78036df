/** What a store tells of itself in numbers, cheap enough to be asked for every few seconds. */

export interface StoreFigures {
  /** Runs that have not ended; `queued` ones wait for an earlier run of their session. */
  readonly runs: {
    readonly working: number;
    readonly queued: number;
    readonly inputRequired: number;
  };
  readonly openQuestions: number;
  /** When the oldest open question was asked, as Unix time in milliseconds. */
  readonly oldestQuestionAt: number | null;
  readonly effects: { readonly pending: number; readonly running: number };
  /** Notices that hooks and webhooks are still to be told. */
  readonly deliveries: number;
}
