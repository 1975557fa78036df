/** What a store tells of where a run stands, read at one moment. */
import type { Path } from '../../machines/vocabulary.ts';
import type { Question } from '../questions/question.ts';
import type { Effect, RevisionRow, RunRow } from './rows.ts';

export interface Standing {
  readonly run: RunRow;
  /** The run of its session that must end before this one begins. */
  readonly blockedBy: string | null;
  /** Null before the first step. */
  readonly snapshot: string | null;
  /** The calls of every reply of which one call has no result yet, in call order. */
  readonly calls: readonly StandingCall[];
  /** The questions of these calls, oldest first. */
  readonly questions: readonly Question[];
  /** The effects that have not ended. */
  readonly effects: readonly StandingEffect[];
  /** How many events wait for their step. */
  readonly waiting: number;
  /** What every step did, oldest first. */
  readonly revisions: readonly RevisionRow[];
}

export interface StandingCall {
  readonly path: Path;
  readonly name: string;
}

export interface StandingEffect extends Pick<Effect, 'kind' | 'path' | 'attempt'> {
  readonly status: 'pending' | 'running' | 'unknown';
  /** Why a model call that is pending rests; null where none does. */
  readonly stalledBy: string | null;
}
