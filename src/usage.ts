/** What a run used, as a caller sees it. */
import type { UsageRow } from './stores/usage.ts';

/** What the models of some agents used, as far as the providers told. */
export interface AgentUsage {
  /** Answers of models: replies, summaries, and answers that were thrown away. */
  readonly modelCalls: number;
  readonly inputTokens: number;
  /** Those of the input that came from a provider's cache. */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Those of the output that models thought with. */
  readonly reasoningTokens: number;
  /** In the currency of the models' prices. Absent unless it is known of every answer. */
  readonly cost?: number;
}

/** What a run used as a whole, and each agent of it. */
export interface RunUsage extends AgentUsage {
  /** By the agent's name, with the names above it: `OrchestratorTeam/WorkerAgent`. */
  readonly agents: Readonly<Record<string, AgentUsage>>;
}

export function usageOf(rows: readonly UsageRow[]): RunUsage {
  const agents = rows.map((row) => [row.name, sumOf([row])]);
  return { ...sumOf(rows), agents: Object.fromEntries(agents) };
}

function sumOf(rows: readonly UsageRow[]): AgentUsage {
  const sum = (of: (row: UsageRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const isPriced = rows.length > 0 && rows.every(({ unpricedCalls }) => unpricedCalls === 0);
  return {
    modelCalls: sum(({ modelCalls }) => modelCalls),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    cachedInputTokens: sum(({ cachedInputTokens }) => cachedInputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    reasoningTokens: sum(({ reasoningTokens }) => reasoningTokens),
    // Summed up in whole millionths, so that the sum is exact.
    ...(isPriced ? { cost: sum(({ costMicros }) => costMicros) / 1_000_000 } : {}),
  };
}
