/**
 * Chooses the turn that answers a request: from the test's own function, from the script of the
 * agent that calls, or from the rehearsal.
 *
 * The choice depends on the request alone, so a request that is repeated, after a crash or by
 * another process, is answered with the same turn.
 */

import { Refused } from './refused.ts';
import { rehearse } from './rehearsal.ts';
import type { ModelRequest, Turn, TurnParts } from './turn.ts';

/** Where turns come from. */
export interface TurnSources {
  /** A script for each agent by its name. Without scripts the default team is rehearsed. */
  readonly agents?: Readonly<Record<string, readonly Turn[]>>;
  /** Asked first; `undefined` leaves the request to the scripts or the rehearsal. */
  readonly respond?: (request: ModelRequest) => Turn | undefined | Promise<Turn | undefined>;
}

export async function chooseTurn(request: ModelRequest, sources: TurnSources): Promise<TurnParts> {
  try {
    let turn: Turn = (await sources.respond?.(request)) ?? scriptedTurn(request, sources.agents);
    while (typeof turn === 'function') turn = await turn(request);
    return inParts(turn);
  } catch (cause) {
    // A mistake of the script is no outage: nobody is to ask again, so none of these is a 500.
    if (cause instanceof Refused) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Refused(`Turn ${request.turn} of ${caller(request)} failed: ${reason}`);
  }
}

function scriptedTurn(request: ModelRequest, agents: TurnSources['agents']): Turn {
  if (agents === undefined) return rehearse(request);
  const { agent, turn } = request;
  const script = agent !== undefined && Object.hasOwn(agents, agent) ? agents[agent] : undefined;
  if (script === undefined) {
    throw new Refused(`There is no script for ${caller(request)}, which asked for turn ${turn}.`);
  }
  const scripted = script[turn];
  if (scripted === undefined) {
    throw new Refused(
      `The script of ${caller(request)} has no turn ${turn}, counted from 0. Its length is ${script.length}.`,
    );
  }
  return scripted;
}

function caller({ agent }: ModelRequest): string {
  return agent === undefined ? 'an agent without a name' : `agent "${agent}"`;
}

function inParts(turn: Exclude<Turn, (request: ModelRequest) => unknown>): TurnParts {
  if (typeof turn === 'string') return { text: turn };
  if (typeof turn !== 'object' || turn === null) throw new Error(`it is ${turn}.`);
  if (isCalls(turn)) return { calls: turn };
  if (!('name' in turn)) return turn;
  throw new Refused('A turn is one call. Put it in a list: [call(name, arguments)].');
}

const isCalls = (turn: object): turn is NonNullable<TurnParts['calls']> => Array.isArray(turn);
