/** What a store tells of runs that have not ended, and how such a run is rewritten. */
import type { Path } from '../../machines/vocabulary.ts';
import type { NewLogEvent } from '../log-events.ts';
import type { RunEvent } from './events.ts';
import type { NewRevision, RunRow } from './rows.ts';

/** A run that has not ended, with all that decides whether changed code can continue it. */
export interface UnfinishedRun {
  readonly run: RunRow;
  /** Null before the first step. */
  readonly snapshot: string | null;
  /** The tool calls without a result. */
  readonly openCalls: readonly OpenCallRow[];
  /** What has happened and waits for its step, oldest first. */
  readonly waiting: readonly WaitingEvent[];
}

/** A tool call without a result. */
export interface OpenCallRow {
  readonly path: Path;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
}

/** An event whose step was not taken yet. */
export interface WaitingEvent {
  readonly seq: number;
  readonly event: RunEvent;
}

/** Which unfinished runs to read; all that is given must hold. */
export interface UnfinishedFilter {
  readonly runId?: string;
  /** True leaves out what only the person can move. */
  readonly interrupted?: boolean;
  /** Continue after the run with this id. */
  readonly after?: string;
  readonly limit: number;
}

/** What is rewritten in a run so that the code of now can continue it. */
export interface Adoption {
  readonly team: string;
  readonly definition: string;
  readonly snapshot: string | null;
  readonly chartVersion: number;
  /** New names of agents, by the old ones; only those that changed. */
  readonly agents: Readonly<Record<string, string>>;
  /** New names of the tools of open calls, by the call's path; only those that changed. */
  readonly tools: Readonly<Record<Path, string>>;
  /** Waiting events that speak of names that changed. */
  readonly waiting: readonly WaitingEvent[];
  readonly log: readonly NewLogEvent[];
  /** What of it is kept for whoever steps back through the run. */
  readonly step: NewRevision;
}
