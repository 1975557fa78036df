/** One run of AG-UI: what happens between two pauses of a run of Cadenza, and whom it is told. */

export interface Segment {
  /** Cadenza's run. */
  readonly run: { readonly id: string; readonly sessionId: string; readonly team: string };
  /** AG-UI's run. */
  readonly runId: string;
  /** The number of the last event that the client has. */
  readonly after: number;
  /** The names of the tools that the client carries out itself. */
  readonly offered: ReadonlySet<string>;
  /** Whether the client is older than version 1.0: it breaks off at outcomes that it does not know. */
  readonly isOld: boolean;
}
