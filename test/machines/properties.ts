/**
 * What holds in every state and on every step of a run, whatever the team.
 *
 * A property is a sentence and a check. The check returns what breaks it, so that the same code
 * proves the charts and is itself tried on broken ones.
 */
import type { ChartRequest } from '../../machines/effects.ts';
import { pathOf, type WaitsFor } from '../../machines/vocabulary.ts';
import type { SeenActor, Tree } from './tree.ts';
import {
  type Charts,
  type Edge,
  type Explored,
  type Sent,
  save,
  type TreeState,
  wake,
} from './whole-tree.ts';

type Breaks = (explored: Explored, charts: Charts) => string[];

/** Every property, by its sentence. */
export const properties = {
  'no agent thinks while a call is open': inEveryState(thinksWithOpenCalls),
  'each call that closes gets exactly one result': onEveryEdge(
    (edge) => noted(edge, 'recordResult') !== listed(closedCalls(edge)),
  ),
  'the model is called exactly when an agent begins to think': onEveryEdge(
    (edge) => noted(edge, 'callModel') !== listed(entered(edge, 'thinking')),
  ),
  'a tool is run exactly when its call begins to wait for it': onEveryEdge(
    (edge) => noted(edge, 'runTool') !== listed(entered(edge, 'toolResultPending')),
  ),
  'a question is asked exactly when its call begins to wait for the person': onEveryEdge(
    (edge) =>
      noted(edge, 'askUser') !== listed(entered(edge, 'awaitingUserInput', 'outcomeUnknown')),
  ),
  'an agent always knows whom it waits for': inEveryState(({ tree }) =>
    tree.actors.some(
      (actor) =>
        actor.state.startsWith('answeringCalls') &&
        actor.state !== `answeringCalls.${waitingState[waitsFor(actor)]}`,
    ),
  ),
  'a run pauses exactly when only questions remain': inEveryState(
    ({ tree }) => isPaused(tree) !== onlyQuestionsRemain(tree),
  ),
  'every state leads to an end': (explored) => statesWithoutEnd(explored),
  'cancelling ends the run at once and answers every call': onEveryEdge(
    ({ sent, after }) =>
      sent.event.type === 'run.cancelled' &&
      sent.to.path === '' &&
      (after.tree.leader.state !== 'cancelled' ||
        after.tree.actors.length > 1 ||
        after.requests.some((it) => it.kind !== 'recordResult' || it.source !== 'cancellation')),
  ),
  'saving and waking changes nothing and asks for nothing': inEveryState(({ json }, charts) => {
    const again = save(wake(charts, json));
    return again.json !== json || again.requests.length > 0;
  }),
  'every saved actor is alive, and is an open call or works on one': inEveryState(hasLeftovers),
  'a passing state is never saved': inEveryState(isInPassing),
  'no actor fails': inEveryState(({ tree }) =>
    tree.actors.some(({ status }) => !['active', 'done'].includes(status)),
  ),
} satisfies Record<string, Breaks>;

export type Property = keyof typeof properties;

/** The properties that do not hold. */
export function broken(explored: Explored, charts: Charts): Property[] {
  const all = Object.keys(properties) as Property[];
  return all.filter((property) => properties[property](explored, charts).length > 0);
}

/** Whether to walk no further: from here on a broken chart may pile up actors without end. */
export function isBeyondRepair(state: TreeState): boolean {
  return thinksWithOpenCalls(state) || hasLeftovers(state) || isInPassing(state);
}

function inEveryState(isBroken: (state: TreeState, charts: Charts) => boolean): Breaks {
  return ({ states }, charts) =>
    states.filter((state) => isBroken(state, charts)).map(({ json }) => json);
}

function onEveryEdge(isBroken: (edge: Edge) => boolean): Breaks {
  return ({ edges }) =>
    edges.filter(isBroken).map(({ before, sent }) => `${before.json}\n  ${JSON.stringify(sent)}`);
}

function thinksWithOpenCalls({ tree }: TreeState): boolean {
  return tree.actors.some(
    ({ state, openCalls, children }) =>
      state === 'thinking' && openCalls.length + children.length > 0,
  );
}

function hasLeftovers({ tree }: TreeState): boolean {
  return (
    tree.status === 'active' &&
    tree.actors.some((actor) => actor.status !== 'active' || !childrenFit(actor))
  );
}

function isInPassing({ tree }: TreeState): boolean {
  return tree.actors.some(({ state }) => /cancelling|routing|refused|completing/.test(state));
}

/** Paths as one comparable text. Sorted, with repetitions: "once each" is part of a property. */
function listed(paths: readonly string[]): string {
  return [...paths].sort().join(' ');
}

function noted({ after }: Edge, kind: ChartRequest['kind']): string {
  const requests = after.requests.filter((request) => request.kind === kind);
  return listed(requests.map((request) => ('call' in request ? request.call : request.agent)));
}

/** The calls that were open, or were opened by this step, and are open no more. */
function closedCalls({ before, sent, after }: Edge): string[] {
  const open = before.tree.actors.filter(({ kind }) => kind === 'toolCall').map(({ path }) => path);
  return [...open, ...openedCalls(before.tree, sent)].filter(
    (path) => !after.tree.has('toolCall', path),
  );
}

function openedCalls(before: Tree, { to, event }: Sent): string[] {
  if (event.type !== 'model.replied' || before.find('agent', to.path)?.state !== 'thinking') {
    return [];
  }
  return event.calls.map(({ id }) => pathOf(to.path, id));
}

/** The actors that are in one of the states now and were not, or left it and came back. */
function entered({ before, sent, after }: Edge, ...states: string[]): string[] {
  return after.tree.actors
    .filter(({ kind, path, state }) => {
      if (!states.includes(state)) return false;
      const cameBack = sent.event.type === 'model.replied' && isAddressee(sent, kind, path);
      return cameBack || before.tree.find(kind, path)?.state !== state;
    })
    .map(({ path }) => path);
}

function isAddressee({ to }: Sent, kind: SeenActor['kind'], path: string): boolean {
  return to.kind === kind && to.path === path;
}

const waitingState = {
  member: 'delegating',
  tool: 'toolResultPending',
  user: 'awaitingUserInput',
} as const;

/** What an actor truly waits for, told from the leaves of the tree and not from any context. */
function waitsFor({ state, children }: SeenActor): WaitsFor {
  if (state === 'thinking') return 'member';
  if (state === 'toolResultPending') return 'tool';
  if (children.length === 0) return 'user';
  const below = children.map((child) => ({ child, whom: waitsFor(child) }));
  // A member's own tool is the member's work; only the caller's own tools are "tool".
  if (below.some(({ child, whom }) => child.intent === 'delegation' && whom !== 'user')) {
    return 'member';
  }
  return below.find(({ whom }) => whom !== 'user')?.whom ?? 'user';
}

function isPaused({ leader }: Tree): boolean {
  return leader.state === 'answeringCalls.awaitingUserInput';
}

function onlyQuestionsRemain({ status, actors }: Tree): boolean {
  const atWork = actors.filter(({ kind, state }) =>
    kind === 'agent' ? state === 'thinking' : state === 'toolResultPending',
  );
  const questions = actors.filter(
    ({ kind, state }) => kind === 'toolCall' && /awaitingUserInput|outcomeUnknown/.test(state),
  );
  return status === 'active' && atWork.length === 0 && questions.length > 0;
}

/** An agent's children are its open calls, in order; a delegation's only child is its member. */
function childrenFit({ kind, path, openCalls, children, intent }: SeenActor): boolean {
  const paths = children.map((child) => `${child.kind} ${child.path}`);
  if (kind === 'toolCall') {
    return paths.join() === (intent === 'delegation' ? `agent ${path}` : '');
  }
  return paths.join() === openCalls.map(({ id }) => `toolCall ${pathOf(path, id)}`).join();
}

/** Walks backwards from the ends; what is not met has no way to one. */
function statesWithoutEnd({ states, edges }: Explored): string[] {
  const sources = new Map<string, string[]>();
  for (const { before, after } of edges) {
    const known = sources.get(after.json);
    if (known) known.push(before.json);
    else sources.set(after.json, [before.json]);
  }
  const met = new Set(states.filter(({ tree }) => tree.status === 'done').map(({ json }) => json));
  // A set that grows while it is walked is walked to its end.
  for (const json of met) for (const source of sources.get(json) ?? []) met.add(source);
  return states.map(({ json }) => json).filter((json) => !met.has(json));
}
