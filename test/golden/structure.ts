/** The structure of the charts as one hash: whatever a saved run could meet, and no wording. */
import { createHash } from 'node:crypto';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';

const charts: readonly AnyStateMachine[] = [agentMachine, toolCallMachine];

/** SHA-256 over states, transitions, guards, actions and tags of both charts. */
export function structureHash(machines: readonly AnyStateMachine[] = charts): string {
  const structure = machines.map((chart) => [
    chart.id,
    Object.keys(chart.implementations.actors),
    structureOf(chart.root),
  ]);
  return createHash('sha256').update(JSON.stringify(structure)).digest('hex');
}

function structureOf(node: AnyStateNode): unknown {
  return {
    key: node.key,
    type: node.type,
    initial: node.type === 'compound' ? node.initial.target.map(({ id }) => id) : [],
    tags: node.tags,
    entry: node.entry,
    exit: node.exit,
    output: typeof node.output === 'function' ? 'function' : node.output,
    transitions: [...(node.always ?? []), ...[...node.transitions.values()].flat()].map(
      ({ eventType, guard, target, actions, reenter }) => ({
        eventType,
        guard,
        target: target?.map(({ id }) => id),
        actions,
        reenter,
      }),
    ),
    states: Object.values(node.states).map(structureOf),
  };
}
