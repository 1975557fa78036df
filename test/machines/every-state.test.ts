/** Every reachable state of the real charts, in teams that use each part of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import {
  alone,
  broadcast,
  fourTasks,
  routingLeader,
  threeLevels,
  threeTasks,
  twoMembers,
} from './menus.ts';
import { isBeyondRepair, type Property, properties } from './properties.ts';
import { explore, pair } from './whole-tree.ts';

const charts = pair(agentMachine, toolCallMachine);

/** The figures are recorded so that a change of the charts that adds or removes states is seen. */
const teams = [
  { name: 'an agent alone', menu: alone, states: 130, edges: 3_223 },
  { name: 'a leader of two', menu: twoMembers, states: 88, edges: 4_199 },
  { name: 'a task for two at once', menu: broadcast, states: 151, edges: 6_102 },
  { name: 'a list of three tasks', menu: threeTasks, states: 295, edges: 12_054 },
  { name: 'a list of four tasks', menu: fourTasks, states: 49, edges: 1_131 },
  { name: 'a leader that routes', menu: routingLeader, states: 243, edges: 11_055 },
  { name: 'three levels', menu: threeLevels, states: 323, edges: 16_311 },
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
