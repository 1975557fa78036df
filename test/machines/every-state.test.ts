/** Every reachable state of the real charts, in teams that use each part of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { alone, threeLevels, twoMembers } from './menus.ts';
import { isBeyondRepair, type Property, properties } from './properties.ts';
import { explore, pair } from './whole-tree.ts';

const charts = pair(agentMachine, toolCallMachine);

/** The figures are recorded so that a change of the charts that adds or removes states is seen. */
const teams = [
  { name: 'an agent alone', menu: alone, states: 9, edges: 65 },
  { name: 'a leader of two', menu: twoMembers, states: 297, edges: 10_565 },
  { name: 'three levels', menu: threeLevels, states: 47, edges: 1_380 },
];

for (const { name, menu, states, edges } of teams) {
  // No state of the real charts is beyond repair. Should one be, the tests fail and do not hang.
  const explored = explore(charts, menu, isBeyondRepair);

  test(`${name}: ${states} states and ${edges} steps are reachable`, () => {
    const found = { states: explored.states.length, edges: explored.edges.length };
    assert.deepEqual(found, { states, edges });
  });

  for (const property of Object.keys(properties) as Property[]) {
    test(`${name}: ${property}`, () => {
      // The first case is enough to see what broke; there may be thousands.
      assert.deepEqual(properties[property](explored, charts).slice(0, 1), []);
    });
  }
}
