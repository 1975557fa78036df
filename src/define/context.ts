/** What happens to a conversation that is too long for the agent's model. */
import { DefinitionError } from '../errors.ts';
import type { Model } from '../models/model.ts';

/**
 * How much of its conversation an agent's model is sent.
 *
 * `fail`: nothing is left out, and a conversation that is too long ends the run. `truncate`: the
 * oldest turns are left out. `summarize`: a summary takes their place, made by a call of its own. An
 * agent's task and its latest turn are always sent, and a call always with its result.
 */
export interface ContextPolicy {
  readonly policy: 'fail' | 'truncate' | 'summarize';
  /**
   * The most tokens of one request, at four characters to a token; what the provider counts differs.
   * Default: none. The policy then waits until the provider refuses a request as too long.
   */
  readonly tokensMax?: number;
  /** The model that summarizes. Default: the agent's own. */
  readonly summarizer?: Model;
}

export type FullContextPolicy = ContextPolicy & { readonly tokensMax: number };

/** @throws DefinitionError `limit_unusable` */
export function contextPolicyOf(
  agent: string,
  context: ContextPolicy = { policy: 'fail' },
): FullContextPolicy {
  const { policy, tokensMax, summarizer } = context;
  if (!['fail', 'truncate', 'summarize'].includes(policy)) {
    throw unusable(agent, `policy "${policy}"`, 'Use "fail", "truncate" or "summarize"');
  }
  if (tokensMax !== undefined && !(Number.isInteger(tokensMax) && tokensMax >= 1)) {
    throw unusable(agent, `tokensMax ${tokensMax}`, 'Use a whole number from 1');
  }
  if (summarizer && policy !== 'summarize') {
    throw unusable(
      agent,
      `policy "${policy}" and a summarizer`,
      'Use "summarize", or leave it out',
    );
  }
  return Object.freeze({ tokensMax: Number.POSITIVE_INFINITY, ...context });
}

function unusable(agent: string, what: string, remedy: string): DefinitionError {
  return new DefinitionError(
    'limit_unusable',
    `Agent "${agent}" has a context with the ${what}. ${remedy}.`,
  );
}
