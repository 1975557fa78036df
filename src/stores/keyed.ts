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

/** What is known of a request's key; nothing if it is new, or was given up. */
export interface KnownRequest {
  /** True if the key came with another request. */
  readonly otherBody?: boolean;
  /** What was answered. */
  readonly response?: string;
  /** The run that it started. */
  readonly runId?: string;
}
