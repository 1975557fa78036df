/**
 * The chart of a tool call, each time with one thing broken.
 *
 * Every mutant is made from the real chart and cannot fall behind it.
 */
import { note } from '../../machines/effects.ts';
import { oneMember } from './menus.ts';
import { type Mutants, nothing, toolCallWhere, toolCallWith } from './mutate.ts';

export const toolCallMutants: Mutants = {
  menu: oneMember,
  byDamage: {
    'a result is lost': {
      charts: toolCallWith({ actions: { recordResult: nothing } }),
      breaks: 'each call that closes gets exactly one result',
    },
    'a result is recorded twice': {
      charts: toolCallWith({
        actions: {
          recordResult: ({ context, system }, source) => {
            const { path: call, askedBy } = context;
            const reports = source === 'member' ? [`${call}:A`] : [];
            note(system, { kind: 'recordResult', call, askedBy, source, reports });
            note(system, { kind: 'recordResult', call, askedBy, source, reports });
          },
        },
      }),
      breaks: 'each call that closes gets exactly one result',
    },
    'a tool is not run': {
      charts: toolCallWith({ actions: { runTool: nothing } }),
      breaks: 'a tool is run exactly when its call begins to wait for it',
    },
    'a question is not asked': {
      charts: toolCallWith({ actions: { askUser: nothing } }),
      breaks: 'a question is asked exactly when its call begins to wait for the person',
    },
    'a call waits for the person without telling its agent': {
      charts: toolCallWhere('awaitingUserInput', (awaitingUserInput) => ({
        ...awaitingUserInput,
        entry: 'askUser',
      })),
      breaks: 'an agent always knows whom it waits for',
    },
    'a tool call ignores the cancellation': {
      charts: toolCallWhere('toolResultPending', (toolResultPending) => ({
        ...toolResultPending,
        on: { ...toolResultPending.on, 'run.cancelled': [] },
      })),
      breaks: 'cancelling ends the run at once and answers every call',
    },
    'a cancelled delegation does not tell its members': {
      charts: toolCallWith({ actions: { cancelMembers: nothing } }),
      breaks: 'a passing state is never saved',
    },
    'an unknown outcome has no way out': {
      charts: toolCallWhere('outcomeUnknown', (outcomeUnknown) => ({ ...outcomeUnknown, on: {} })),
      breaks: 'every state leads to an end without stopping the run',
    },
  },
};
