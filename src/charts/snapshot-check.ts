/**
 * Checks a saved tree against the charts of now, without making an actor of it. XState takes up a
 * tree that does not fit without a word: a state that is gone kills the actor later, a part that was
 * added is never begun. The only file that looks into XState's machines for it.
 */
import type { AnyStateMachine } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';

/** An actor as XState saves it. */
interface SavedActor {
  readonly value?: unknown;
  readonly context?: unknown;
  readonly children?: Readonly<
    Record<string, { readonly src?: unknown; readonly snapshot: SavedActor }>
  >;
}

/**
 * What of a snapshot does not fit the charts, as sentences; empty if the charts can take it up.
 *
 * @param chart the chart of the tree's root; default the leader's
 */
export function chartMisfits(snapshot: string, chart: AnyStateMachine = agentMachine): string[] {
  return misfitsOf(chart, JSON.parse(snapshot), 'The leader');
}

function misfitsOf(chart: AnyStateMachine, saved: SavedActor, who: string): string[] {
  const inside = Object.entries(saved.children ?? {}).flatMap(([id, { src, snapshot }]) => {
    const actors: Readonly<Record<string, unknown>> = chart.implementations.actors;
    const logic = typeof src === 'string' && Object.hasOwn(actors, src) ? actors[src] : undefined;
    return isChart(logic)
      ? misfitsOf(logic, snapshot, `${who} > ${id}`)
      : [`${who} > ${id} is of the chart "${src}", which there is not.`];
  });
  return [...stateMisfits(chart, saved, who), ...inside];
}

function stateMisfits(chart: AnyStateMachine, saved: SavedActor, who: string): string[] {
  try {
    const { value } = chart.resolveState({ value: saved.value as string, context: saved.context });
    return inOneOrder(value) === inOneOrder(saved.value)
      ? []
      : [`${who} is in ${text(saved.value)}, which is only a part of ${text(value)} now.`];
  } catch {
    return [`${who} is in ${text(saved.value)}, a state that the chart "${chart.id}" has not.`];
  }
}

function isChart(logic: unknown): logic is AnyStateMachine {
  return typeof logic === 'object' && logic !== null && 'resolveState' in logic;
}

function text(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

/** JSON with the regions of a parallel state in one order. */
function inOneOrder(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
