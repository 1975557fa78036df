/**
 * One agent at work on one task: the leader is one, every member is one.
 *
 * The model is called on entering `thinking`, and `thinking` is entered from `answeringCalls` only
 * when every tool call has a result. Everything else in this file serves that sentence.
 */
import { type AnyStateMachine, assign, enqueueActions, sendParent, sendTo, setup } from 'xstate';
import { note } from './effects.ts';
import { toolCallMachine } from './tool-call.ts';
import {
  assignmentOf,
  type OpenCall,
  type Path,
  type PlannedCall,
  pathOf,
  type WaitsFor,
} from './vocabulary.ts';

export interface AgentInput {
  readonly path: Path;
  /** The names from the leader down, joined by "/". */
  readonly name: string;
}

export interface AgentContext {
  readonly path: Path;
  readonly name: string;
  readonly openCalls: readonly OpenCall[];
  /** The report of the member that is called now is this agent's own: it does not think again. */
  readonly routes: boolean;
}

export type AgentEvent =
  | {
      readonly type: 'model.replied';
      readonly calls: readonly PlannedCall[];
      /** A reply without calls that cannot be the report: the model is told why, and asked again. */
      readonly corrected: boolean;
      readonly routes: boolean;
    }
  | { readonly type: 'model.failed' }
  | { readonly type: 'call.waits'; readonly id: string; readonly waitsFor: WaitsFor }
  | { readonly type: 'run.cancelled' }
  | { readonly type: 'run.failed' }
  | {
      readonly type: 'xstate.done.actor.*';
      readonly actorId: string;
      readonly output: { readonly reported: boolean };
    };

/** How an agent ended, as its caller hears it. */
export interface AgentOutput {
  readonly outcome: 'reported' | 'failed' | 'cancelled';
}

/** What an agent as a whole waits for: a member at work, else a tool, else the person alone. */
function waitsFor(openCalls: readonly OpenCall[]): WaitsFor | 'nothing' {
  const order = ['member', 'tool', 'user'] as const;
  return order.find((whom) => openCalls.some((call) => call.waitsFor === whom)) ?? 'nothing';
}

export const agentMachine = setup({
  types: {
    input: {} as AgentInput,
    context: {} as AgentContext,
    events: {} as AgentEvent,
    output: {} as AgentOutput,
    tags: {} as 'settled',
  },
  actors: {
    // A getter, because the two charts refer to each other and neither is defined first.
    get toolCall(): AnyStateMachine {
      return toolCallMachine;
    },
  },
  guards: {
    everyToolCallAnswered: ({ context }) => context.openCalls.length === 0,
    theReportIsRouted: ({ context }) => context.openCalls.length === 0 && context.routes,
    waitsFor: ({ context }, whom: WaitsFor) => waitsFor(context.openCalls) === whom,
    hasCalls: (_, calls: readonly PlannedCall[]) => calls.length > 0,
    isCorrected: (_, corrected: boolean) => corrected,
  },
  actions: {
    callModel: ({ context, system }) =>
      note(system, { kind: 'callModel', agent: context.path, name: context.name }),
    startCalls: enqueueActions(
      (
        { context, enqueue },
        { calls, routes }: { readonly calls: readonly PlannedCall[]; readonly routes: boolean },
      ) => {
        const openCalls = calls.map(({ id }) => ({ id, waitsFor: 'tool' as const }));
        enqueue.assign({ openCalls, routes });
        for (const call of calls) {
          const input = { ...call, path: pathOf(context.path, call.id), askedBy: context.name };
          enqueue.spawnChild('toolCall', { id: call.id, input });
        }
      },
    ),
    noteWait: assign(({ context }, now: OpenCall) => ({
      openCalls: context.openCalls.map((call) => (call.id === now.id ? now : call)),
    })),
    closeCall: enqueueActions(
      (
        { context, enqueue },
        { id, reported }: { readonly id: string; readonly reported: boolean },
      ) => {
        const openCalls = context.openCalls.filter((call) => call.id !== id);
        enqueue.assign({ openCalls, routes: context.routes && reported });
        enqueue.stopChild(id);
      },
    ),
    cancelCalls: enqueueActions(({ context, enqueue }) => {
      for (const { id } of context.openCalls) enqueue(sendTo(id, { type: 'run.cancelled' }));
    }),
    tellCaller: enqueueActions(({ context, enqueue }, type: 'member.paused' | 'member.resumed') => {
      if (context.path !== '') enqueue(sendParent({ type, id: assignmentOf(context.path) }));
    }),
  },
}).createMachine({
  id: 'agent',
  // Without a bound, a careless guard would hang the process instead of failing the step.
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({ ...input, openCalls: [], routes: false }),
  output: ({ event }) => event.output as AgentOutput,
  initial: 'thinking',
  states: {
    thinking: {
      description: 'The model chooses the next step. Every earlier tool call has a result.',
      entry: 'callModel',
      on: {
        'model.replied': [
          {
            guard: { type: 'hasCalls', params: ({ event }) => event.calls },
            target: 'answeringCalls',
            actions: {
              type: 'startCalls',
              params: ({ event: { calls, routes } }) => ({ calls, routes }),
            },
          },
          {
            guard: { type: 'isCorrected', params: ({ event }) => event.corrected },
            target: 'thinking',
            reenter: true,
          },
          { target: 'completing' },
        ],
        'model.failed': 'failed',
        'run.failed': 'failed',
        'run.cancelled': 'cancelled',
      },
    },
    answeringCalls: {
      description: 'Some tool call of the last reply has no result yet.',
      always: [
        { guard: 'theReportIsRouted', target: 'completing' },
        { guard: 'everyToolCallAnswered', target: 'thinking' },
      ],
      on: {
        'call.waits': {
          actions: {
            type: 'noteWait',
            params: ({ event }) => ({ id: event.id, waitsFor: event.waitsFor }),
          },
        },
        'xstate.done.actor.*': {
          actions: {
            type: 'closeCall',
            params: ({ event }) => ({ id: event.actorId, reported: event.output.reported }),
          },
        },
        'run.failed': 'failing',
        'run.cancelled': 'cancelling',
      },
      initial: 'toolResultPending',
      states: {
        delegating: {
          description: 'A member is at work.',
          always: [
            { guard: { type: 'waitsFor', params: 'tool' }, target: 'toolResultPending' },
            { guard: { type: 'waitsFor', params: 'user' }, target: 'awaitingUserInput' },
          ],
        },
        toolResultPending: {
          description: 'No member is at work, but a tool is.',
          always: [
            { guard: { type: 'waitsFor', params: 'member' }, target: 'delegating' },
            { guard: { type: 'waitsFor', params: 'user' }, target: 'awaitingUserInput' },
          ],
        },
        awaitingUserInput: {
          description: 'Only the person can go on: each open call has a question, here or deeper.',
          tags: 'settled',
          entry: { type: 'tellCaller', params: 'member.paused' },
          exit: { type: 'tellCaller', params: 'member.resumed' },
          always: [
            { guard: { type: 'waitsFor', params: 'member' }, target: 'delegating' },
            { guard: { type: 'waitsFor', params: 'tool' }, target: 'toolResultPending' },
          ],
        },
      },
    },
    cancelling: {
      description: 'The run was cancelled: each open call gets its result before the end.',
      entry: 'cancelCalls',
      always: { guard: 'everyToolCallAnswered', target: 'cancelled' },
      on: {
        'xstate.done.actor.*': {
          actions: {
            type: 'closeCall',
            params: ({ event }) => ({ id: event.actorId, reported: false }),
          },
        },
      },
    },
    failing: {
      description: 'The run cannot go on: each open call gets its result before the end.',
      entry: 'cancelCalls',
      always: { guard: 'everyToolCallAnswered', target: 'failed' },
      on: {
        'xstate.done.actor.*': {
          actions: {
            type: 'closeCall',
            params: ({ event }) => ({ id: event.actorId, reported: false }),
          },
        },
      },
    },
    completing: {
      description: "The last reply is the report, or the routed member's report is.",
      always: 'done',
    },
    done: {
      description: 'The agent reported.',
      type: 'final',
      output: { outcome: 'reported' },
    },
    failed: {
      description: 'The model gave no usable reply, or the run cannot go on.',
      type: 'final',
      output: { outcome: 'failed' },
    },
    cancelled: {
      description: 'The run was cancelled.',
      type: 'final',
      output: { outcome: 'cancelled' },
    },
  },
});
