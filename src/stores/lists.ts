/** What a store tells of runs at large: lists of them, and what was said in one. */
import type { Path, ResultSource, RunStatus } from '../../machines/vocabulary.ts';

/** Which runs to list; all that is given must hold. */
export interface RunFilter {
  readonly sessionId?: string;
  readonly team?: string;
  readonly status?: RunStatus;
  /** The id of a message that began them, alone or joined with others. */
  readonly messageId?: string;
  /** Continue after the run with this id. */
  readonly after?: string;
  /** Default 50, at most 200. */
  readonly limit?: number;
}

/** The messages of one agent of a run, oldest first. */
export interface AgentMessages {
  /** The leader's is empty. */
  readonly path: Path;
  /** The agent's name, with the names above it. */
  readonly agent: string;
  readonly messages: readonly NumberedMessage[];
}

/** A message with its number in the agent's transcript, from 1. */
export type NumberedMessage =
  | { readonly number: number; readonly role: 'user'; readonly text: string }
  | {
      readonly number: number;
      readonly role: 'assistant';
      readonly text: string | null;
      readonly calls: readonly KnownCall[];
    };

/** A tool call with what is known of it by now. */
export interface KnownCall {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  /** What the model wrote as the name, where that cannot be sent back. */
  readonly rawName?: string;
  /** What the model wrote as the arguments, where that cannot be sent back. */
  readonly rawArguments?: string;
  /** Null while the call is unanswered. */
  readonly result: string | null;
  /** Where the result comes from; null as long as it is. */
  readonly source: ResultSource | null;
}
