/** Defines agents and teams: plain frozen data. Nothing runs and nothing registers. */
import { DefinitionError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { checkName, checkUnique } from './names.ts';
import type { Tool } from './tool.ts';

/** An agent, alone or as the leader of `members`. */
export interface Agent {
  readonly kind: 'agent' | 'team';
  readonly name: string;
  /** What it is for, in a sentence. A leader chooses its members by it. */
  readonly role: string;
  readonly model: Model;
  readonly instructions: readonly string[];
  readonly tools: readonly Tool[];
  readonly members: readonly Agent[];
}

/** An agent that leads members. */
export interface Team extends Agent {
  readonly kind: 'team';
}

export interface AgentOptions {
  /** Letters, digits, "_" and "-", at most 64. */
  readonly name: string;
  /** What it is for, in a sentence. Needed by an agent that is a member. */
  readonly role?: string;
  readonly model: Model;
  readonly instructions?: readonly string[];
  readonly tools?: readonly Tool[];
}

export interface TeamOptions extends AgentOptions {
  /** How the leader leads. `coordinate`: it delegates, reads the reports, and answers itself. */
  readonly mode?: 'coordinate';
  /** Agents, or teams, at most eight levels deep. */
  readonly members: readonly Agent[];
}

/** The names of the tools that a leader has by leading. */
export const delegateTool = 'delegate_task_to_member';

const deepest = 8;

/**
 * Defines an agent that works alone or as a member.
 *
 * @throws DefinitionError if a name is taken or cannot be sent to a model
 */
export function defineAgent(options: AgentOptions): Agent {
  checkName('Agent', options.name);
  return agentOf('agent', options, []);
}

/**
 * Defines a team: a leader and its members.
 *
 * @throws DefinitionError if a name is taken or cannot be sent to a model, if a member has no role,
 *   or if the teams are nested deeper than eight levels
 */
export function defineTeam(options: TeamOptions): Team {
  const { name, members } = options;
  checkName('Team', name);
  const team = agentOf('team', options, members) as Team;
  checkUnique(
    `Team "${name}"`,
    'member',
    members.map((member) => member.name),
  );
  if (members.length === 0) {
    throw new DefinitionError(
      'limit_unusable',
      `Team "${name}" has no members. Give it one, or define an agent instead.`,
    );
  }
  for (const member of members) {
    if (member.role !== '') continue;
    throw new DefinitionError(
      'description_missing',
      `Member "${member.name}" has no role. The leader chooses members by it.`,
    );
  }
  if (depthOf(team) > deepest) {
    throw new DefinitionError(
      'limit_unusable',
      `Team "${name}" is nested ${depthOf(team)} levels deep. At most ${deepest} are allowed.`,
    );
  }
  return team;
}

function agentOf(
  kind: Agent['kind'],
  { name, role = '', model, instructions = [], tools = [] }: AgentOptions,
  members: readonly Agent[],
): Agent {
  const names = tools.map((tool) => tool.name);
  checkUnique(`Agent "${name}"`, 'tool', members.length > 0 ? [...names, delegateTool] : names);
  return Object.freeze({
    kind,
    name,
    role,
    model,
    instructions: Object.freeze([...instructions]),
    tools: Object.freeze([...tools]),
    members: Object.freeze([...members]),
  });
}

function depthOf(agent: Agent): number {
  return 1 + Math.max(0, ...agent.members.map(depthOf));
}
