/**
 * The teams whose every state is explored.
 *
 * What bounds them: a call is in one of three states while it is open, whatever it means (a
 * question may unlock a tool, a tool may ask), so one call that may be made makes the states four
 * times as many, and a routed reply up to twice. Hence at most four questions and tools in a team,
 * of at most three members, and at most four tasks: 16,311 steps of about 0.15 ms in the largest.
 * Two members with a tool, a held tool and a question each, and a leader with as much, would be
 * millions. `plan.test.ts` tries any plan of seven tasks.
 */
import type { Menu } from './offers.ts';
import { call, delegation, taskList } from './planned-calls.ts';

const tool = call('tool', 'tool');
const held = call('held', 'heldTool');
const question = call('question', 'question');
const refusal = call('refusal', 'refusal');

/** Every meaning that a call of one's own may have. */
export const alone: Menu = { '': { calls: [tool, held, question, refusal], routes: true } };

/** Two delegations that wait for different things at the same time. */
export const twoMembers: Menu = {
  '': { calls: [delegation('a', 'A'), delegation('b', 'B'), refusal] },
  'a:A': { calls: [tool, question] },
  'b:B': { calls: [held] },
};

/** One delegation to two members at once. */
export const broadcast: Menu = {
  '': { calls: [delegation('all', 'A', 'B'), question] },
  'all:A': { calls: [tool, refusal] },
  'all:B': { calls: [question] },
};

const tasks = taskList('list', { t1: [], t2: ['t1'], t3: [] });

/** One task that builds on another, and one apart. */
export const threeTasks: Menu = {
  '': { calls: [tasks, tool] },
  'list:t1': { calls: [tool] },
  'list:t2': { calls: [question] },
  'list:t3': { calls: [held] },
};

/** Tasks that build on others through others, and one that builds on two. */
export const fourTasks: Menu = {
  '': {
    calls: [taskList('list', { t1: [], t2: [], t3: ['t1'], t4: ['t2', 't3'] })],
    routes: true,
  },
  'list:t1': { calls: [question] },
  'list:t2': { calls: [] },
  'list:t3': { calls: [] },
  'list:t4': { calls: [] },
};

/** A member's report may be the leader's own, and so may the reports of a plan. */
export const routingLeader: Menu = {
  '': {
    calls: [delegation('a', 'A'), taskList('list', { t1: [], t2: ['t1'] }), tool, refusal],
    routes: true,
  },
  'a:A': { calls: [question] },
  'list:t1': { calls: [] },
  'list:t2': { calls: [tool] },
};

/** A member that leads a member, and both leaders may route. */
export const threeLevels: Menu = {
  '': { calls: [delegation('a', 'A'), question], routes: true },
  'a:A': { calls: [delegation('b', 'B'), tool], routes: true },
  'a:A/b:B': { calls: [tool, refusal] },
};

/** The smallest team in which each chart is used in each role: for the mutants. */
export const oneMember: Menu = {
  '': { calls: [delegation('a', 'A'), tool, refusal], routes: true },
  'a:A': { calls: [question] },
};

/** The smallest team that shows each part of a plan: for the mutants, too. */
export const oneList: Menu = {
  '': { calls: [tasks], routes: true },
  'list:t1': { calls: [question] },
  'list:t2': { calls: [] },
  'list:t3': { calls: [] },
};
