/**
 * The life of one tool call, from the model's request to its one result.
 *
 * Every path through this chart ends in `answered` and records exactly one result on its way:
 * what a tool returned, what members reported, what a person filled in, or why nothing was done.
 */
import { type AnyStateMachine, assign, enqueueActions, sendParent, sendTo, setup } from 'xstate';
import { type AgentOutput, agentMachine } from './agent.ts';
import { note } from './effects.ts';
import { afterEnd, isOver, notBegun, type Progress, pathsOf, runnable, without } from './plan.ts';
import {
  type Intent,
  memberPathOf,
  type Path,
  type PlannedCall,
  type ResultSource,
  type WaitsFor,
} from './vocabulary.ts';

export interface ToolCallInput extends PlannedCall {
  readonly path: Path;
  /** The calling agent's name, with the names above it. */
  readonly askedBy: string;
}

export interface ToolCallContext extends ToolCallInput {
  /** How far a delegation has come; absent for every other call. */
  readonly progress?: Progress;
}

export type ToolCallEvent =
  | { readonly type: 'tool.finished' }
  | { readonly type: 'tool.asked' }
  | { readonly type: 'tool.outcomeUnknown' }
  | { readonly type: 'user.answered'; readonly unlocksTool: boolean }
  | { readonly type: 'question.expired'; readonly unlocksTool: boolean }
  | { readonly type: 'member.paused'; readonly id: string }
  | { readonly type: 'member.resumed'; readonly id: string }
  | { readonly type: 'run.cancelled' }
  | {
      readonly type: 'xstate.done.actor.*';
      readonly actorId: string;
      readonly output: AgentOutput;
    };

/** How a call ended, as its agent hears it. */
export interface ToolCallOutput {
  /** True for a delegation whose members all reported. */
  readonly reported: boolean;
}

function progressOf({ progress = notBegun }: ToolCallContext): Progress {
  return progress;
}

export const toolCallMachine = setup({
  types: {
    input: {} as ToolCallInput,
    context: {} as ToolCallContext,
    events: {} as ToolCallEvent,
    output: {} as ToolCallOutput,
  },
  actors: {
    get agent(): AnyStateMachine {
      return agentMachine;
    },
  },
  guards: {
    means: ({ context }, intent: Intent) => context.intent === intent,
    unlocksTool: (_, unlocks: boolean) => unlocks,
    everyMemberReported: ({ context }) => isOver(context.plan ?? [], progressOf(context)),
    noMemberWorks: ({ context }) => progressOf(context).working.length === 0,
  },
  actions: {
    runTool: ({ context, system }) =>
      note(system, { kind: 'runTool', call: context.path, askedBy: context.askedBy }),
    askUser: ({ context, system }) =>
      note(system, { kind: 'askUser', call: context.path, askedBy: context.askedBy }),
    recordResult: ({ context, system }, source: ResultSource) => {
      const { path: call, askedBy, plan = [] } = context;
      const ids = source === 'member' ? plan.map(({ id }) => id) : [];
      note(system, { kind: 'recordResult', call, askedBy, source, reports: pathsOf(call, ids) });
    },
    tellAgent: enqueueActions(({ context, enqueue }, waitsFor: WaitsFor) => {
      enqueue(sendParent({ type: 'call.waits', id: context.id, waitsFor }));
    }),
    tellAgentOfMembers: enqueueActions(({ context, enqueue }) => {
      const { working, paused } = progressOf(context);
      const waitsFor = working.length > paused.length ? 'member' : 'user';
      enqueue(sendParent({ type: 'call.waits', id: context.id, waitsFor }));
    }),
    startMembers: enqueueActions(({ context, enqueue }) => {
      const { path, askedBy, plan = [] } = context;
      const progress = progressOf(context);
      const next = runnable(plan, progress);
      for (const { id, member, after } of next) {
        const agent = memberPathOf(path, id);
        const brief = { kind: 'briefMember', agent, after: pathsOf(path, after) } as const;
        if (after.length > 0) enqueue(({ system }) => note(system, brief));
        enqueue.spawnChild('agent', { id, input: { path: agent, name: `${askedBy}/${member}` } });
      }
      const working = [...progress.working, ...next.map(({ id }) => id)];
      enqueue.assign({ progress: { ...progress, working } });
    }),
    noteReport: enqueueActions(
      ({ context, enqueue }, { id, outcome }: { readonly id: string } & AgentOutput) => {
        const { path: call, askedBy, plan = [] } = context;
        const { progress, skipped } = afterEnd(
          plan,
          progressOf(context),
          id,
          outcome === 'reported',
        );
        const ended = [
          { one: id, outcome },
          ...skipped.map((one) => ({ one, outcome: 'skipped' as const })),
        ];
        enqueue(({ system }) => {
          for (const { one, outcome } of ended) {
            const agent = memberPathOf(call, one);
            const name = `${askedBy}/${plan.find(({ id }) => id === one)?.member}`;
            note(system, { kind: 'recordReport', call, agent, name, outcome });
          }
        });
        enqueue.assign({ progress });
        enqueue.stopChild(id);
      },
    ),
    notePause: assign(({ context }, id: string) => {
      const progress = progressOf(context);
      return { progress: { ...progress, paused: [...without(progress.paused, id), id] } };
    }),
    noteResumption: assign(({ context }, id: string) => {
      const progress = progressOf(context);
      return { progress: { ...progress, paused: without(progress.paused, id) } };
    }),
    cancelMembers: enqueueActions(({ context, enqueue }) => {
      for (const id of progressOf(context).working) enqueue(sendTo(id, { type: 'run.cancelled' }));
    }),
  },
}).createMachine({
  id: 'toolCall',
  options: { maxIterations: 1_000 },
  context: ({ input }) => input,
  output: ({ context }) => ({
    reported: context.intent === 'delegation' && progressOf(context).failed.length === 0,
  }),
  initial: 'routing',
  states: {
    routing: {
      description: 'What the call means is known from the start; this only branches.',
      always: [
        { guard: { type: 'means', params: 'refusal' }, target: 'refused' },
        { guard: { type: 'means', params: 'delegation' }, target: 'delegating' },
        { guard: { type: 'means', params: 'question' }, target: 'awaitingUserInput' },
        { guard: { type: 'means', params: 'heldTool' }, target: 'awaitingUserInput' },
        { target: 'toolResultPending' },
      ],
    },
    refused: {
      description: 'No such tool, or arguments that do not fit: the result says so to the model.',
      always: { target: 'answered', actions: { type: 'recordResult', params: 'refusal' } },
    },
    delegating: {
      description: 'Members work on the task, each when what it builds on is reported.',
      entry: ['startMembers', 'tellAgentOfMembers'],
      always: {
        guard: 'everyMemberReported',
        target: 'answered',
        actions: { type: 'recordResult', params: 'member' },
      },
      on: {
        'member.paused': {
          actions: [{ type: 'notePause', params: ({ event }) => event.id }, 'tellAgentOfMembers'],
        },
        'member.resumed': {
          actions: [
            { type: 'noteResumption', params: ({ event }) => event.id },
            'tellAgentOfMembers',
          ],
        },
        'xstate.done.actor.*': {
          actions: [
            {
              type: 'noteReport',
              params: ({ event }) => ({ id: event.actorId, outcome: event.output.outcome }),
            },
            'startMembers',
            'tellAgentOfMembers',
          ],
        },
        'run.cancelled': { target: 'cancelling', actions: 'cancelMembers' },
      },
    },
    awaitingUserInput: {
      description: 'A question is open. Its answer is the result, or lets the held tool run.',
      entry: [{ type: 'tellAgent', params: 'user' }, 'askUser'],
      on: {
        'user.answered': [
          {
            guard: { type: 'unlocksTool', params: ({ event }) => event.unlocksTool },
            target: 'toolResultPending',
          },
          { target: 'answered', actions: { type: 'recordResult', params: 'user' } },
        ],
        'question.expired': [
          {
            guard: { type: 'unlocksTool', params: ({ event }) => event.unlocksTool },
            target: 'toolResultPending',
          },
          { target: 'answered', actions: { type: 'recordResult', params: 'expiry' } },
        ],
        'run.cancelled': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'cancellation' },
        },
      },
    },
    toolResultPending: {
      description: 'The tool runs; what it returns is the result, unless it asks the person first.',
      entry: [{ type: 'tellAgent', params: 'tool' }, 'runTool'],
      on: {
        'tool.finished': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'tool' },
        },
        'tool.asked': 'awaitingUserInput',
        'tool.outcomeUnknown': 'outcomeUnknown',
        'run.cancelled': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'cancellation' },
        },
      },
    },
    outcomeUnknown: {
      description: 'A crash hid whether the tool ran. Only the person can say.',
      entry: [{ type: 'tellAgent', params: 'user' }, 'askUser'],
      on: {
        'user.answered': [
          {
            guard: { type: 'unlocksTool', params: ({ event }) => event.unlocksTool },
            target: 'toolResultPending',
          },
          { target: 'answered', actions: { type: 'recordResult', params: 'user' } },
        ],
        'run.cancelled': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'cancellation' },
        },
      },
    },
    cancelling: {
      description: 'The run was cancelled: the members close their own calls first.',
      always: {
        guard: 'noMemberWorks',
        target: 'answered',
        actions: { type: 'recordResult', params: 'cancellation' },
      },
      on: {
        'xstate.done.actor.*': {
          actions: {
            type: 'noteReport',
            params: ({ event }) => ({ id: event.actorId, outcome: event.output.outcome }),
          },
        },
      },
    },
    answered: { description: 'The call has its result.', type: 'final' },
  },
});
