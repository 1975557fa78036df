/** The drawing of a chart, on one that has each thing that can be drawn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMachine } from 'xstate';
import { chartMermaid } from '../../src/charts/mermaid.ts';

const kettle = createMachine({
  initial: 'off',
  states: {
    off: { on: { 'switch.pressed': { guard: 'hasWater', target: 'on', actions: 'click' } } },
    on: {
      initial: 'heating',
      entry: { type: 'light', params: 'red' },
      always: { guard: { type: 'isOlderThan', params: 'a year' }, target: 'broken' },
      on: { 'switch.pressed': 'off', 'lid.opened': { actions: 'steam' } },
      states: {
        heating: { exit: 'click', on: { 'water.boiled': 'boiling', 'lid.opened': {} } },
        boiling: {},
      },
    },
    broken: { type: 'final' },
  },
});

const drawing = `stateDiagram-v2
  [*] --> off
  state "off" as off
  state "on" as on {
    [*] --> on_heating
    state "heating" as on_heating
    on_heating : exit / click
    on_heating : lid.opened
    state "boiling" as on_boiling
    on_heating --> on_boiling : water.boiled
  }
  note right of on
    entry / light(red)
    lid.opened / steam
  end note
  state "broken" as broken
  off --> on : switch.pressed [hasWater] / click
  on --> broken : [isOlderThan(a year)]
  on --> off : switch.pressed
  broken --> [*]`;

test('a drawing has every state, every arrow, guards in brackets and actions after a slash', () => {
  assert.equal(chartMermaid(kettle), drawing);
});
