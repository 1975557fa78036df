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
  type Snapshot,
} from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap } from 'xstate/graph';
import { type ChartRequest, openRequests, takeRequests } from '../../machines/effects.ts';
import type { Path } from '../../machines/vocabulary.ts';
import { blank, entered, type Ledger } from './ledger.ts';
import { everyEvent, isWorthSending, type Menu, type Sent } from './offers.ts';
import { readTree, type Tree } from './tree.ts';

/** Both charts, each knowing the other, and bounded: a loop is an error and not a hang. */
export interface Charts {
  readonly agent: AnyStateMachine;
  readonly toolCall: AnyStateMachine;
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
  /** What the steps up to here say of the tree. The tree of a sound chart says it, too. */
  readonly ledger: Ledger;
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

/** The actor at a path, which is the ids of the calls and the assignments on the way to it. */
export function actorAt(root: AnyActorRef, path: Path): AnyActorRef | undefined {
  const ids = path === '' ? [] : path.split(/[:/]/);
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
  const read = (json: string): Tree => {
    const tree = trees.get(json) ?? readTree(json);
    trees.set(json, tree);
    return tree;
  };
  const logic: ActorLogic<TreeState, Sent> = {
    getInitialSnapshot: () => {
      const saved = save(wake(charts));
      return stateOf(saved, read(saved.json), blank);
    },
    getPersistedSnapshot: (state) => state,
    transition: (before, sent) => {
      const actor = wake(charts, before.json);
      actorAt(actor, sent.to.path)?.send(sent.event);
      const saved = save(actor);
      const after = { tree: read(saved.json), requests: saved.requests };
      return stateOf(saved, after.tree, entered({ before, sent, after }));
    },
  };
  const map = getAdjacencyMap(logic, {
    limit: 100_000,
    stopWhen: stopAt,
    serializeState: ({ json, ledger }) => `${json} ${JSON.stringify(ledger)}`,
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

function stateOf(saved: Saved, tree: Tree, ledger: Ledger): TreeState {
  return { status: 'active', output: undefined, error: undefined, ...saved, tree, ledger };
}
