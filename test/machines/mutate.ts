/** How the charts are broken: an implementation is replaced, or one state of a chart's own config. */
import { type AnyStateMachine, StateMachine } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import type { Menu } from './offers.ts';
import type { Property } from './properties.ts';
import { type Charts, pair } from './whole-tree.ts';

export interface Mutant {
  readonly charts: Charts;
  /** The property that is about this damage. Others may break with it. */
  readonly breaks: Property;
}

/** Mutants by what is broken in them, with the team in which that must be seen. */
export interface Mutants {
  readonly menu: Menu;
  readonly byDamage: Readonly<Record<string, Mutant>>;
}

type States = NonNullable<AnyStateMachine['config']['states']>;
type State = States[string];

export const nothing = () => {};

export function agentWith(parts: Parameters<typeof agentMachine.provide>[0]): Charts {
  return pair(agentMachine.provide(parts), toolCallMachine);
}

export function toolCallWith(parts: Parameters<typeof toolCallMachine.provide>[0]): Charts {
  return pair(agentMachine, toolCallMachine.provide(parts));
}

/** The charts with one state of the agent changed. */
export function agentWhere(name: string, change: (state: State) => State): Charts {
  return pair(withState(agentMachine, name, change), toolCallMachine);
}

/** The charts with one state of the tool call changed. */
export function toolCallWhere(name: string, change: (state: State) => State): Charts {
  return pair(agentMachine, withState(toolCallMachine, name, change));
}

function withState(machine: AnyStateMachine, name: string, change: (state: State) => State) {
  const state = machine.config.states?.[name];
  if (!state) throw new Error(`The chart "${machine.id}" has no state "${name}".`);
  const states = { ...machine.config.states, [name]: change(state) };
  return new StateMachine({ ...machine.config, states }, machine.implementations);
}
