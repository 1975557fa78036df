/** Runs that wait in every way in which a run can, by teams and scripts that bring them there. */
import * as z from 'zod';
import {
  type Agent,
  ask,
  defineAgent,
  defineTeam,
  defineTool,
  getUserInput,
  type Model,
  type TeamMode,
} from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { ask as askFor, delegate } from '../kit/turns.ts';

/** One way to wait, and the step that continues it. */
export interface WaitingRun {
  readonly agents: Readonly<Record<string, readonly Turn[]>>;
  readonly mode?: TeamMode;
  /** The event that continues it: the first of this type, or the nth. */
  readonly continuedBy: readonly [type: string, nth?: number];
  /** True closes the runtime while a tool works, and opens another one. */
  readonly interrupted?: boolean;
  /** True starts a second run in the session, which waits for the first; it is the one that is kept. */
  readonly queued?: boolean;
}

const asks: readonly Turn[] = [[askFor('g', 'city')], 'asked'];

const notes: readonly Turn[] = [[call('note', { line: 'x' }, 'n')], 'noted'];

const task = (id: string, member: string, ...after: string[]) => ({
  id,
  member_id: member,
  task: id,
  depends_on: after,
});

const toA: readonly Turn[] = [[delegate('c', 'A')], 'done'];

/** By the name of the file that keeps it. */
export const waitingRuns: Readonly<Record<string, WaitingRun>> = {
  'model-works': { agents: { Desk: toA, A: asks }, continuedBy: ['model.replied'] },
  'tool-works': { agents: { Desk: notes }, continuedBy: ['tool.finished'] },
  'member-works': { agents: { Desk: toA, A: ['done'] }, continuedBy: ['model.replied', 1] },
  'member-asks': { agents: { Desk: toA, A: asks }, continuedBy: ['user.answered'] },
  'held-tool': {
    agents: { Desk: toA, A: [[call('pay', { sum: 2 }, 'p')], 'paid'] },
    continuedBy: ['user.answered'],
  },
  external: { agents: { Desk: [[call('ship', {}, 's')], 'done'] }, continuedBy: ['user.answered'] },
  'body-asks': {
    agents: { Desk: [[call('check', {}, 'k')], 'done'] },
    continuedBy: ['user.answered'],
  },
  'outcome-unknown': {
    agents: { Desk: toA, A: [[call('work', {}, 'w')], 'worked'] },
    continuedBy: ['user.answered'],
    interrupted: true,
  },
  'several-members': {
    agents: {
      Desk: [[delegate('a', 'A'), delegate('b', 'B'), call('note', { line: 'x' }, 'n')], 'done'],
      A: asks,
      B: [[askFor('g1', 'city'), askFor('g2', 'date')], 'asked'],
    },
    continuedBy: ['user.answered'],
  },
  broadcast: {
    agents: {
      Desk: [[call('delegate_task_to_members', { task: 'x' }, 'c')], 'done'],
      A: asks,
      B: notes,
    },
    mode: 'broadcast',
    continuedBy: ['user.answered'],
  },
  tasks: {
    agents: {
      Desk: [[call('run_tasks', { tasks: [task('t1', 'A'), task('t2', 'B', 't1')] }, 'c')], 'done'],
      A: asks,
      B: ['done'],
    },
    mode: 'tasks',
    continuedBy: ['user.answered'],
  },
  'routed-member-works': {
    agents: { Desk: toA, A: ['done'] },
    mode: 'route',
    continuedBy: ['model.replied', 1],
  },
  route: { agents: { Desk: toA, A: asks }, mode: 'route', continuedBy: ['user.answered'] },
  'three-levels': {
    agents: {
      Desk: [[delegate('a', 'A'), delegate('i', 'Inner')], 'done'],
      A: asks,
      Inner: [[delegate('d', 'D')], 'done'],
      D: [[askFor('g', 'city'), call('pay', { sum: 2 }, 'p')], 'done'],
    },
    continuedBy: ['user.answered', 1],
  },
  queued: {
    agents: { Desk: asks },
    continuedBy: ['run.started', 1],
    queued: true,
  },
};

/** What happens while the tool `work` runs: it begins, and returns once it is told to. */
export interface Work {
  readonly began: () => void;
  readonly isFirst: () => boolean;
}

/** A leader, two members, and a member that leads a member; all with every tool. */
export function waitingTeam(model: Model, mode: TeamMode, work: Work): Agent {
  const tools = [getUserInput(), ...toolsOf(work)];
  const agent = (name: string) => defineAgent({ name, role: `Is ${name}.`, model, tools });
  const inner = defineTeam({ name: 'Inner', role: 'Leads.', model, members: [agent('D')] });
  const members = [agent('A'), agent('B'), ...(mode === 'broadcast' ? [] : [inner])];
  return defineTeam({ name: 'Desk', mode, model, tools, members, whilePaused: 'queue' });
}

function toolsOf({ began, isFirst }: Work) {
  const base = { description: 'Is used.', input: z.object({}) };
  return [
    defineTool({
      ...base,
      name: 'note',
      input: z.object({ line: z.string() }),
      execute: () => 'noted',
    }),
    defineTool({
      ...base,
      name: 'pay',
      input: z.object({ sum: z.int() }),
      approval: 'always',
      execute: () => 'paid',
    }),
    defineTool({ ...base, name: 'ship' }),
    defineTool({
      ...base,
      name: 'check',
      execute: (_, { answers: [answer] }) =>
        answer ? 'checked' : ask(z.object({ code: z.string() }), 'Which code?'),
    }),
    defineTool({
      ...base,
      name: 'work',
      execute: async (_, { signal }) => {
        const isCut = isFirst();
        began();
        const aborted = Promise.withResolvers<void>();
        signal.addEventListener('abort', () => aborted.resolve());
        if (isCut) await aborted.promise;
        return 'worked';
      },
    }),
  ];
}
