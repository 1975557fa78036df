/**
 * The life of one tool call, from the model's request to its one result.
 *
 * Every path through this chart ends in `answered` and records exactly one result on its way:
 * what a tool returned, what a member reported, what a person filled in, or why nothing was done.
 */
import { type AnyStateMachine, enqueueActions, sendParent, sendTo, setup } from 'xstate';
import { agentMachine } from './agent.ts';
import { note } from './effects.ts';
import type {
  Intent,
  Path,
  PlannedCall,
  QuestionReason,
  ResultSource,
  WaitsFor,
} from './vocabulary.ts';

export interface ToolCallInput extends PlannedCall {
  readonly path: Path;
  /** The calling agent's name, with the names above it. */
  readonly askedBy: string;
}

export type ToolCallContext = ToolCallInput;

export type ToolCallEvent =
  | { readonly type: 'tool.finished' }
  | { readonly type: 'tool.outcomeUnknown' }
  | { readonly type: 'user.answered'; readonly unlocksTool: boolean }
  | { readonly type: 'member.paused' }
  | { readonly type: 'member.resumed' }
  | { readonly type: 'run.cancelled' }
  | { readonly type: 'xstate.done.actor.member' };

export const toolCallMachine = setup({
  types: {
    input: {} as ToolCallInput,
    context: {} as ToolCallContext,
    events: {} as ToolCallEvent,
  },
  actors: {
    get agent(): AnyStateMachine {
      return agentMachine;
    },
  },
  guards: {
    means: ({ context }, intent: Intent) => context.intent === intent,
    unlocksTool: (_, unlocks: boolean) => unlocks,
  },
  actions: {
    runTool: ({ context, system }) =>
      note(system, { kind: 'runTool', call: context.path, askedBy: context.askedBy }),
    askUser: ({ context, system }, reason: QuestionReason) =>
      note(system, { kind: 'askUser', call: context.path, askedBy: context.askedBy, reason }),
    recordResult: ({ context, system }, source: ResultSource) =>
      note(system, {
        kind: 'recordResult',
        call: context.path,
        askedBy: context.askedBy,
        source,
      }),
    tellAgent: enqueueActions(({ context, enqueue }, waitsFor: WaitsFor) => {
      enqueue(sendParent({ type: 'call.waits', id: context.id, waitsFor }));
    }),
    callMember: enqueueActions(({ context, enqueue }) => {
      const name = `${context.askedBy}/${context.member}`;
      enqueue.spawnChild('agent', { id: 'member', input: { path: context.path, name } });
    }),
    cancelMember: enqueueActions(({ enqueue }) =>
      enqueue(sendTo('member', { type: 'run.cancelled' })),
    ),
  },
}).createMachine({
  id: 'toolCall',
  options: { maxIterations: 1_000 },
  context: ({ input }) => input,
  initial: 'routing',
  states: {
    routing: {
      description: 'What the call means is known from the start; this only branches.',
      always: [
        { guard: { type: 'means', params: 'refusal' }, target: 'refused' },
        { guard: { type: 'means', params: 'delegation' }, target: 'delegating' },
        { guard: { type: 'means', params: 'question' }, target: 'awaitingUserInput' },
        { target: 'toolResultPending' },
      ],
    },
    refused: {
      description: 'No such tool, or arguments that do not fit: the result says so to the model.',
      always: { target: 'answered', actions: { type: 'recordResult', params: 'refusal' } },
    },
    delegating: {
      description: 'A member works on the task; its last reply is the result.',
      entry: [{ type: 'tellAgent', params: 'member' }, 'callMember'],
      on: {
        'member.paused': { actions: { type: 'tellAgent', params: 'user' } },
        'member.resumed': { actions: { type: 'tellAgent', params: 'member' } },
        'xstate.done.actor.member': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'member' },
        },
        'run.cancelled': { target: 'cancelling', actions: 'cancelMember' },
      },
    },
    awaitingUserInput: {
      description: 'A question is open. Its answer is the result.',
      entry: [
        { type: 'tellAgent', params: 'user' },
        { type: 'askUser', params: 'input_required' },
      ],
      on: {
        'user.answered': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'user' },
        },
        'run.cancelled': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'cancellation' },
        },
      },
    },
    toolResultPending: {
      description: 'The tool runs; what it returns is the result.',
      entry: [{ type: 'tellAgent', params: 'tool' }, 'runTool'],
      on: {
        'tool.finished': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'tool' },
        },
        'tool.outcomeUnknown': 'outcomeUnknown',
        'run.cancelled': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'cancellation' },
        },
      },
    },
    outcomeUnknown: {
      description: 'A crash hid whether the tool ran. Only the person can say.',
      entry: [
        { type: 'tellAgent', params: 'user' },
        { type: 'askUser', params: 'outcome_unknown' },
      ],
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
      description: 'The run was cancelled: the member closes its own calls first.',
      on: {
        'xstate.done.actor.member': {
          target: 'answered',
          actions: { type: 'recordResult', params: 'cancellation' },
        },
      },
    },
    answered: { description: 'The call has its result.', type: 'final' },
  },
});
