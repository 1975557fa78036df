/** Makes a random team real: its definition, and the script of each of its agents. */
import {
  type Agent,
  type AgentOptions,
  defineAgent,
  defineTeam,
  type Model,
  type TeamMode,
  type Tool,
} from '../../src/index.ts';
import { call, type ToolCallTurn, type Turn } from '../../src/testing/index.ts';
import type { AgentSpec, CallSpec, TaskSpec, TurnSpec } from './team-specs.ts';
import type { ToolName } from './toolbox.ts';

/** The leader's name. A member's is its leader's and its number: `T`, `T0`, `T01`. */
export const leaderName = 'T';

const delegationTools: Readonly<Record<TeamMode, string>> = {
  coordinate: 'delegate_task_to_member',
  route: 'delegate_task_to_member',
  broadcast: 'delegate_task_to_members',
  tasks: 'run_tasks',
};

/** Defines the team with the model and the tools of one process; each agent has those that it calls. */
export function teamOf(
  spec: AgentSpec,
  model: Model,
  tools: readonly Tool[],
  name = leaderName,
): Agent {
  const called = new Set(spec.turns.flatMap(({ calls }) => calls.map(toolOf)));
  const own = tools.filter((tool) => called.has(tool.name));
  const options: AgentOptions = { name, role: `Works as ${name}.`, model, tools: own };
  const members = spec.members.map((one, index) => teamOf(one, model, tools, `${name}${index}`));
  if (members.length === 0) return defineAgent(options);
  return defineTeam({ ...options, mode: spec.mode, members });
}

function toolOf(call: CallSpec): string {
  return 'tool' in call ? call.tool : '';
}

/** What every agent's model says, by the agent's name. */
export function scriptsOf(spec: AgentSpec, name = leaderName): Record<string, readonly Turn[]> {
  const below = spec.members.map((member, index) => scriptsOf(member, `${name}${index}`));
  const turns = spec.turns.map((turn, index) => turnOf(spec, name, turn, index));
  return Object.assign({ [name]: [...turns, endingOf(spec, name)] }, ...below);
}

/** The specs of all agents, by name. */
export function specsOf(spec: AgentSpec, name = leaderName): Record<string, AgentSpec> {
  const below = spec.members.map((member, index) => specsOf(member, `${name}${index}`));
  return Object.assign({ [name]: spec }, ...below);
}

/** The calls of one turn, as the model makes them. */
export function callsOf(
  spec: AgentSpec,
  name: string,
  { calls, oneId }: TurnSpec,
  turn: number,
): ToolCallTurn[] {
  return calls.map((one, position) => {
    const n = turn * 10 + position;
    const id = oneId ? `c${turn}` : `c${turn}_${position}`;
    const [tool, args] = toolAndArguments(spec, name, one, n);
    return call(tool, args, id);
  });
}

function turnOf(spec: AgentSpec, name: string, turn: TurnSpec, index: number): Turn {
  const calls = callsOf(spec, name, turn, index);
  return turn.cutOff ? { calls, finishReason: 'length' } : calls;
}

function endingOf({ ending }: AgentSpec, name: string): Turn {
  switch (ending) {
    case 'report':
      return ({ messages }) => {
        const task = messages.find(({ role }) => role === 'user')?.content;
        return `${name} reports on: ${String(task).slice(0, 60)}`;
      };
    case 'refusal':
      return { refusal: 'No.' };
    case 'error':
      return { status: 400 };
  }
}

function toolAndArguments(
  spec: AgentSpec,
  name: string,
  one: CallSpec,
  n: number,
): readonly [string, unknown] {
  const delegate = delegationTools[spec.mode];
  switch (one.kind) {
    case 'tool':
      return [one.tool, argumentsOf(one.tool, n, one.ms)];
    case 'unknownTool':
      return ['no_such_tool', { n }];
    case 'badArguments':
      return [one.tool, { n: 'many' }];
    case 'brokenJson':
      return [one.tool, '{"n":'];
    case 'unknownMember':
      return [delegate, delegationOf(spec.mode, ['Nobody'], [{ id: 0, member: 0, after: [] }], n)];
    case 'delegation': {
      const members = spec.members.map((_, index) => `${name}${index}`);
      return [delegate, delegationOf(spec.mode, members, one.tasks, n)];
    }
  }
}

function argumentsOf(tool: ToolName, n: number, ms: number): unknown {
  if (tool === 'get_user_input') {
    const field = { field_name: 'city', field_type: 'str', field_description: `City ${n}?` };
    return { user_input_fields: [field, { ...field, field_name: 'days', field_type: 'int' }] };
  }
  if (tool === 'ask_user') {
    const options = ['red', 'green', 'blue'].map((label) => ({ label }));
    const question = { question: `Colour ${n}?`, options };
    const several = { question: `Colours ${n}?`, options, multi_select: true };
    return { questions: [question, several] };
  }
  return { n, ms };
}

function delegationOf(
  mode: TeamMode,
  members: readonly string[],
  tasks: readonly TaskSpec[],
  n: number,
): unknown {
  const memberOf = ({ member }: TaskSpec) => members[member % Math.max(1, members.length)] ?? 'T';
  const [first] = tasks;
  if (mode === 'broadcast') return { task: `task ${n}` };
  if (mode !== 'tasks') return { member_id: first ? memberOf(first) : '', task: `task ${n}` };
  return {
    tasks: tasks.map((one) => ({
      id: `t${one.id}`,
      member_id: memberOf(one),
      task: `task ${n}.${one.id}`,
      depends_on: one.after.map((id) => `t${id}`),
    })),
  };
}
