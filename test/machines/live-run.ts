/** A run's actor tree, alive: tell an agent or a call something, and see what was asked for. */
import type { AnyActorRef } from 'xstate';
import { type AgentContext, type AgentEvent, agentMachine } from '../../machines/agent.ts';
import { type ChartRequest, takeRequests } from '../../machines/effects.ts';
import { type ToolCallEvent, toolCallMachine } from '../../machines/tool-call.ts';
import type { Intent, Path, PlannedCall } from '../../machines/vocabulary.ts';
import { stateName } from './tree.ts';
import { actorAt, type Sent, wake } from './whole-tree.ts';

export interface LiveRun {
  /** What the run asked for when it began. */
  readonly begun: readonly ChartRequest[];
  /** Each tells an actor something, and returns what the whole tree asked for in that step. */
  toAgent(path: Path, event: AgentEvent): ChartRequest[];
  toCall(path: Path, event: ToolCallEvent): ChartRequest[];
  reply(path: Path, ...calls: PlannedCall[]): ChartRequest[];
  cancel(): ChartRequest[];
  /** The state of an agent or a call, or `gone`. */
  agent(path: Path): string;
  call(path: Path): string;
  openCalls(path: Path): AgentContext['openCalls'];
}

export function startRun(): LiveRun {
  const leader = wake({ agent: agentMachine, toolCall: toolCallMachine });
  const begun = takeRequests(leader.system);

  function tell(to: Sent['to'], event: AgentEvent | ToolCallEvent): ChartRequest[] {
    const actor = actorAt(leader, to);
    if (!actor) throw new Error(`There is no ${to.kind} at "${to.path}".`);
    actor.send(event);
    return takeRequests(leader.system);
  }
  function state(to: Sent['to']): string {
    const actor: AnyActorRef | undefined = actorAt(leader, to);
    return actor ? stateName(actor.getSnapshot().value) : 'gone';
  }
  return {
    begun,
    toAgent: (path, event) => tell({ kind: 'agent', path }, event),
    toCall: (path, event) => tell({ kind: 'toolCall', path }, event),
    reply: (path, ...calls) => tell({ kind: 'agent', path }, { type: 'model.replied', calls }),
    cancel: () => tell({ kind: 'agent', path: '' }, { type: 'run.cancelled' }),
    agent: (path) => state({ kind: 'agent', path }),
    call: (path) => state({ kind: 'toolCall', path }),
    openCalls: (path) => actorAt(leader, { kind: 'agent', path })?.getSnapshot().context.openCalls,
  };
}

export function call(id: string, intent: Exclude<Intent, 'delegation'>): PlannedCall {
  return { id, intent };
}

export function delegation(id: string, member: string): PlannedCall {
  return { id, intent: 'delegation', member };
}

/** The requests in short: `recordResult d/t tool`. */
export function short(requests: readonly ChartRequest[]): string[] {
  return requests.map(inShort);
}

function inShort(request: ChartRequest): string {
  switch (request.kind) {
    case 'callModel':
      return `callModel ${request.name}`;
    case 'runTool':
      return `runTool ${request.call}`;
    case 'askUser':
      return `askUser ${request.call} ${request.reason}`;
    case 'recordResult':
      return `recordResult ${request.call} ${request.source}`;
  }
}
