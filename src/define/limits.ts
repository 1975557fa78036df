/** Upper bounds, for a run as a whole and for one agent at work on one task. */
import { DefinitionError } from '../errors.ts';

/** What one agent may use while it works on one task. */
export interface AgentLimits {
  /** Default 50. */
  readonly modelCalls?: number;
  /** Calls of one reply that are carried out; the others are refused. Default 32. */
  readonly toolCallsPerTurn?: number;
  /** Input and output tokens together, as the provider counts them. Default: none. */
  readonly tokens?: number;
  /**
   * In the currency of the models' prices. A cost that is not known ends the work, because it cannot
   * be bounded. Default: none.
   */
  readonly cost?: number;
}

/** What a run may use as a whole. A pause or a restart resets none of it. */
export interface RunLimits {
  /** Default 200. */
  readonly modelCalls?: number;
  /** Default 100. */
  readonly delegations?: number;
  /** Default 100. */
  readonly questions?: number;
  /** Levels of delegation below the leader. Default 8. */
  readonly depth?: number;
  /** Input and output tokens together, as the provider counts them. Default: none. */
  readonly tokens?: number;
  /** In the currency of the models' prices, as for an agent. Default: none. */
  readonly cost?: number;
  /**
   * Time at work, in milliseconds, without the time that it waits: for a person, another try or its
   * turn. Default: none.
   */
  readonly workingMs?: number;
}

export type FullAgentLimits = Required<AgentLimits>;
export type FullRunLimits = Required<RunLimits>;

const none = Number.POSITIVE_INFINITY;

/** @throws DefinitionError `limit_unusable` */
export function agentLimitsOf(owner: string, limits: AgentLimits = {}): FullAgentLimits {
  check(owner, limits);
  return Object.freeze({
    modelCalls: 50,
    toolCallsPerTurn: 32,
    tokens: none,
    cost: none,
    ...limits,
  });
}

/** @throws DefinitionError `limit_unusable` */
export function runLimitsOf(limits: RunLimits = {}): FullRunLimits {
  check('A runtime', limits);
  return Object.freeze({
    modelCalls: 200,
    delegations: 100,
    questions: 100,
    depth: 8,
    tokens: none,
    cost: none,
    workingMs: none,
    ...limits,
  });
}

function check(owner: string, limits: AgentLimits | RunLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    const isCost = name === 'cost';
    if (isCost ? Number.isFinite(value) && value > 0 : Number.isInteger(value) && value >= 1)
      continue;
    throw new DefinitionError(
      'limit_unusable',
      `${owner} has the limit ${name} ${value}. Use ${isCost ? 'a number above 0' : 'a whole number from 1'}.`,
    );
  }
}
