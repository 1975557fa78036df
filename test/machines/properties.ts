/**
 * What holds in every state and on every step of a run, whatever the team.
 *
 * A property is a sentence and a check. The check returns what breaks it, so that the same code
 * proves the charts and is itself tried on broken ones.
 */
import { memberPathOf, pathOf, type WaitsFor } from '../../machines/vocabulary.ts';
import {
  beginsAtTheWrongTime,
  beginsTwice,
  briefsWrongly,
  goesOnWrongly,
  listsOtherReports,
  reportsAnotherEnd,
  reportsWrongly,
  skipsOneThatBegan,
  skipsWrongly,
  stopsAtOnce,
} from './delegation-checks.ts';
import { closedCalls } from './ledger.ts';
import { cameInto, listed, noted } from './steps.ts';
import type { SeenActor, Tree } from './tree.ts';
import { type Charts, type Edge, type Explored, save, type TreeState, wake } from './whole-tree.ts';

type Breaks = (explored: Explored, charts: Charts) => string[];

/** Every property, by its sentence. */
export const properties = {
  'no agent thinks while a call is open': inEveryState(thinksWithOpenCalls),
  'each call that closes gets exactly one result': onEveryEdge(
    (edge) => noted(edge, 'recordResult') !== listed(closedCalls(edge)),
  ),
  'the model is called exactly when an agent begins to think': onEveryEdge(
    (edge) => noted(edge, 'callModel') !== listed(cameInto(edge, 'thinking')),
  ),
  'a tool is run exactly when its call begins to wait for it': onEveryEdge(
    (edge) => noted(edge, 'runTool') !== listed(cameInto(edge, 'toolResultPending')),
  ),
  'a question is asked exactly when its call begins to wait for the person': onEveryEdge(
    (edge) =>
      noted(edge, 'askUser') !== listed(cameInto(edge, 'awaitingUserInput', 'outcomeUnknown')),
  ),
  'an agent always knows whom it waits for': inEveryState(({ tree }) =>
    tree.actors.some(
      (actor) =>
        actor.state.startsWith('answeringCalls') &&
        actor.state !== `answeringCalls.${waitingState[waitsFor(actor)]}`,
    ),
  ),
  'a delegation always knows which of its members are paused': inEveryState(mistakesPauses),
  'a reply without calls is the report, unless it is corrected': onEveryEdge(endsWrongly),
  'a run pauses exactly when only questions remain': inEveryState(
    ({ tree }) => isPaused(tree) !== onlyQuestionsRemain(tree),
  ),
  'an assignment begins at most once': inEveryState(beginsTwice),
  'an assignment begins exactly when all that it builds on are reported':
    inEveryState(beginsAtTheWrongTime),
  'an assignment is skipped exactly when one that it builds on failed or was skipped':
    inEveryState(skipsWrongly),
  'a skipped assignment never had an actor': onEveryEdge(skipsOneThatBegan),
  'each assignment has exactly one report before the result of its call':
    onEveryEdge(reportsWrongly),
  'a report says how the member ended': onEveryEdge(reportsAnotherEnd),
  'the result of a delegation lists the reports in the order of its plan':
    onEveryEdge(listsOtherReports),
  'a member is told of exactly the reports that it builds on before it thinks':
    onEveryEdge(briefsWrongly),
  'an agent thinks again when its calls are answered, but not after a routed report':
    onEveryEdge(goesOnWrongly),
  'every state leads to an end without stopping the run': statesWithoutEnd,
  'cancelling ends the run at once and answers every call': onEveryEdge(
    (edge) => isToldToLeader(edge, 'run.cancelled') && !stopsAtOnce(edge, 'cancelled'),
  ),
  'failing ends the run at once and answers every call': onEveryEdge(
    (edge) => isToldToLeader(edge, 'run.failed') && !stopsAtOnce(edge, 'failed'),
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
  return (
    thinksWithOpenCalls(state) || hasLeftovers(state) || isInPassing(state) || beginsTwice(state)
  );
}

function inEveryState(isBroken: (state: TreeState, charts: Charts) => boolean): Breaks {
  return ({ states }, charts) =>
    states.filter((state) => isBroken(state, charts)).map(({ json }) => json);
}

function onEveryEdge(isBroken: (edge: Edge) => boolean): Breaks {
  return ({ edges }) =>
    edges.filter(isBroken).map(({ before, sent }) => `${before.json}\n  ${JSON.stringify(sent)}`);
}

function isToldToLeader({ sent }: Edge, type: 'run.cancelled' | 'run.failed'): boolean {
  return sent.event.type === type && sent.to.path === '';
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
  return tree.actors.some(({ state }) =>
    /cancelling|failing|routing|refused|completing/.test(state),
  );
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

/** A corrected reply is no report: the model is called again, which is seen in what was asked. */
function endsWrongly({ before, sent: { to, event }, after }: Edge): boolean {
  const thinks = before.tree.find('agent', to.path)?.state === 'thinking';
  if (event.type !== 'model.replied' || event.calls.length > 0 || !thinks) return false;
  const called = after.requests.some((it) => it.kind === 'callModel' && it.agent === to.path);
  const isOver = after.tree.status === 'done' || !after.tree.has('agent', to.path);
  return event.corrected ? isOver || !called : !isOver || called;
}

function mistakesPauses({ tree }: TreeState): boolean {
  return tree.actors.some(({ path, paused, children }) => {
    const members = children.filter(({ state }) => state === 'answeringCalls.awaitingUserInput');
    const believed = paused.map((id) => memberPathOf(path, id));
    const isDelegation = children.some(({ kind }) => kind === 'agent');
    return isDelegation && listed(believed) !== listed(members.map((member) => member.path));
  });
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

/** An agent's children are its open calls, in order; a delegation's are its members at work. */
function childrenFit({ kind, path, openCalls, children, working }: SeenActor): boolean {
  const paths = children.map((child) => `${child.kind} ${child.path}`);
  const wanted =
    kind === 'toolCall'
      ? working.map((id) => `agent ${memberPathOf(path, id)}`)
      : openCalls.map(({ id }) => `toolCall ${pathOf(path, id)}`);
  return paths.join() === wanted.join();
}

/** Walks backwards from the ends; what is not met has no way to one. */
function statesWithoutEnd({ states, edges }: Explored): string[] {
  const sources = new Map<string, string[]>();
  for (const { before, sent, after } of edges) {
    if (sent.event.type.startsWith('run.')) continue;
    const known = sources.get(after.json);
    if (known) known.push(before.json);
    else sources.set(after.json, [before.json]);
  }
  const met = new Set(states.filter(({ tree }) => tree.status === 'done').map(({ json }) => json));
  // A set that grows while it is walked is walked to its end.
  for (const json of met) for (const source of sources.get(json) ?? []) met.add(source);
  return states.map(({ json }) => json).filter((json) => !met.has(json));
}
