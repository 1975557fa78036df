/** The two charts, by what follows them, and what a chart can take where an actor stands. */
import { type AnyStateMachine, getNextTransitions } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import type { ActorKind } from '../actors.ts';
import type { ChartDrawing } from './drawing.ts';
// Made from the machines by `npm run build:charts`; a test compares them.
import drawings from './drawings.json' with { type: 'json' };
import { chartMermaid } from './mermaid.ts';

const machines: Readonly<Record<ActorKind, AnyStateMachine>> = {
  agent: agentMachine,
  toolCall: toolCallMachine,
};

/** A chart, drawn. */
export function chartOf(kind: ActorKind): ChartDrawing {
  return (drawings as unknown as Readonly<Record<ActorKind, ChartDrawing>>)[kind];
}

/** A chart, as the text of a Mermaid diagram. */
export function chartText(kind: ActorKind): string {
  return chartMermaid(machines[kind]);
}

/** The types of the events that an actor's chart takes in a state, whatever their guards say. */
export function eventsIn(kind: ActorKind, state: string): string[] {
  const value = state
    .split('.')
    .reduceRight<object | string>((inner, key) => (inner === '' ? key : { [key]: inner }), '');
  const snapshot = machines[kind].resolveState({ value: value as string, context: {} });
  const types = getNextTransitions(snapshot).map(({ eventType }) => String(eventType));
  return [...new Set(types.filter((type) => type !== ''))].sort();
}

/**
 * A chart as JSON: the definition that it was created from, without functions. XState's
 * `createMachine` takes it, and Stately's editor imports it.
 */
export function machineJson(kind: ActorKind): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(machines[kind].config));
}
