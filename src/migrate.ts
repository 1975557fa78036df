/**
 * Decides what becomes of a saved run under the code of now: it goes on as it is, it is rewritten so
 * that it can go on, or it is refused with the list of differences. Nothing here writes.
 */
import { chartVersion, snapshotMigrations } from '../machines/version.ts';
import { rewrittenMoves } from './actors.ts';
import { chartMisfits } from './charts/snapshot-check.ts';
import {
  type Difference,
  differencesOf,
  type Migrate,
  type SavedName,
  unchanged,
} from './compatibility.ts';
import type { Agent } from './define/agent.ts';
import { definitionOf } from './define/describe.ts';
import { agentNamed } from './effects/perform.ts';
import { InvariantError } from './errors.ts';
import { needsOf, type Renames, renamedSnapshot, renamedWaiting } from './saved-tree.ts';
import type { Adoption, UnfinishedRun } from './stores/unfinished.ts';

/** The code that is to continue saved runs. */
export interface CurrentCode {
  readonly teams: ReadonlyMap<string, Agent>;
  readonly migrate: Migrate | undefined;
}

/** What becomes of a saved run. */
export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'continues' | 'migrates'; readonly adoption: Adoption }
  | { readonly kind: 'refused'; readonly differences: readonly Difference[] }
  | { readonly kind: 'unreadable' };

/** Decides what becomes of a run. */
export async function judge(saved: UnfinishedRun, code: CurrentCode): Promise<Verdict> {
  const { run } = saved;
  const snapshot = upgradedSnapshot(saved.snapshot, run.chartVersion);
  if (snapshot === undefined) return { kind: 'unreadable' };
  const upgraded = { ...saved, snapshot };
  const inCharts = chartDifferences(upgraded);
  if (inCharts.length === 0 && snapshot === saved.snapshot && isCurrent(run, code.teams)) {
    return { kind: 'same' };
  }
  const differences = [...differencesOf(upgraded, code.teams), ...inCharts];
  if (differences.length === 0) {
    return {
      kind: 'continues',
      adoption: adoptionOf(saved.snapshot, upgraded, code.teams, unchanged),
    };
  }
  if (!code.migrate || inCharts.length > 0) return { kind: 'refused', differences };
  const { migrate } = code;
  const open = unanswered(upgraded, migrate);
  if (open.length > 0) return { kind: 'refused', differences: open };
  const left = [
    ...differencesOf(upgraded, code.teams, migrate),
    ...(await misfittingArguments(upgraded, code.teams, migrate)),
  ];
  return left.length > 0
    ? { kind: 'refused', differences: left }
    : { kind: 'migrates', adoption: adoptionOf(saved.snapshot, upgraded, code.teams, migrate) };
}

/** Whether the code describes a run's team just as the code that saved it did. */
export function isCurrent(
  { team, definition }: { readonly team: string; readonly definition: string },
  teams: ReadonlyMap<string, Agent>,
): boolean {
  const agent = teams.get(team);
  return agent !== undefined && definitionOf(agent) === definition;
}

/**
 * A snapshot as the charts of a version have it; undefined if no migrations lead there.
 *
 * @param from the version that saved it
 */
export function upgradedSnapshot(
  snapshot: string | null,
  from: number,
  to = chartVersion,
  migrations = snapshotMigrations,
): string | null | undefined {
  if (snapshot === null || from === to) return snapshot;
  const upgrade = from < to ? migrations[from] : undefined;
  if (!upgrade) return undefined;
  const next = JSON.stringify(upgrade(JSON.parse(snapshot)));
  return upgradedSnapshot(next, from + 1, to, migrations);
}

function chartDifferences({ run, snapshot }: UnfinishedRun): Difference[] {
  if (snapshot === null) return [];
  return chartMisfits(snapshot).map((message) => ({
    kind: 'chart_changed',
    agent: run.team,
    message,
  }));
}

/** What of a run's names the author's function has no answer for. */
function unanswered(saved: UnfinishedRun, migrate: Migrate): Difference[] {
  const { agents, tools } = needsOf(saved);
  const names: SavedName[] = [
    ...agents.map(({ name }) => ({ agent: name })),
    ...tools.map(({ agent, tool }) => ({ agent, tool })),
  ];
  return names.flatMap((name): Difference[] => {
    if (isAnswered(name, migrate)) return [];
    const { agent, tool } = name;
    const what = tool === undefined ? `"${agent}"` : `tool "${tool}" of "${agent}"`;
    const message = `The migration does not say what ${what} is called now.`;
    return [{ kind: 'migration_unusable', agent, ...(tool ? { tool } : {}), message }];
  });
}

function isAnswered(name: SavedName, migrate: Migrate): boolean {
  try {
    return typeof migrate(name)?.agent === 'string';
  } catch {
    return false;
  }
}

/** A tool that will run on the arguments of its open call must take them, whatever was accepted. */
async function misfittingArguments(
  saved: UnfinishedRun,
  teams: ReadonlyMap<string, Agent>,
  migrate: Migrate,
): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const { agent, tool: name, intent, arguments: args } of needsOf(saved).tools) {
    const { tool: now = name } = migrate({ agent, tool: name });
    const owner = agentNamed(teams, migrate({ agent }).agent);
    const tool = owner?.tools.find((one) => one.name === now);
    if (!tool || intent === 'question') continue;
    const { success } = await tool.input.safeParseAsync(JSON.parse(args));
    if (success) continue;
    const message = `Tool "${name}" of "${agent}" has an open call whose arguments do not fit what the model fills in now.`;
    found.push({ kind: 'tool_input_changed', agent, tool: name, message });
  }
  return found;
}

function adoptionOf(
  before: string | null,
  saved: UnfinishedRun,
  teams: ReadonlyMap<string, Agent>,
  migrate: Migrate,
): Adoption {
  const { run, snapshot } = saved;
  const renames: Renames = {
    agent: (name) => migrate({ agent: name }).agent,
    tool: (agent, tool) => migrate({ agent, tool }).tool ?? tool,
  };
  const needs = needsOf(saved);
  const agents = changesOf(needs.agents.map(({ name }) => [name, name, renames.agent(name)]));
  const tools = changesOf(
    needs.tools.map(({ agent, tool, call }) => [call, tool, renames.tool(agent, tool)]),
  );
  const team = renames.agent(run.team);
  const leader = teams.get(team);
  if (!leader) throw new InvariantError(`There is no team "${team}" to migrate to.`);
  const isMigrated = migrate !== unchanged;
  const rewritten =
    snapshot === null || !isMigrated ? snapshot : renamedSnapshot(snapshot, renames);
  return {
    team,
    definition: definitionOf(leader),
    snapshot: rewritten,
    chartVersion: snapshot === null ? run.chartVersion : chartVersion,
    agents,
    tools,
    waiting: isMigrated ? renamedWaiting(saved, renames) : [],
    log: isMigrated ? [{ type: 'run.migrated', agent: team, path: '', agents, tools }] : [],
    step: {
      event: { type: isMigrated ? 'run.migrated' : 'run.adopted', path: '' },
      moves: rewrittenMoves(before, rewritten, tools),
      effects: [],
    },
  };
}

/** What changed, by key. */
function changesOf(
  list: readonly (readonly [key: string, was: string, is: string])[],
): Record<string, string> {
  return Object.fromEntries(list.flatMap(([key, was, is]) => (was === is ? [] : [[key, is]])));
}
