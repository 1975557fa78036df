/**
 * Compares a saved run with the code of now: can it go on? Only what the run still needs is looked
 * at, so new instructions, models, tools and members, and changed tools that no open call uses, are
 * no difference.
 */
import type { Agent } from './define/agent.ts';
import { type AgentDescription, describeTeam, type ToolDescription } from './define/describe.ts';
import { agentNamed } from './effects/perform.ts';
import { type NeededTool, needsOf } from './saved-tree.ts';
import type { UnfinishedRun } from './stores/unfinished.ts';

/** Why the code of now cannot continue a saved run. */
export interface Difference {
  readonly kind:
    | 'team_gone'
    | 'agent_gone'
    | 'agent_moved'
    | 'mode_changed'
    | 'tool_gone'
    | 'tool_kind_changed'
    | 'tool_input_changed'
    | 'tool_user_changed'
    | 'chart_changed'
    | 'migration_unusable';
  /** The agent's name in the saved run, with the names above it. */
  readonly agent: string;
  /** The tool's name in the saved run. */
  readonly tool?: string;
  /** A full sentence. */
  readonly message: string;
}

/** An agent that a saved run needs or, with `tool`, a tool that one of its open calls needs. */
export interface SavedName {
  /** The agent's name, with the names above it: `Desk/WorkerAgent`. */
  readonly agent: string;
  readonly tool?: string | undefined;
}

/** What a saved name means now. */
export interface CurrentName extends SavedName {
  /**
   * True takes an agent whose mode changed, or a tool whose input changed, if the arguments of the
   * open call fit the new input.
   */
  readonly accept?: boolean;
}

/** Says what names of a saved run mean now. Pure: the same name always means the same. */
export type Migrate = (saved: SavedName) => CurrentName;

/** Each name means what it meant. */
export const unchanged: Migrate = (saved) => saved;

/**
 * What stands between a saved run and the code of now.
 *
 * @param teams the teams of now, by name
 * @param migrate what the run's names mean now
 */
export function differencesOf(
  saved: UnfinishedRun,
  teams: ReadonlyMap<string, Agent>,
  migrate: Migrate = unchanged,
): Difference[] {
  const { agents, tools } = needsOf(saved);
  const before: AgentDescription = JSON.parse(saved.run.definition);
  return [
    ...agents.flatMap(({ name, atWork }) => {
      const was = atWork ? describedAt(before, name) : undefined;
      return agentDifferences(name, was, teams, migrate);
    }),
    ...tools.flatMap((needed) => {
      const was = describedAt(before, needed.agent)?.tools[needed.tool];
      return toolDifferences(needed, was, teams, migrate);
    }),
  ];
}

function agentDifferences(
  name: string,
  was: AgentDescription | undefined,
  teams: ReadonlyMap<string, Agent>,
  migrate: Migrate,
): Difference[] {
  const { agent: now, accept } = migrate({ agent: name });
  const leader = leaderOf(name);
  const leaderNow = leader && migrate({ agent: leader }).agent;
  // That a leader is gone says enough of those below it.
  if (leaderNow !== undefined && !agentNamed(teams, leaderNow)) return [];
  if (leaderOf(now) !== leaderNow) {
    const below = leaderNow === undefined ? 'a team' : `a member of "${leaderNow}"`;
    const message = `Agent "${name}" is called "${now}" by the migration, which is not ${below}.`;
    return [{ kind: 'agent_moved', agent: name, message }];
  }
  const found = agentNamed(teams, now);
  if (!found) return [gone(name, now)];
  if (!was || was.mode === found.mode || accept) return [];
  const message = `Agent "${name}" led by "${was.mode}" when the run was saved; it leads by "${found.mode}" now.`;
  return [{ kind: 'mode_changed', agent: name, message }];
}

function gone(name: string, now: string): Difference {
  const called = name === now ? '' : `, "${now}" after the migration,`;
  return leaderOf(name) === undefined
    ? { kind: 'team_gone', agent: name, message: `Team "${name}"${called} is not defined now.` }
    : {
        kind: 'agent_gone',
        agent: name,
        message: `Agent "${name}"${called} has a task in the run and is not defined now.`,
      };
}

function leaderOf(name: string): string | undefined {
  const end = name.lastIndexOf('/');
  return end === -1 ? undefined : name.slice(0, end);
}

function toolDifferences(
  needed: NeededTool,
  was: ToolDescription | undefined,
  teams: ReadonlyMap<string, Agent>,
  migrate: Migrate,
): Difference[] {
  const { agent, tool } = needed;
  const owner = agentNamed(teams, migrate({ agent }).agent);
  if (!owner) return [];
  const { tool: now = tool, accept = false } = migrate({ agent, tool });
  const is = describeTeam(owner).tools[now];
  const what = `Tool "${tool}" of "${agent}"`;
  if (!is) {
    const called = now === tool ? '' : `, "${now}" after the migration,`;
    const message = `${what}${called} has an open call and is not defined now.`;
    return [{ kind: 'tool_gone', agent, tool, message }];
  }
  return !was || is.kind !== was.kind
    ? [
        {
          kind: 'tool_kind_changed',
          agent,
          tool,
          message: `${what} has an open call; it was ${kindWords(was?.kind)} when the run was saved, and is ${kindWords(is.kind)} now.`,
        },
      ]
    : schemaDifferences(needed, was, is, accept);
}

/** An answer is the whole result of a question's call, so only tools that will run are compared. */
function schemaDifferences(
  { agent, tool, intent }: NeededTool,
  was: ToolDescription,
  is: ToolDescription,
  accept: boolean,
): Difference[] {
  if (intent === 'question') return [];
  const what = `Tool "${tool}" of "${agent}" has an open call; what`;
  const input: Difference = {
    kind: 'tool_input_changed',
    agent,
    tool,
    message: `${what} the model fills in has changed since the run was saved.`,
  };
  const user: Difference = {
    kind: 'tool_user_changed',
    agent,
    tool,
    message: `${what} the person fills in has changed since the run was saved.`,
  };
  return [
    ...(was.input === is.input || accept ? [] : [input]),
    ...(was.user === is.user ? [] : [user]),
  ];
}

function kindWords(kind: ToolDescription['kind'] | undefined): string {
  switch (kind) {
    case 'function':
      return 'a function';
    case 'external':
      return 'done outside';
    case 'question':
      return 'a question';
    case undefined:
      return 'unknown';
  }
}

function describedAt(team: AgentDescription, name: string): AgentDescription | undefined {
  const [, ...below] = name.split('/');
  return below.reduce<AgentDescription | undefined>(
    (leader, member) => leader?.members[member],
    team,
  );
}
