/**
 * Draws a chart as Mermaid, from its definition: the picture cannot differ from the machine.
 *
 * It covers what Cadenza's charts are made of: nested, initial and final states, transitions with
 * and without events. Parallel and history states are drawn as plain ones.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { call, type Transition, transitionsOf } from './transitions.ts';

/**
 * Prints a machine as the text of a Mermaid `stateDiagram-v2`.
 *
 * An arrow reads `event [guard] / actions`. What happens inside a state stands in its box: its
 * entry and exit actions, and the events that it takes without leaving. State descriptions are
 * left out, because as notes they hide the arrows.
 */
export function chartMermaid(machine: AnyStateMachine): string {
  return ['stateDiagram-v2', ...drawInside(machine.root)].join('\n');
}

/** The initial state, the states and the arrows between them, in the order of the definition. */
function drawInside(parent: AnyStateNode): string[] {
  const states = Object.values(parent.states);
  const initial = parent.initial.target.map((state) => `[*] --> ${idOf(state)}`);
  return [...initial, ...states.flatMap(drawState), ...states.flatMap(drawArrows)].map(indent);
}

function drawState(state: AnyStateNode): string[] {
  const id = idOf(state);
  const title = `state "${state.key}" as ${id}`;
  const lines = linesInside(state);
  if (state.type !== 'compound') return [title, ...lines.map((line) => `${id} : ${line}`)];
  // Mermaid gives the box of a nested state no lines of text, so they become a note beside it.
  const note = lines.length > 0 ? [`note right of ${id}`, ...lines.map(indent), 'end note'] : [];
  return [`${title} {`, ...drawInside(state), '}', ...note];
}

function linesInside(state: AnyStateNode): string[] {
  const order = (name: string, actions: readonly unknown[]) =>
    actions.length > 0 ? [`${name} / ${actions.map(call).join(', ')}`] : [];
  return [
    ...order('entry', state.entry),
    ...order('exit', state.exit),
    ...transitionsOf(state)
      .filter(({ target }) => target === undefined)
      .map(label),
  ];
}

function drawArrows(state: AnyStateNode): string[] {
  const id = idOf(state);
  const arrows = transitionsOf(state).flatMap((transition) =>
    (transition.target ?? []).map((target) => {
      const text = label(transition);
      return `${id} --> ${idOf(target)}${text === '' ? '' : ` : ${text}`}`;
    }),
  );
  return state.type === 'final' ? [...arrows, `${id} --> [*]`] : arrows;
}

function label({ eventType, guard, actions }: Transition): string {
  return [
    String(eventType),
    guard === undefined ? '' : `[${call(guard)}]`,
    actions.length > 0 ? `/ ${actions.map(call).join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** Mermaid's ids are words; the path makes them unique. */
function idOf(state: AnyStateNode): string {
  return state.path.join('_');
}

function indent(line: string): string {
  return `  ${line}`;
}
