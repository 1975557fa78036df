/** What an agent's model is told of itself, and which tools it is offered. */
import type { Agent } from '../define/agent.ts';
import { jsonSchemaOf } from '../define/json-schema.ts';
import { parametersOf } from '../define/tool.ts';
import type { ToolSpec } from '../models/model.ts';
import { delegationSpec } from './delegations.ts';

/**
 * The system text: who the agent is, what it is to do, and whom it leads.
 *
 * @param reporters the agents whose report its last reply is: itself, and leaders that route to it
 */
export function instructionsOf(agent: Agent, reporters: readonly Agent[]): string {
  return [
    `You are "${agent.name}".`,
    agent.role,
    ...(agent.instructions.length > 0
      ? ['Your instructions:', ...agent.instructions.map((line) => `- ${line}`)]
      : []),
    ...(agent.members.length > 0
      ? ['Your team:', ...agent.members.map(({ name, role }) => `- ${name}: ${role}`)]
      : []),
    ...reporters.flatMap(({ output }) =>
      output
        ? [
            'Your last reply is nothing but JSON that fits this schema:',
            JSON.stringify(jsonSchemaOf(output)),
          ]
        : [],
    ),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** An agent never changes, and its schemas take longer to write than all the rest of a request. */
const known = new WeakMap<Agent, readonly ToolSpec[]>();

/** The agent's tools, and the one by which a leader delegates. */
export function toolsOf(agent: Agent): readonly ToolSpec[] {
  const specs = known.get(agent) ?? specsOf(agent);
  known.set(agent, specs);
  return specs;
}

function specsOf(agent: Agent): ToolSpec[] {
  const own = agent.tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    parameters: parametersOf(tool),
  }));
  return agent.members.length > 0 ? [...own, delegationSpec(agent)] : own;
}
