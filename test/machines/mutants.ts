/**
 * The charts, each time with one thing broken.
 *
 * Every mutant is made from the real charts and cannot fall behind them: an implementation is
 * replaced, or one state of the chart's own config.
 */
import {
  type AnyStateMachine,
  assign,
  enqueueActions,
  fromCallback,
  StateMachine,
  sendParent,
} from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { note } from '../../machines/effects.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import type { Property } from './properties.ts';
import { type Charts, pair } from './whole-tree.ts';

export interface Mutant {
  readonly charts: Charts;
  /** The property that is about this damage. Others may break with it. */
  readonly breaks: Property;
}

type States = NonNullable<AnyStateMachine['config']['states']>;

const nothing = () => {};

/** What the charts must not do: XState starts it again whenever the tree is woken. */
const caller = fromCallback(({ system }) =>
  note(system, { kind: 'callModel', agent: '', name: 'Leader' }),
);

function agentWith(parts: Parameters<typeof agentMachine.provide>[0]): Charts {
  return pair(agentMachine.provide(parts), toolCallMachine);
}

function toolCallWith(parts: Parameters<typeof toolCallMachine.provide>[0]): Charts {
  return pair(agentMachine, toolCallMachine.provide(parts));
}

function withStates(machine: AnyStateMachine, change: (states: States) => States) {
  const states = change(machine.config.states ?? {});
  const config = { ...machine.config, states: { ...machine.config.states, ...states } };
  return new StateMachine(config, machine.implementations);
}

export const mutants: Readonly<Record<string, Mutant>> = {
  'the guard of thinking is gone': {
    charts: agentWith({ guards: { everyToolCallAnswered: () => true } }),
    breaks: 'no agent thinks while a call is open',
  },
  'the guard of thinking is off by one': {
    charts: agentWith({
      guards: { everyToolCallAnswered: ({ context }) => context.openCalls.length <= 1 },
    }),
    breaks: 'no agent thinks while a call is open',
  },
  'one call that waits for the person is enough to pause': {
    charts: agentWith({
      guards: {
        waitsFor: ({ context }, whom) =>
          (['user', 'tool', 'member'] as const).find((it) =>
            context.openCalls.some((call) => call.waitsFor === it),
          ) === whom,
      },
    }),
    breaks: 'a run pauses exactly when only questions remain',
  },
  'an agent waits for everyone at once': {
    charts: agentWith({
      guards: {
        waitsFor: ({ context }, whom) => context.openCalls.some((call) => call.waitsFor === whom),
      },
    }),
    breaks: 'no actor fails',
  },
  'a paused agent never leaves its pause': {
    charts: pair(
      withStates(agentMachine, ({ answeringCalls }) => ({
        answeringCalls: {
          ...answeringCalls,
          states: {
            ...answeringCalls?.states,
            awaitingUserInput: { tags: 'settled' },
          },
        },
      })),
      toolCallMachine,
    ),
    breaks: 'a run pauses exactly when only questions remain',
  },
  'an agent forgets whom its calls wait for': {
    charts: agentWith({ actions: { noteWait: nothing } }),
    breaks: 'an agent always knows whom it waits for',
  },
  'a member pauses without telling': {
    charts: agentWith({ actions: { tellCaller: nothing } }),
    breaks: 'a run pauses exactly when only questions remain',
  },
  'a member resumes without telling': {
    charts: agentWith({
      actions: {
        tellCaller: enqueueActions(({ context, enqueue }, type) => {
          if (context.path !== '' && type === 'member.paused') enqueue(sendParent({ type }));
        }),
      },
    }),
    breaks: 'an agent always knows whom it waits for',
  },
  'a result is lost': {
    charts: toolCallWith({ actions: { recordResult: nothing } }),
    breaks: 'each call that closes gets exactly one result',
  },
  'a result is recorded twice': {
    charts: toolCallWith({
      actions: {
        recordResult: ({ context, system }, source) => {
          note(system, {
            kind: 'recordResult',
            call: context.path,
            askedBy: context.askedBy,
            source,
          });
          note(system, {
            kind: 'recordResult',
            call: context.path,
            askedBy: context.askedBy,
            source,
          });
        },
      },
    }),
    breaks: 'each call that closes gets exactly one result',
  },
  'an answered call stays in the context': {
    charts: agentWith({
      actions: { closeCall: enqueueActions(({ enqueue }, id) => enqueue.stopChild(id)) },
    }),
    breaks: 'every saved actor is alive, and is an open call or works on one',
  },
  'an answered call stays in the tree': {
    charts: agentWith({
      actions: {
        closeCall: assign(({ context }, id) => ({
          openCalls: context.openCalls.filter((call) => call.id !== id),
        })),
      },
    }),
    breaks: 'every saved actor is alive, and is an open call or works on one',
  },
  'closing one call closes all': {
    charts: agentWith({
      actions: {
        closeCall: enqueueActions(({ enqueue }, id) => {
          enqueue.assign({ openCalls: [] });
          enqueue.stopChild(id);
        }),
      },
    }),
    breaks: 'no agent thinks while a call is open',
  },
  'the end of a call is not heard': {
    charts: pair(
      withStates(agentMachine, ({ answeringCalls }) => ({
        answeringCalls: {
          ...answeringCalls,
          on: { ...answeringCalls?.on, 'xstate.done.actor.*': [] },
        },
      })),
      toolCallMachine,
    ),
    breaks: 'an agent always knows whom it waits for',
  },
  'the model is not called': {
    charts: agentWith({ actions: { callModel: nothing } }),
    breaks: 'the model is called exactly when an agent begins to think',
  },
  'a tool is not run': {
    charts: toolCallWith({ actions: { runTool: nothing } }),
    breaks: 'a tool is run exactly when its call begins to wait for it',
  },
  'a question is not asked': {
    charts: toolCallWith({ actions: { askUser: nothing } }),
    breaks: 'a question is asked exactly when its call begins to wait for the person',
  },
  'a tool call ignores the cancellation': {
    charts: pair(
      agentMachine,
      withStates(toolCallMachine, ({ toolResultPending }) => ({
        toolResultPending: {
          ...toolResultPending,
          on: { ...toolResultPending?.on, 'run.cancelled': [] },
        },
      })),
    ),
    breaks: 'cancelling ends the run at once and answers every call',
  },
  'a cancelled agent does not tell its calls': {
    charts: agentWith({ actions: { cancelCalls: nothing } }),
    breaks: 'a passing state is never saved',
  },
  'a cancelled delegation does not tell its member': {
    charts: toolCallWith({ actions: { cancelMember: nothing } }),
    breaks: 'a passing state is never saved',
  },
  'a cancelled agent drops its calls': {
    charts: pair(
      withStates(agentMachine, ({ answeringCalls }) => ({
        answeringCalls: {
          ...answeringCalls,
          on: { ...answeringCalls?.on, 'run.cancelled': 'cancelled' },
        },
      })),
      toolCallMachine,
    ),
    breaks: 'each call that closes gets exactly one result',
  },
  'an unknown outcome has no way out': {
    charts: pair(
      agentMachine,
      withStates(toolCallMachine, ({ outcomeUnknown }) => ({
        outcomeUnknown: { ...outcomeUnknown, on: {} },
      })),
    ),
    breaks: 'every state leads to an end',
  },
  'the model is called by an actor of its own': {
    charts: pair(
      withStates(agentMachine, ({ thinking }) => ({
        thinking: { ...thinking, entry: [], invoke: { id: 'caller', src: caller } },
      })),
      toolCallMachine,
    ),
    breaks: 'saving and waking changes nothing and asks for nothing',
  },
};
