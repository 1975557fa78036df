/** The properties have teeth: each is seen to break on a chart that is broken in its way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentMutants } from './agent-mutants.ts';
import { planMutants } from './plan-mutants.ts';
import { broken, isBeyondRepair, properties } from './properties.ts';
import { toolCallMutants } from './tool-call-mutants.ts';
import { explore } from './whole-tree.ts';

const mutants = [agentMutants, toolCallMutants, planMutants].flatMap(({ menu, byDamage }) =>
  Object.entries(byDamage).map(([damage, mutant]) => ({ damage, menu, ...mutant })),
);

for (const { damage, menu, charts, breaks } of mutants) {
  test(`when ${damage}, this breaks: ${breaks}`, () => {
    const found = broken(explore(charts, menu, isBeyondRepair), charts);
    assert.ok(found.includes(breaks), `Only these broke: ${JSON.stringify(found, null, 2)}`);
  });
}

test('every property is broken by some mutant', () => {
  const teeth = new Set(mutants.map(({ breaks }) => breaks));
  assert.deepEqual([...teeth].sort(), Object.keys(properties).sort());
});
