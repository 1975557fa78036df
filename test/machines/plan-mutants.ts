/**
 * The delegation of a tool call, each time with one thing broken.
 *
 * Who begins and what is noted of an end is rewritten here in short, each time with one change.
 */
import { enqueueActions, StateMachine, sendParent } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { type ChartRequest, note } from '../../machines/effects.ts';
import { afterEnd, notBegun, type Progress, pathsOf, runnable } from '../../machines/plan.ts';
import { type ToolCallContext, toolCallMachine } from '../../machines/tool-call.ts';
import { type Assignment, memberPathOf, type ReportOutcome } from '../../machines/vocabulary.ts';
import { oneList } from './menus.ts';
import { type Mutants, nothing, toolCallWith } from './mutate.ts';
import { pair } from './whole-tree.ts';

type Brief = Extract<ChartRequest, { kind: 'briefMember' }>;

/** Begins those who are chosen; what a member is told of earlier reports may be changed. */
function startMembers(
  choose: (plan: readonly Assignment[], progress: Progress) => Assignment[],
  told: (brief: Brief) => Brief[] = (brief) => [brief],
) {
  return toolCallWith({
    actions: {
      startMembers: enqueueActions(({ context, enqueue }) => {
        const { path, plan = [], progress = notBegun } = context;
        const next = choose(plan, progress);
        for (const { id, member, after } of next) {
          const agent = memberPathOf(path, id);
          const briefs = told({ kind: 'briefMember', agent, after: pathsOf(path, after) });
          if (after.length > 0) {
            enqueue(({ system }) => {
              for (const brief of briefs) note(system, brief);
            });
          }
          const input = { path: agent, name: `${context.askedBy}/${member}` };
          enqueue.spawnChild('agent', { id, input });
        }
        const working = [...progress.working, ...next.map(({ id }) => id)];
        enqueue.assign({ progress: { ...progress, working } });
      }),
    },
  });
}

interface End {
  readonly progress: Progress;
  /** What is recorded, in order. */
  readonly reports: readonly { readonly id: string; readonly outcome: ReportOutcome }[];
}

/** Notes how a member ended; what is remembered and recorded of it may be changed. */
function noteReport(change: (end: End, context: ToolCallContext, id: string) => End) {
  return toolCallWith({
    actions: {
      noteReport: enqueueActions(({ context, enqueue }, { id, outcome }) => {
        const { path: call, askedBy, plan = [], progress: before = notBegun } = context;
        const end = afterEnd(plan, before, id, outcome === 'reported');
        const skipped = end.skipped.map((one) => ({ id: one, outcome: 'skipped' as const }));
        const sound = { progress: end.progress, reports: [{ id, outcome }, ...skipped] };
        const { progress, reports } = change(sound, context, id);
        enqueue(({ system }) => {
          for (const { id: one, outcome: how } of reports) {
            const agent = memberPathOf(call, one);
            note(system, { kind: 'recordReport', call, agent, name: askedBy, outcome: how });
          }
        });
        enqueue.assign({ progress });
        enqueue.stopChild(id);
      }),
    },
  });
}

const beginningMutants: Mutants['byDamage'] = {
  'a task does not wait for what it builds on': {
    charts: startMembers((plan, { working, reported, failed }) =>
      plan.filter(({ id }) => ![...working, ...reported, ...failed].includes(id)),
    ),
    breaks: 'an assignment begins exactly when all that it builds on are reported',
  },
  'a task begins when what it builds on has failed': {
    charts: noteReport(({ progress, reports }, _, id) => ({
      progress: { ...progress, reported: [...new Set([...progress.reported, id])], failed: [] },
      reports: reports.slice(0, 1),
    })),
    breaks: 'an assignment begins exactly when all that it builds on are reported',
  },
  'no task begins after the first ones': {
    charts: startMembers((plan, progress) =>
      progress === notBegun ? runnable(plan, progress) : [],
    ),
    breaks: 'every state leads to an end without stopping the run',
  },
  'a task begins again when it has ended': {
    charts: noteReport(({ progress, reports }, _, id) => ({
      progress: {
        ...progress,
        reported: progress.reported.filter((one) => one !== id),
        failed: progress.failed.filter((one) => one !== id),
      },
      reports,
    })),
    breaks: 'an assignment begins at most once',
  },
  'a member is not told of earlier reports': {
    charts: startMembers(runnable, () => []),
    breaks: 'a member is told of exactly the reports that it builds on before it thinks',
  },
  'a member is told of reports of nobody': {
    charts: startMembers(runnable, (brief) => [{ ...brief, after: [] }]),
    breaks: 'a member is told of exactly the reports that it builds on before it thinks',
  },
  'a member is told twice of earlier reports': {
    charts: startMembers(runnable, (brief) => [brief, brief]),
    breaks: 'a member is told of exactly the reports that it builds on before it thinks',
  },
};

const endingMutants: Mutants['byDamage'] = {
  'a skipped task is not reported': {
    charts: noteReport(({ progress, reports }) => ({ progress, reports: reports.slice(0, 1) })),
    breaks: 'each assignment has exactly one report before the result of its call',
  },
  'a report is recorded twice': {
    charts: noteReport(({ progress, reports }) => ({
      progress,
      reports: [...reports, ...reports],
    })),
    breaks: 'each assignment has exactly one report before the result of its call',
  },
  'a delegation ends with its first report': {
    charts: toolCallWith({
      guards: { everyMemberReported: ({ context }) => context.progress?.reported.length === 1 },
    }),
    breaks: 'each assignment has exactly one report before the result of its call',
  },
  'a failure skips nothing': {
    charts: noteReport(({ progress, reports }, { progress: before = notBegun }, id) => ({
      progress: {
        ...progress,
        failed: progress.failed.filter((one) => one === id || before.failed.includes(one)),
      },
      reports: reports.slice(0, 1),
    })),
    breaks: 'an assignment is skipped exactly when one that it builds on failed or was skipped',
  },
  'a failure skips all that have not begun': {
    charts: noteReport(({ progress, reports }, { plan = [] }, id) => {
      if (!progress.failed.includes(id)) return { progress, reports };
      const { working, reported, failed } = progress;
      const idle = plan.filter((one) => ![...working, ...reported, ...failed].includes(one.id));
      return {
        progress: { ...progress, failed: [...failed, ...idle.map((one) => one.id)] },
        reports: [...reports, ...idle.map((one) => ({ id: one.id, outcome: 'skipped' as const }))],
      };
    }),
    breaks: 'an assignment is skipped exactly when one that it builds on failed or was skipped',
  },
  'a failure skips those at work': {
    charts: noteReport(({ progress, reports }, _, id) => {
      if (!progress.failed.includes(id)) return { progress, reports };
      const atWork = progress.working.map((one) => ({ id: one, outcome: 'skipped' as const }));
      return { progress, reports: [...reports, ...atWork] };
    }),
    breaks: 'a skipped assignment never had an actor',
  },
  'every end is recorded as a report': {
    charts: noteReport(({ progress, reports }) => ({
      progress,
      reports: reports.map(({ id }) => ({ id, outcome: 'reported' })),
    })),
    breaks: 'a report says how the member ended',
  },
};

/** Results list these ids, whatever the plan's order. */
function resultsList(choose: (progress: Progress) => readonly string[]) {
  return toolCallWith({
    actions: {
      recordResult: ({ context, system }, source) => {
        const { path: call, askedBy, progress = notBegun } = context;
        const reports = source === 'member' ? pathsOf(call, choose(progress)) : [];
        note(system, { kind: 'recordResult', call, askedBy, source, reports });
      },
    },
  });
}

/** The agent is told what the delegation waits for, in another way. */
function tellAgentOfMembers(waits: (progress: Progress) => boolean) {
  return toolCallWith({
    actions: {
      tellAgentOfMembers: enqueueActions(({ context, enqueue }) => {
        const { id, progress = notBegun } = context;
        const waitsFor = waits(progress) ? 'user' : 'member';
        enqueue(sendParent({ type: 'call.waits', id, waitsFor }));
      }),
    },
  });
}

const tellingMutants: Mutants['byDamage'] = {
  'the result lists the reports as they came': {
    charts: resultsList(({ reported, failed }) => [...reported, ...failed]),
    breaks: 'the result of a delegation lists the reports in the order of its plan',
  },
  'the result lists no failed reports': {
    charts: resultsList(({ reported }) => reported),
    breaks: 'the result of a delegation lists the reports in the order of its plan',
  },
  'one paused member is enough to pause': {
    charts: tellAgentOfMembers(({ paused }) => paused.length > 0),
    breaks: 'a run pauses exactly when only questions remain',
  },
  'a delegation never says that it is paused': {
    charts: tellAgentOfMembers(() => false),
    breaks: 'a run pauses exactly when only questions remain',
  },
  'a delegation forgets who is paused': {
    charts: toolCallWith({ actions: { notePause: nothing } }),
    breaks: 'a run pauses exactly when only questions remain',
  },
  'a delegation forgets who went on': {
    charts: toolCallWith({ actions: { noteResumption: nothing } }),
    breaks: 'an agent always knows whom it waits for',
  },
  'a delegation says that it reported though a member failed': {
    charts: pair(
      agentMachine,
      new StateMachine(
        { ...toolCallMachine.config, output: { reported: true } },
        toolCallMachine.implementations,
      ),
    ),
    breaks: 'an agent thinks again when its calls are answered, but not after a routed report',
  },
};

export const planMutants: Mutants = {
  menu: oneList,
  byDamage: { ...beginningMutants, ...endingMutants, ...tellingMutants },
};
