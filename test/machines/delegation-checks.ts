/** What holds of delegations and of ends. Each check says whether a state or a step breaks it. */
import type { ChartRequest } from '../../machines/effects.ts';
import type { Path } from '../../machines/vocabulary.ts';
import { agentsWithoutCalls, type Fate, isWithin, routedAfter } from './ledger.ts';
import { delegations, listed, noted } from './steps.ts';
import type { Edge, TreeState } from './whole-tree.ts';

type Report = Extract<ChartRequest, { kind: 'recordReport' }>;

function reportsOf({ after }: Edge): Report[] {
  return after.requests.filter((request) => request.kind === 'recordReport');
}

/** A member is at work exactly when it has begun and has not ended. */
export function beginsTwice({ tree, ledger }: TreeState): boolean {
  return delegations(tree.actors).some(({ members }) =>
    members.some(({ member }) => tree.has('agent', member) !== (ledger.fates[member] === 'begun')),
  );
}

/** Neither too early nor too late; one that builds on a failed one is another property's matter. */
export function beginsAtTheWrongTime({ tree, ledger: { fates } }: TreeState): boolean {
  return delegations(tree.actors).some(({ members }) =>
    members.some(({ member, after }) => {
      const begun = fates[member] !== undefined && fates[member] !== 'skipped';
      return begun !== after.every((one) => fates[one] === 'reported');
    }),
  );
}

/** Through others or not: one that was skipped skips the next. */
export function skipsWrongly({ tree, ledger: { fates } }: TreeState): boolean {
  const lost: (Fate | undefined)[] = ['failed', 'skipped'];
  return delegations(tree.actors).some(({ members }) =>
    members.some(({ member, after }) => {
      return (fates[member] === 'skipped') !== after.some((one) => lost.includes(fates[one]));
    }),
  );
}

/** Looks at the ledger and at both trees: no actor may have stood where nobody was to work. */
export function skipsOneThatBegan(edge: Edge): boolean {
  const { before, after } = edge;
  return reportsOf(edge).some(
    ({ agent, outcome }) =>
      outcome === 'skipped' &&
      (before.ledger.fates[agent] !== undefined ||
        before.tree.has('agent', agent) ||
        after.tree.has('agent', agent)),
  );
}

/** Reads the requests of a step in their order: a report must come before the result. */
export function reportsWrongly(edge: Edge): boolean {
  const { before, after } = edge;
  const { fates } = before.ledger;
  const ended = new Set(Object.keys(fates).filter((member) => fates[member] !== 'begun'));
  const plans = new Map(delegations(before.tree.actors).map((it) => [it.call, it.members]));
  return after.requests.some((request) => {
    if (request.kind === 'recordReport') {
      const again = ended.has(request.agent);
      ended.add(request.agent);
      return again;
    }
    if (request.kind !== 'recordResult') return false;
    return plans.get(request.call)?.some(({ member }) => !ended.has(member)) ?? false;
  });
}

/** What is told to one agent is its own end; what it tells those below it is a cancellation. */
export function reportsAnotherEnd(edge: Edge): boolean {
  const { to, event } = edge.sent;
  return reportsOf(edge).some(({ agent, outcome }) => {
    if (outcome === 'skipped') return false;
    if (event.type === 'run.cancelled') return outcome !== 'cancelled';
    if (event.type !== 'run.failed' && event.type !== 'model.failed') return outcome !== 'reported';
    return outcome !== (to.path === agent ? 'failed' : 'cancelled');
  });
}

/** Only a result that is made of reports names any, and then in the order of the plan. */
export function listsOtherReports({ before, after }: Edge): boolean {
  const plans = new Map(delegations(before.tree.actors).map((it) => [it.call, it.members]));
  return after.requests.some((request) => {
    if (request.kind !== 'recordResult') return false;
    const members = request.source === 'member' ? (plans.get(request.call) ?? []) : [];
    return request.reports.join() !== members.map(({ member }) => member).join();
  });
}

/** The reports that a member builds on are written into its transcript before its model reads it. */
export function briefsWrongly(edge: Edge): boolean {
  const { before, after } = edge;
  const fresh = delegations(after.tree.actors)
    .flatMap(({ members }) => members)
    .filter(({ member }) => after.tree.has('agent', member) && !before.tree.has('agent', member));
  const needed = fresh.filter((it) => it.after.length > 0);
  if (noted(edge, 'briefMember') !== listed(needed.map(({ member }) => member))) return true;
  return needed.some(({ member, after: earlier }) => {
    const first = after.requests.find((it) => 'agent' in it && it.agent === member);
    return first?.kind !== 'briefMember' || first.after.join() !== earlier.join();
  });
}

/**
 * An agent whose last call closes goes on in one of two ways. Those that are stopped by this very
 * event go neither, and are left out.
 */
export function goesOnWrongly(edge: Edge): boolean {
  const { sent, after } = edge;
  const called: Path[] = after.requests.flatMap((it) => (it.kind === 'callModel' ? it.agent : []));
  const routed = routedAfter(edge);
  return agentsWithoutCalls(edge).some((path) => {
    if (sent.event.type.startsWith('run.') && isWithin(path, sent.to.path)) return false;
    const agent = after.tree.find('agent', path);
    if (!routed.includes(path)) return agent?.state !== 'thinking' || !called.includes(path);
    const isOver = path === '' ? agent?.state === 'done' : agent === undefined;
    return !isOver || called.includes(path);
  });
}

/** Whether the whole run is over, each call that was open has one result, and no more was done. */
export function stopsAtOnce(edge: Edge, end: 'cancelled' | 'failed'): boolean {
  const { before, after } = edge;
  const open = before.tree.actors.filter(({ kind }) => kind === 'toolCall');
  const closings = after.requests.every(
    (it) =>
      (it.kind === 'recordResult' && it.source === 'cancellation') ||
      (it.kind === 'recordReport' && ['cancelled', 'skipped'].includes(it.outcome)),
  );
  return (
    after.tree.leader.state === end &&
    after.tree.actors.length === 1 &&
    closings &&
    noted(edge, 'recordResult') === listed(open.map(({ path }) => path))
  );
}
