/**
 * The chart of an agent, each time with one thing broken.
 *
 * Every mutant is made from the real chart and cannot fall behind it.
 */
import { assign, enqueueActions, fromCallback, sendParent } from 'xstate';
import { note } from '../../machines/effects.ts';
import { oneMember } from './menus.ts';
import { agentWhere, agentWith, type Mutants, nothing } from './mutate.ts';

/** What the charts must not do: XState starts it again whenever the tree is woken. */
const caller = fromCallback(({ system }) =>
  note(system, { kind: 'callModel', agent: '', name: 'Leader' }),
);

const thinkingMutants: Mutants['byDamage'] = {
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
  'the model is not called': {
    charts: agentWith({ actions: { callModel: nothing } }),
    breaks: 'the model is called exactly when an agent begins to think',
  },
  'the model is called by an actor of its own': {
    charts: agentWhere('thinking', (thinking) => ({
      ...thinking,
      entry: [],
      invoke: { id: 'caller', src: caller },
    })),
    breaks: 'saving and waking changes nothing and asks for nothing',
  },
  'a corrected reply is the report': {
    charts: agentWith({ guards: { isCorrected: () => false } }),
    breaks: 'a reply without calls is the report, unless it is corrected',
  },
  'every reply without calls is corrected': {
    charts: agentWith({ guards: { isCorrected: () => true } }),
    breaks: 'a reply without calls is the report, unless it is corrected',
  },
  'a corrected reply does not call the model again': {
    charts: agentWhere('thinking', (thinking) => ({
      ...thinking,
      on: {
        ...thinking.on,
        'model.replied': [thinking.on?.['model.replied']]
          .flat()
          .map((one) => (typeof one === 'object' ? { ...one, reenter: false } : one)),
      },
    })),
    breaks: 'the model is called exactly when an agent begins to think',
  },
  'a corrected reply loses its calls': {
    charts: agentWhere('thinking', (thinking) => ({
      ...thinking,
      on: {
        ...thinking.on,
        'model.replied': [thinking.on?.['model.replied']].flat().reverse().slice(1),
      },
    })),
    breaks: 'each call that closes gets exactly one result',
  },
};

const waitingMutants: Mutants['byDamage'] = {
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
    charts: agentWhere('answeringCalls', (answeringCalls) => ({
      ...answeringCalls,
      states: { ...answeringCalls.states, awaitingUserInput: { tags: 'settled' } },
    })),
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
          const isPause = context.path !== '' && type === 'member.paused';
          if (isPause) enqueue(sendParent({ type, id: 'A' }));
        }),
      },
    }),
    breaks: 'an agent always knows whom it waits for',
  },
  'a member pauses under another name': {
    charts: agentWith({
      actions: {
        tellCaller: enqueueActions(({ context, enqueue }, type) => {
          if (context.path !== '') enqueue(sendParent({ type, id: context.path }));
        }),
      },
    }),
    breaks: 'a delegation always knows which of its members are paused',
  },
};

const closingMutants: Mutants['byDamage'] = {
  'an answered call stays in the context': {
    charts: agentWith({
      actions: { closeCall: enqueueActions(({ enqueue }, { id }) => enqueue.stopChild(id)) },
    }),
    breaks: 'every saved actor is alive, and is an open call or works on one',
  },
  'an answered call stays in the tree': {
    charts: agentWith({
      actions: {
        closeCall: assign(({ context }, { id }) => ({
          openCalls: context.openCalls.filter((call) => call.id !== id),
          routes: false,
        })),
      },
    }),
    breaks: 'every saved actor is alive, and is an open call or works on one',
  },
  'closing one call closes all': {
    charts: agentWith({
      actions: {
        closeCall: enqueueActions(({ enqueue }, { id }) => {
          enqueue.assign({ openCalls: [], routes: false });
          enqueue.stopChild(id);
        }),
      },
    }),
    breaks: 'no agent thinks while a call is open',
  },
  'the end of a call is not heard': {
    charts: agentWhere('answeringCalls', (answeringCalls) => ({
      ...answeringCalls,
      on: { ...answeringCalls.on, 'xstate.done.actor.*': [] },
    })),
    breaks: 'an agent always knows whom it waits for',
  },
  'a routed report calls the model': {
    charts: agentWith({ guards: { theReportIsRouted: () => false } }),
    breaks: 'an agent thinks again when its calls are answered, but not after a routed report',
  },
  'every report is routed': {
    charts: agentWith({
      guards: { theReportIsRouted: ({ context }) => context.openCalls.length === 0 },
    }),
    breaks: 'an agent thinks again when its calls are answered, but not after a routed report',
  },
  'a failed report is routed, too': {
    charts: agentWith({
      actions: {
        closeCall: enqueueActions(({ context, enqueue }, { id }) => {
          enqueue.assign({ openCalls: context.openCalls.filter((call) => call.id !== id) });
          enqueue.stopChild(id);
        }),
      },
    }),
    breaks: 'an agent thinks again when its calls are answered, but not after a routed report',
  },
};

const stoppingMutants: Mutants['byDamage'] = {
  'a cancelled agent does not tell its calls': {
    charts: agentWith({ actions: { cancelCalls: nothing } }),
    breaks: 'a passing state is never saved',
  },
  'a cancelled agent drops its calls': {
    charts: agentWhere('answeringCalls', (answeringCalls) => ({
      ...answeringCalls,
      on: { ...answeringCalls.on, 'run.cancelled': 'cancelled' },
    })),
    breaks: 'each call that closes gets exactly one result',
  },
  'a failed agent drops its calls': {
    charts: agentWhere('answeringCalls', (answeringCalls) => ({
      ...answeringCalls,
      on: { ...answeringCalls.on, 'run.failed': 'failed' },
    })),
    breaks: 'each call that closes gets exactly one result',
  },
  'an agent that answers calls does not hear that the run failed': {
    charts: agentWhere('answeringCalls', (answeringCalls) => ({
      ...answeringCalls,
      on: { ...answeringCalls.on, 'run.failed': [] },
    })),
    breaks: 'failing ends the run at once and answers every call',
  },
  'a run that failed counts as cancelled': {
    charts: agentWhere('answeringCalls', (answeringCalls) => ({
      ...answeringCalls,
      on: { ...answeringCalls.on, 'run.failed': 'cancelling' },
    })),
    breaks: 'failing ends the run at once and answers every call',
  },
  'a thinking agent does not hear that the run failed': {
    charts: agentWhere('thinking', (thinking) => ({
      ...thinking,
      on: { ...thinking.on, 'run.failed': [] },
    })),
    breaks: 'failing ends the run at once and answers every call',
  },
};

export const agentMutants: Mutants = {
  menu: oneMember,
  byDamage: { ...thinkingMutants, ...waitingMutants, ...closingMutants, ...stoppingMutants },
};
