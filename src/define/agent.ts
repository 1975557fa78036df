/** Defines agents and teams: plain frozen data. Nothing runs and nothing registers. */
import type * as z from 'zod';
import { DefinitionError } from '../errors.ts';
import type { Model } from '../models/model.ts';
import { type ContextPolicy, contextPolicyOf, type FullContextPolicy } from './context.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { type AgentLimits, agentLimitsOf, type FullAgentLimits } from './limits.ts';
import { checkName, checkUnique } from './names.ts';
import type { Tool } from './tool.ts';

/**
 * How a leader leads. `coordinate`: it delegates, reads the reports, and answers itself. `route`: the
 * report of the member that it chooses is the answer. `broadcast`: every task goes to all members.
 * `tasks`: it plans tasks that build on each other, and they run side by side where they can.
 */
export type TeamMode = 'coordinate' | 'route' | 'broadcast' | 'tasks';

/** Looks at a text, and refuses it by returning a sentence that says why. */
export type Guard = (text: string) => string | undefined | Promise<string | undefined>;

/** How much of a session's earlier runs a leader's model sees: whole runs, at most so many. */
export type History = { readonly runs: number } | { readonly messages: number };

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
  readonly mode: TeamMode;
  readonly output: z.ZodType | undefined;
  readonly inputGuards: readonly Guard[];
  readonly outputGuards: readonly Guard[];
  readonly limits: FullAgentLimits;
  readonly history: History;
  readonly context: FullContextPolicy;
  readonly whilePaused: 'refuse' | 'queue' | 'cancel';
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
  /** What the report must be, as JSON. A reply that does not fit is corrected, three times at most. */
  readonly output?: z.ZodType;
  /** Look at the message, or at a member's task, before anything runs. */
  readonly inputGuards?: readonly Guard[];
  /** Look at the report before anybody sees it. */
  readonly outputGuards?: readonly Guard[];
  readonly limits?: AgentLimits;
  /** What of the session's earlier runs its model sees, as a leader. Default: nothing. */
  readonly history?: History;
  /** What happens to a conversation that is too long for its model. Default: the run fails. */
  readonly context?: ContextPolicy;
  /**
   * What happens to a message of a session whose run is not over: it is refused, waits for the end
   * of that run, or cancels it. Default `refuse`.
   */
  readonly whilePaused?: 'refuse' | 'queue' | 'cancel';
}

export interface TeamOptions extends AgentOptions {
  /** Default `coordinate`. */
  readonly mode?: TeamMode;
  /** Agents, or teams, at most eight levels deep. */
  readonly members: readonly Agent[];
}

/** The name of the tool by which a leader delegates, by how it leads. */
export const delegationTools: Readonly<Record<TeamMode, string>> = {
  coordinate: 'delegate_task_to_member',
  route: 'delegate_task_to_member',
  broadcast: 'delegate_task_to_members',
  tasks: 'run_tasks',
};

const deepest = 8;

/**
 * Defines an agent that works alone or as a member.
 *
 * @throws DefinitionError if a name is taken or cannot be sent to a model
 */
export function defineAgent(options: AgentOptions): Agent {
  checkName('Agent', options.name);
  return agentOf('agent', options, [], 'coordinate');
}

/**
 * Defines a team: a leader and its members.
 *
 * @throws DefinitionError if a name is taken or cannot be sent to a model, if a member has no role,
 *   or if the teams are nested deeper than eight levels
 */
export function defineTeam(options: TeamOptions): Team {
  const { name, members, mode = 'coordinate' } = options;
  checkName('Team', name);
  const team = agentOf('team', options, members, mode) as Team;
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
  options: AgentOptions,
  members: readonly Agent[],
  mode: TeamMode,
): Agent {
  const { name, role = '', model, instructions = [], tools = [], output } = options;
  const { inputGuards = [], outputGuards = [], history = { runs: 0 } } = options;
  const names = tools.map((tool) => tool.name);
  const all = members.length > 0 ? [...names, delegationTools[mode]] : names;
  checkUnique(`Agent "${name}"`, 'tool', all);
  if (all.length > 128) {
    throw new DefinitionError('limit_unusable', `Agent "${name}" has more than 128 tools.`);
  }
  if (output) checkOutput(name, output);
  checkHistory(name, history);
  return Object.freeze({
    kind,
    name,
    role,
    model,
    instructions: Object.freeze([...instructions]),
    tools: Object.freeze([...tools]),
    members: Object.freeze([...members]),
    mode,
    output,
    inputGuards: Object.freeze([...inputGuards]),
    outputGuards: Object.freeze([...outputGuards]),
    limits: agentLimitsOf(`Agent "${name}"`, options.limits),
    history: Object.freeze({ ...history }),
    context: contextPolicyOf(name, options.context),
    whilePaused: options.whilePaused ?? 'refuse',
  });
}

function checkOutput(agent: string, output: z.ZodType): void {
  try {
    jsonSchemaOf(output);
  } catch (cause) {
    throw new DefinitionError(
      'schema_unusable',
      `The output of agent "${agent}" cannot be written as JSON Schema, so no model can be told of it.`,
      {},
      cause,
    );
  }
}

function checkHistory(agent: string, history: History): void {
  const [[what, most] = []] = Object.entries(history);
  if (Number.isInteger(most) && Number(most) >= 0) return;
  throw new DefinitionError(
    'limit_unusable',
    `Agent "${agent}" has a history of ${most} ${what}. Use a whole number from 0.`,
  );
}

function depthOf(agent: Agent): number {
  return 1 + Math.max(0, ...agent.members.map(depthOf));
}
