/** The properties have teeth: each is seen to break on a chart that is broken in its way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneMember } from './menus.ts';
import { mutants } from './mutants.ts';
import { broken, isBeyondRepair, properties } from './properties.ts';
import { explore } from './whole-tree.ts';

for (const [damage, { charts, breaks }] of Object.entries(mutants)) {
  test(`when ${damage}, this breaks: ${breaks}`, () => {
    const found = broken(explore(charts, oneMember, isBeyondRepair), charts);
    assert.ok(found.includes(breaks), `Only these broke: ${JSON.stringify(found, null, 2)}`);
  });
}

test('every property is broken by some mutant', () => {
  const teeth = new Set(Object.values(mutants).map(({ breaks }) => breaks));
  assert.deepEqual([...teeth].sort(), Object.keys(properties).sort());
});
