/** Which arrows of a chart an actor went along in a step. */
import type { Edge, Transition } from './bodies.ts';

/**
 * The arrows from one state to another, in order; none where the chart has no such way, as it may be
 * for steps that an older chart took. The step's event leads away from the first state, if that takes
 * it; from there on only arrows without an event are taken, for a step comes to rest.
 *
 * @param event the type of the step's event
 */
export function routeTaken(
  edges: readonly Edge[],
  { from, to }: Pick<Transition, 'from' | 'to'>,
  event: string,
): Edge[] {
  const byEvent = leaving(edges, from ?? '*').filter((edge) => takes(edge, event));
  const first = byEvent.length > 0 ? byEvent : leaving(edges, from ?? '*').filter(needsNoEvent);
  const routes = first.map((edge) => [edge]);
  const seen = new Set(first);
  for (const route of routes) {
    const reached = route.at(-1)?.to ?? '';
    if (reached === to) return route;
    for (const edge of next(edges, reached)) {
      if (!seen.has(edge)) routes.push([...route, edge]);
      seen.add(edge);
    }
  }
  return [];
}

/** The arrows that lead away from a state, or from one that contains it. */
export function leaving(edges: readonly Edge[], state: string): Edge[] {
  return edges.filter(({ from }) => from === state || state.startsWith(`${from}.`));
}

/** Whoever enters a group goes on from its dot. */
function next(edges: readonly Edge[], state: string): Edge[] {
  const inside = edges.filter(({ from }) => from === `${state}.*`);
  return inside.length > 0 ? inside : leaving(edges, state).filter(needsNoEvent);
}

function needsNoEvent({ transitions }: Edge): boolean {
  return transitions.length === 0 || transitions.some(({ event }) => event === null);
}

/** Whoever is below hears of the run's end as of a cancellation. */
function takes({ transitions }: Edge, event: string): boolean {
  const heard = event === 'run.failed' ? ['run.failed', 'run.cancelled'] : [event];
  return transitions.some((one) => one.event !== null && heard.includes(one.event));
}
