/** What an agent's model is told of itself, and which tools it is offered. */
import { type Agent, delegateTool } from '../define/agent.ts';
import { parametersOf } from '../define/tool.ts';
import type { ToolSpec } from '../models/model.ts';

/** The system text: who the agent is, what it is to do, and whom it leads. */
export function instructionsOf(agent: Agent): string {
  return [
    `You are "${agent.name}".`,
    agent.role,
    ...(agent.instructions.length > 0
      ? ['Your instructions:', ...agent.instructions.map((line) => `- ${line}`)]
      : []),
    ...(agent.members.length > 0
      ? ['Your team:', ...agent.members.map(({ name, role }) => `- ${name}: ${role}`)]
      : []),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** The agent's tools, and the one by which a leader delegates. */
export function toolsOf(agent: Agent): ToolSpec[] {
  const own = agent.tools.map((tool) => ({
    name: tool.name,
    description: tool.description,
    parameters: parametersOf(tool),
  }));
  return agent.members.length > 0 ? [...own, delegation(agent)] : own;
}

function delegation({ members }: Agent): ToolSpec {
  const roles = members.map(({ name, role }) => `${name}: ${role}`).join('\n');
  return {
    name: delegateTool,
    description: `Gives a member of your team a task and returns the member's report.\n${roles}`,
    parameters: {
      type: 'object',
      properties: {
        member_id: { type: 'string', enum: members.map(({ name }) => name) },
        task: {
          type: 'string',
          description: 'The task, with all that the member needs to know: it sees nothing else.',
        },
      },
      required: ['member_id', 'task'],
      additionalProperties: false,
    },
  };
}
