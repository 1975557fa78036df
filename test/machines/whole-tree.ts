/**
 * The whole actor tree of a run as one state space.
 *
 * A state is the saved JSON of the tree; an edge is one step: wake the tree, send one event to the
 * actor at a path, save. That is what the runtime does, so what holds for every state here holds
 * for every run of such a team.
 */
import {
  type ActorLogic,
  type AnyActorRef,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type Snapshot,
} from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph';
import type { AgentEvent } from '../../machines/agent.ts';
import { type ChartRequest, openRequests, takeRequests } from '../../machines/effects.ts';
import type { ToolCallEvent } from '../../machines/tool-call.ts';
import { type Path, type PlannedCall, pathOf } from '../../machines/vocabulary.ts';
import { readTree, type Tree } from './tree.ts';

/** Both charts, each knowing the other, and bounded: a loop is an error and not a hang. */
export interface Charts {
  readonly agent: AnyStateMachine;
  readonly toolCall: AnyStateMachine;
}

/** The calls that each agent may ask for, by the agent's path. Its replies are all their subsets. */
export type Menu = Readonly<Record<Path, readonly PlannedCall[]>>;

export interface Sent extends EventObject {
  readonly type: 'sent';
  readonly to: { readonly kind: 'agent' | 'toolCall'; readonly path: Path };
  readonly event: AgentEvent | ToolCallEvent;
}

/** What a step leaves behind. */
export interface Saved {
  /** The tree: the identity of the state. */
  readonly json: string;
  /** What the step asked for. */
  readonly requests: readonly ChartRequest[];
}

/** A step's outcome in the form that `xstate/graph` walks through: the snapshot of an actor. */
export interface TreeState extends Saved {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly tree: Tree;
}

/** One step: the edge between two states. */
export interface Edge {
  readonly before: TreeState;
  readonly sent: Sent;
  readonly after: TreeState;
}

export interface Explored {
  readonly states: readonly TreeState[];
  readonly edges: readonly Edge[];
}

/** Clones of two charts that refer to each other, and to nothing else. */
export function pair(agent: AnyStateMachine, toolCall: AnyStateMachine): Charts {
  const charts = { agent: agent.provide({}), toolCall: toolCall.provide({}) };
  // After cloning: each clone has its own plain record of actors, so the knot can be tied in it.
  Object.assign(charts.agent.implementations.actors, { toolCall: charts.toolCall });
  Object.assign(charts.toolCall.implementations.actors, { agent: charts.agent });
  charts.agent.options.maxIterations = 100;
  charts.toolCall.options.maxIterations = 100;
  return charts;
}

/** Starts the leader's tree, anew or from what was saved, with an open list for its requests. */
export function wake(charts: Charts, json?: string): AnyActorRef {
  const actor = createActor(charts.agent, {
    id: 'leader',
    input: { path: '', name: 'Leader' },
    ...(json !== undefined && { snapshot: JSON.parse(json) as Snapshot<unknown> }),
  });
  openRequests(actor.system);
  // A broken chart ends in the status "error", which is looked at afterwards; it must not throw.
  actor.subscribe({ error: () => {} });
  actor.start();
  return actor;
}

/** Saves the tree as it stands, with what was asked for since the list was opened. */
export function save(actor: AnyActorRef): Saved {
  const requests = takeRequests(actor.system);
  return { json: JSON.stringify(actor.getPersistedSnapshot()), requests };
}

/** The actor at a path; a member's agent is the child `member` of the call that delegates to it. */
export function actorAt(root: AnyActorRef, to: Sent['to']): AnyActorRef | undefined {
  const ids = to.path.split('/').join('/member/').split('/');
  if (to.path === '') ids.pop();
  else if (to.kind === 'agent') ids.push('member');
  return ids.reduce<AnyActorRef | undefined>(
    (actor, id) => actor?.getSnapshot().children[id],
    root,
  );
}

/**
 * Every state that the events of a menu can reach, with every edge between them. Broken charts
 * may have no end of states: `stopAt` says where to walk no further.
 */
export function explore(
  charts: Charts,
  menu: Menu,
  stopAt: (state: TreeState) => boolean = () => false,
): Explored {
  const offered = everyEvent(menu);
  // States repeat far more often than they are new: each saved tree is read once.
  const trees = new Map<string, Tree>();
  const read = (saved: Saved): TreeState => {
    const tree = trees.get(saved.json) ?? readTree(saved.json);
    trees.set(saved.json, tree);
    return { status: 'active', output: undefined, error: undefined, ...saved, tree };
  };
  const logic: ActorLogic<TreeState, Sent> = {
    getInitialSnapshot: () => read(save(wake(charts))),
    getPersistedSnapshot: (state) => state,
    transition: (state, { to, event }) => {
      const actor = wake(charts, state.json);
      actorAt(actor, to)?.send(event);
      return read(save(actor));
    },
  };
  const map = getAdjacencyMap(logic, {
    limit: 100_000,
    stopWhen: stopAt,
    serializeState: (state) => state.json,
    serializeEvent: JSON.stringify,
    events: ({ tree }) =>
      tree.status === 'active' ? offered.filter((sent) => isWorthSending(sent, tree, menu)) : [],
  });
  return {
    states: (Object.values(map) as { state: TreeState }[]).map(({ state }) => state),
    edges: adjacencyMapToArray(map).map(({ state: before, event: sent, nextState: after }) => ({
      before,
      sent,
      after,
    })),
  };
}

/**
 * Every event from outside, for every actor that may exist, whatever state it is in: most are
 * strays most of the time. What actors send each other (`call.waits`, `member.paused`) comes from
 * actors only.
 */
function everyEvent(menu: Menu): Sent[] {
  return Object.entries(menu).flatMap(([path, calls]) => [
    ...toAgent(path, calls),
    ...calls.flatMap((call) => toCall(pathOf(path, call.id))),
  ]);
}

function toAgent(path: Path, calls: readonly PlannedCall[]): Sent[] {
  const events: AgentEvent[] = [
    ...subsets(calls).map((reply) => ({ type: 'model.replied', calls: reply }) as const),
    { type: 'model.failed' },
    { type: 'run.cancelled' },
  ];
  return events.map((event) => ({ type: 'sent', to: { kind: 'agent', path }, event }));
}

function toCall(path: Path): Sent[] {
  const events: ToolCallEvent[] = [
    { type: 'tool.finished' },
    { type: 'tool.outcomeUnknown' },
    { type: 'user.answered', unlocksTool: true },
    { type: 'user.answered', unlocksTool: false },
    { type: 'run.cancelled' },
  ];
  return events.map((event) => ({ type: 'sent', to: { kind: 'toolCall', path }, event }));
}

/**
 * An event for an actor that is gone never reaches a chart. To an agent that does not think, the
 * report and the full reply are strays enough: offering each partial reply would double the steps.
 */
function isWorthSending({ to, event }: Sent, tree: Tree, menu: Menu): boolean {
  const actor = tree.find(to.kind, to.path);
  if (event.type !== 'model.replied' || actor?.state === 'thinking') return actor !== undefined;
  return actor !== undefined && [0, menu[to.path]?.length].includes(event.calls.length);
}

function subsets<T>(items: readonly T[]): T[][] {
  const all: T[][] = [[]];
  for (const item of items) all.push(...all.map((some) => [...some, item]));
  return all;
}
