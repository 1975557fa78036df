/** What a store keeps of model calls that are tried again. */
import type { NewLogEvent } from '../log-events.ts';
import type { NewUse } from './usage.ts';

/** Why a model call rests: no more tries now, only later or when somebody asks. */
export interface Stall {
  readonly code: string;
  readonly message: string;
  /** Unix time in milliseconds. */
  readonly since: number;
  /** How often in a row its tries were spent. */
  readonly times: number;
  /** How many of these rounds, the last ones, each ended in the middle of a reply. */
  readonly broken: number;
  /** Whether the server named the time of the next try; a restart does not shorten that. */
  readonly isAsked: boolean;
}

/** What becomes of a model call that is tried again. */
export interface Postponement {
  /** Unix time in milliseconds; null waits until somebody asks, or for the next start. */
  readonly wakeAt: number | null;
  readonly tries: number;
  /** How many of these brought an answer that is of no use. */
  readonly unusable: number;
  readonly stall: Stall | null;
  readonly log: NewLogEvent;
  /** What answers used that were no reply. */
  readonly uses: readonly NewUse[];
}
