/** What a store keeps of requests that carry a key. */

/** A request as it is recognised when it is repeated. */
export interface KeyedRequest {
  readonly tenantId: string;
  /** Empty where nobody says who asks. */
  readonly userId: string;
  readonly route: string;
  readonly key: string;
  /** A hash of all that the request says. */
  readonly bodyHash: string;
}

/** The run that a request is about. */
export interface KeyedRun {
  readonly runId: string;
  /** How many events its log had before the request. */
  readonly logLength: number;
}

/** What came of a request: a response, unless it was a stream; and the run that it was about. */
export interface KeyedOutcome {
  readonly response?: string;
  readonly run?: KeyedRun;
}

/** What is known of a request's key; nothing if it is new, or was given up. */
export interface KnownRequest extends KeyedOutcome {
  /** True if the key came with another request. */
  readonly otherBody?: boolean;
}
