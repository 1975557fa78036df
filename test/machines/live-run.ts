/** A run's actor tree, alive: tell an agent or a call something, and see what was asked for. */
import { type AgentContext, type AgentEvent, agentMachine } from '../../machines/agent.ts';
import { type ChartRequest, takeRequests } from '../../machines/effects.ts';
import { type ToolCallEvent, toolCallMachine } from '../../machines/tool-call.ts';
import type { Path, PlannedCall } from '../../machines/vocabulary.ts';
import { stateName } from './tree.ts';
import { actorAt, wake } from './whole-tree.ts';

export interface LiveRun {
  /** What the run asked for when it began. */
  readonly begun: readonly ChartRequest[];
  /** Each tells an actor something, and returns what the whole tree asked for in that step. */
  toAgent(path: Path, event: AgentEvent): ChartRequest[];
  toCall(path: Path, event: ToolCallEvent): ChartRequest[];
  reply(path: Path, ...calls: PlannedCall[]): ChartRequest[];
  /** A reply after which the report of the member, if it reports, is the agent's own. */
  route(path: Path, ...calls: PlannedCall[]): ChartRequest[];
  cancel(): ChartRequest[];
  /** The state of an agent or a call, or `gone`. */
  state(path: Path): string;
  openCalls(path: Path): AgentContext['openCalls'];
}

export function startRun(): LiveRun {
  const leader = wake({ agent: agentMachine, toolCall: toolCallMachine });
  const begun = takeRequests(leader.system);

  function tell(path: Path, event: AgentEvent | ToolCallEvent): ChartRequest[] {
    const actor = actorAt(leader, path);
    if (!actor) throw new Error(`There is nobody at "${path}".`);
    actor.send(event);
    return takeRequests(leader.system);
  }
  function say(path: Path, calls: readonly PlannedCall[], routes: boolean): ChartRequest[] {
    return tell(path, { type: 'model.replied', calls, corrected: false, routes });
  }
  return {
    begun,
    toAgent: tell,
    toCall: tell,
    reply: (path, ...calls) => say(path, calls, false),
    route: (path, ...calls) => say(path, calls, true),
    cancel: () => tell('', { type: 'run.cancelled' }),
    state: (path) => {
      const actor = actorAt(leader, path);
      return actor ? stateName(actor.getSnapshot().value) : 'gone';
    },
    openCalls: (path) => actorAt(leader, path)?.getSnapshot().context.openCalls,
  };
}

/** The requests in short: `recordResult d:Worker/t tool`. */
export function short(requests: readonly ChartRequest[]): string[] {
  return requests.map(inShort);
}

function inShort(request: ChartRequest): string {
  switch (request.kind) {
    case 'callModel':
      return `callModel ${request.name}`;
    case 'runTool':
    case 'askUser':
      return `${request.kind} ${request.call}`;
    case 'briefMember':
      return `briefMember ${request.agent} (${request.after})`;
    case 'recordReport':
      return `recordReport ${request.agent} ${request.outcome}`;
    case 'recordResult':
      return `recordResult ${request.call} ${request.source}`;
  }
}
