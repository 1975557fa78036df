/**
 * The names in a saved run: which agents it needs, which tools its open calls use; and how these
 * names are changed. The snapshot is read as plain JSON, so a tree that no chart of now could take up
 * is read too.
 */
import { type Assignment, type Intent, type Path, pathOf } from '../machines/vocabulary.ts';
import type { RunEvent } from './stores/events.ts';
import type { UnfinishedRun, WaitingEvent } from './stores/unfinished.ts';

/** An agent that a saved run needs. */
interface NeededAgent {
  /** The names from the leader down, joined by "/". */
  readonly name: string;
  /** False while its task has not begun. */
  readonly atWork: boolean;
}

/** A tool that an open call of a saved run needs. */
export interface NeededTool {
  readonly agent: string;
  readonly tool: string;
  readonly call: Path;
  readonly intent: Exclude<Intent, 'refusal' | 'delegation'>;
  /** JSON text. */
  readonly arguments: string;
}

/** What a saved run needs of the code. */
export interface Needs {
  readonly agents: readonly NeededAgent[];
  readonly tools: readonly NeededTool[];
}

/** A context of a saved tree, as far as names go: an agent has a name, a tool call an asker. */
interface SavedContext {
  readonly path: Path;
  readonly name?: string;
  readonly askedBy?: string;
  readonly intent?: Intent;
  readonly plan?: readonly Assignment[];
  readonly progress?: { readonly reported: readonly string[]; readonly failed: readonly string[] };
}

/** An actor as XState saves it. */
interface SavedActor {
  /** A state, or a state and the one inside it. */
  readonly value: string | Readonly<Record<string, string>>;
  readonly context: SavedContext;
  readonly children: Readonly<Record<string, { readonly snapshot: SavedActor }>>;
}

/** How names change: an agent's by its whole name, a tool's by its agent's whole name and its own. */
export interface Renames {
  readonly agent: (name: string) => string;
  readonly tool: (agent: string, tool: string) => string;
}

/**
 * What a run needs of the code to go on: its leader, the agents at work or with a task to come, and
 * the tools of open calls. A reply whose step was not taken yet needs what its calls will begin with.
 */
export function needsOf(saved: UnfinishedRun): Needs {
  const contexts = contextsOf(saved.snapshot);
  const leader: NeededAgent = { name: saved.run.team, atWork: saved.snapshot !== null };
  const calls = [...contexts.flatMap((one) => openCall(saved, one)), ...repliedCalls(saved)];
  const agents = [
    leader,
    ...contexts.flatMap(({ name }) => (name === undefined ? [] : [{ name, atWork: true }])),
    ...calls.flatMap(({ asker, toCome }) =>
      toCome.map(({ member }) => ({ name: `${asker}/${member}`, atWork: false })),
    ),
  ];
  const first = new Map(agents.toReversed().map((agent) => [agent.name, agent]));
  return { agents: [...first.values()].reverse(), tools: calls.flatMap(({ tool }) => tool) };
}

interface NeededCall {
  readonly asker: string;
  /** The tool, unless the call uses none. */
  readonly tool: readonly NeededTool[];
  /** Assignments that have not ended. */
  readonly toCome: readonly Assignment[];
}

function contextsOf(snapshot: string | null): SavedContext[] {
  return actorsOf(snapshot).map(({ context }) => context);
}

function actorsOf(snapshot: string | null): SavedActor[] {
  const inside = (actor: SavedActor): SavedActor[] => [
    actor,
    ...Object.values(actor.children).flatMap((child) => inside(child.snapshot)),
  ];
  return snapshot === null ? [] : inside(JSON.parse(snapshot));
}

/** The names and the states of a saved run's agents, by path: `answeringCalls.delegating`. */
export function agentStates(
  snapshot: string | null,
): ReadonlyMap<Path, { readonly name: string; readonly state: string }> {
  const agents = actorsOf(snapshot).flatMap(({ value, context: { path, name } }) => {
    const state = typeof value === 'string' ? value : Object.entries(value).flat().join('.');
    return name === undefined ? [] : [[path, { name, state }] as const];
  });
  return new Map(agents);
}

function openCall({ openCalls }: UnfinishedRun, context: SavedContext): NeededCall[] {
  const { path, askedBy: asker, intent, plan = [], progress } = context;
  const row = openCalls.find((one) => one.path === path);
  if (asker === undefined || intent === undefined || !row) return [];
  const ended = [...(progress?.reported ?? []), ...(progress?.failed ?? [])];
  const toCome = plan.filter(({ id }) => !ended.includes(id));
  return [{ asker, toCome, tool: toolOf(asker, path, intent, row) }];
}

function repliedCalls(saved: UnfinishedRun): NeededCall[] {
  return repliesOf(saved).flatMap(({ asker, event }) =>
    event.calls.map((call) => ({
      asker,
      toCome: call.plan ?? [],
      tool: toolOf(asker, pathOf(event.agent, call.id), call.intent, call),
    })),
  );
}

function toolOf(
  agent: string,
  call: Path,
  intent: Intent,
  { name: tool, arguments: args }: { readonly name: string; readonly arguments: string },
): NeededTool[] {
  if (intent === 'refusal' || intent === 'delegation') return [];
  return [{ agent, tool, call, intent, arguments: args }];
}

/** Replies whose step was not taken before the process ended, with the agents that they reached. */
function repliesOf({ snapshot, waiting }: UnfinishedRun) {
  const names = new Map(contextsOf(snapshot).map(({ path, name }) => [path, name]));
  return waiting.flatMap(({ seq, event }) => {
    if (event.type !== 'model.replied') return [];
    const asker = names.get(event.agent);
    return asker === undefined ? [] : [{ seq, event, asker }];
  });
}

/** The snapshot with other names of agents; everything else stays as it is. */
export function renamedSnapshot(snapshot: string, renames: Renames): string {
  const renamed = (actor: SavedActor): SavedActor => ({
    ...actor,
    context: renamedContext(actor.context, renames),
    children: Object.fromEntries(
      Object.entries(actor.children).map(([id, child]) => [
        id,
        { ...child, snapshot: renamed(child.snapshot) },
      ]),
    ),
  });
  return JSON.stringify(renamed(JSON.parse(snapshot)));
}

function renamedContext(context: SavedContext, { agent }: Renames): SavedContext {
  const { name, askedBy, plan } = context;
  return {
    ...context,
    ...(name === undefined ? {} : { name: agent(name) }),
    ...(askedBy === undefined ? {} : { askedBy: agent(askedBy) }),
    ...(askedBy === undefined || !plan ? {} : { plan: renamedPlan(askedBy, plan, agent) }),
  };
}

function renamedPlan<One extends Assignment>(
  leader: string,
  plan: readonly One[],
  agent: Renames['agent'],
): One[] {
  return plan.map((one) => {
    const name = agent(`${leader}/${one.member}`);
    return { ...one, member: name.slice(name.lastIndexOf('/') + 1) };
  });
}

/** The waiting events with other names: replies, whose calls begin with the next step. */
export function renamedWaiting(saved: UnfinishedRun, renames: Renames): WaitingEvent[] {
  return repliesOf(saved).map(({ seq, event, asker }) => {
    const calls = event.calls.map((call) => {
      const [needed] = toolOf(asker, '', call.intent, call);
      return {
        ...call,
        ...(needed ? { name: renames.tool(asker, call.name) } : {}),
        ...(call.plan ? { plan: renamedPlan(asker, call.plan, renames.agent) } : {}),
      };
    });
    return { seq, event: { ...event, calls } satisfies RunEvent };
  });
}
