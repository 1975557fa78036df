/** What a store keeps of what models used, and of what stands for an agent's past. */
import type { Path } from '../../machines/vocabulary.ts';
import type { ModelUse } from '../models/model.ts';

/** What an answer used, and for whom. */
export interface NewUse extends ModelUse {
  readonly agent: Path;
  /** The agent's name, with the names above it. */
  readonly name: string;
}

/** What a run, and one agent in it, have used so far. */
export interface Usage {
  readonly run: {
    /** Asked for before this one, at any depth. */
    readonly modelCalls: number;
    readonly tokens: number;
    readonly costMicros: number;
    /** Answers whose cost is not known. */
    readonly unpricedCalls: number;
    /** Those of them whose provider counted no tokens. */
    readonly uncountedCalls: number;
    /** Time at work until now, in milliseconds. */
    readonly workingMs: number;
  };
  readonly agent: {
    readonly modelCalls: number;
    readonly tokens: number;
    readonly costMicros: number;
    readonly unpricedCalls: number;
    readonly uncountedCalls: number;
    /** The most input of one call of it that was answered, in tokens. */
    readonly largestInput: number;
  };
}

/** What the agents of one name used in a run. */
export interface UsageRow {
  /** The agent's name, with the names above it. */
  readonly name: string;
  /** Answers of models, also those that were thrown away, and summaries. */
  readonly modelCalls: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly costMicros: number;
  /** Answers whose cost is not known. */
  readonly unpricedCalls: number;
}

/** What stands for the older part of an agent's conversation. */
export interface Summary {
  /** The last of the agent's messages that it covers; it covers the earlier runs too. */
  readonly upTo: number;
  readonly text: string;
}
