/**
 * The teams whose every state is explored.
 *
 * What bounds them: a question that may be asked doubles the states, a tool trebles them (it may be
 * unknown whether it ran), and a member with one of each makes them seven times as many. Two such
 * members are 297 states and 10,565 steps of about 0.2 ms; a third would take half a minute.
 */
import type { Menu } from './whole-tree.ts';

const tool = { id: 'tool', intent: 'tool' } as const;
const question = { id: 'question', intent: 'question' } as const;
const refusal = { id: 'refusal', intent: 'refusal' } as const;

function delegation(id: string) {
  return { id, intent: 'delegation', member: id.toUpperCase() } as const;
}

export const alone: Menu = { '': [tool, question, refusal] };

export const twoMembers: Menu = {
  '': [delegation('a'), delegation('b'), tool, question, refusal],
  a: [tool, question],
  b: [tool, question],
};

export const threeLevels: Menu = {
  '': [delegation('a'), question],
  a: [delegation('b'), tool],
  'a/b': [tool, question, refusal],
};

/** The smallest team in which each chart is used in each role: for the mutants. */
export const oneMember: Menu = {
  '': [delegation('a'), tool, question, refusal],
  a: [tool, question],
};
