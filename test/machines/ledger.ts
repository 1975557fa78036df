/**
 * What became of each assignment and of each routed reply, told from the steps alone.
 *
 * A chart that forgets, or that remembers wrongly, cannot hide it: no context is read here but the
 * plan of a delegation, which never changes.
 */
import type { ChartRequest } from '../../machines/effects.ts';
import { memberPathOf, type Path, pathOf } from '../../machines/vocabulary.ts';
import type { Sent } from './offers.ts';
import type { Tree } from './tree.ts';

/** How far an assignment has come. Without a word about it, it has not begun. */
export type Fate = 'begun' | 'reported' | 'failed' | 'skipped';

export interface Ledger {
  /** The assignments of the open delegations, by the path of the member. */
  readonly fates: Readonly<Record<Path, Fate>>;
  /** The agents whose reply was routed, and all of whose closed calls are reported delegations. */
  readonly routed: readonly Path[];
}

/** One step, as it is entered into the ledger. */
interface Step {
  readonly before: { readonly tree: Tree; readonly ledger: Ledger };
  readonly sent: Sent;
  readonly after: { readonly tree: Tree; readonly requests: readonly ChartRequest[] };
}

export const blank: Ledger = { fates: {}, routed: [] };

/** The ledger after a step; closed delegations and agents that are gone are left out of it. */
export function entered(step: Step): Ledger {
  const { tree } = step.after;
  const fates = Object.entries(fatesAfter(step)).filter(([path]) =>
    tree.has('toolCall', callOf(path)),
  );
  const routed = routedAfter(step).filter((path) => tree.find('agent', path)?.openCalls.length);
  return { fates: Object.fromEntries(fates.sort()), routed: routed.sort() };
}

/** What became of the assignments, with those of the delegations that this step closed. */
function fatesAfter({ before, after }: Step): Ledger['fates'] {
  const fates = { ...before.ledger.fates };
  for (const { kind, path } of after.tree.actors) {
    if (kind === 'agent' && path !== '') fates[path] ??= 'begun';
  }
  for (const request of after.requests) {
    if (request.kind !== 'recordReport') continue;
    fates[request.agent] = request.outcome === 'cancelled' ? 'failed' : request.outcome;
  }
  return fates;
}

/** The agents that would not think again if the calls that they still have were reported, too. */
export function routedAfter(step: Step): Path[] {
  const { before, sent } = step;
  const reply = startsCalls(step) ? sent.event : undefined;
  const earlier = before.ledger.routed;
  const routed =
    reply?.type === 'model.replied' && reply.routes ? [...earlier, sent.to.path] : earlier;
  const fates = fatesAfter(step);
  const disappointed = closedCalls(step).filter((call) => {
    const plan = before.tree.find('toolCall', call)?.plan ?? [];
    return plan.length === 0 || plan.some(({ id }) => fates[memberPathOf(call, id)] !== 'reported');
  });
  return routed.filter((agent) => !disappointed.some((call) => agentOf(call) === agent));
}

/** The calls that were open, or were opened by this step, and are open no more. */
export function closedCalls(step: Step): Path[] {
  const { before, after } = step;
  const open = before.tree.actors.filter(({ kind }) => kind === 'toolCall').map(({ path }) => path);
  return [...open, ...openedCalls(step)].filter((path) => !after.tree.has('toolCall', path));
}

function openedCalls(step: Step): Path[] {
  const { to, event } = step.sent;
  if (event.type !== 'model.replied' || !startsCalls(step)) return [];
  return event.calls.map(({ id }) => pathOf(to.path, id));
}

function startsCalls({ before, sent: { to, event } }: Step): boolean {
  const thinks = before.tree.find('agent', to.path)?.state === 'thinking';
  return event.type === 'model.replied' && event.calls.length > 0 && thinks;
}

/** The agents whose last open call was closed by a step. */
export function agentsWithoutCalls(step: Step): Path[] {
  const closed = closedCalls(step);
  const stillOpen = step.after.tree.actors.filter(({ kind }) => kind === 'toolCall');
  const waiting = new Set(stillOpen.map(({ path }) => agentOf(path)));
  return [...new Set(closed.map(agentOf))].filter((agent) => !waiting.has(agent));
}

/** The path of the delegation that a member works for. */
function callOf(member: Path): Path {
  return member.slice(0, member.lastIndexOf(':'));
}

/** The path of the agent that made a call. */
function agentOf(call: Path): Path {
  return call.slice(0, Math.max(0, call.lastIndexOf('/')));
}

/** Whether a path is another, or below it. */
export function isWithin(path: Path, above: Path): boolean {
  return above === '' || path === above || [':', '/'].some((by) => path.startsWith(above + by));
}
