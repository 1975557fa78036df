/** Turns of mixed calls, members that ask twice, and teams in teams, each request a fresh process. */
import assert from 'node:assert/strict';
import { askers, freshClient, lastRequest, questionBy } from '../kit/fresh-client.ts';
import { ask, delegate, note } from '../kit/turns.ts';
import { test } from '../kit/wires.ts';

const team = 'test/teams/desk.ts';

test('a turn may mix a tool, a member that asks and a member that does not', async (t) => {
  const client = await freshClient(t, {
    team,
    agents: {
      Desk: [[note('t1', 'leader'), delegate('c1', 'A'), delegate('c2', 'C')], 'done'],
      A: [[ask('g', 'city')], 'A RESULT'],
      C: [[note('n', 'C')], 'C RESULT'],
    },
  });
  const run = await client.chat('Trip');
  assert.deepEqual(askers(run), ['A']);
  assert.deepEqual(
    client
      .witness()
      .map((line) => line.split(' ')[0])
      .sort(),
    ['C', 'leader'],
  );
  const end = await client.resume(run.run_id, { [questionBy(run, 'A')]: { city: 'Rome' } });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(lastRequest(client.model, 'Desk'), [
    'user: Trip',
    'assistant[t1,c1,c2]',
    'tool[t1]: noted leader',
    'tool[c1]: A RESULT',
    'tool[c2]: C RESULT',
  ]);
  assert.equal(client.witness().length, 2, 'nothing that finished is run again');
  assert.equal(client.modelCalls('C'), 2);
});

test('a member may ask twice, and so may the leader beside it', async (t) => {
  const client = await freshClient(t, {
    team,
    agents: {
      Desk: [[ask('l1', 'name'), delegate('c1', 'A')], 'done'],
      A: [[ask('g1', 'city')], [ask('g2', 'city')], 'A RESULT'],
    },
  });
  const first = await client.chat('Trip');
  assert.equal(first.questions?.length, 2);
  const second = await client.resume(first.run_id, { [questionBy(first, 'A')]: { city: 'Rome' } });
  assert.notEqual(questionBy(second, 'A'), questionBy(first, 'A'));
  const third = await client.resume(first.run_id, { [questionBy(second, 'A')]: { city: 'Oslo' } });
  const [own] = third.questions ?? [];
  assert.equal(own?.asked_by, 'Desk');
  const end = await client.resume(first.run_id, { [own?.id ?? '']: { name: 'Ann' } });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(lastRequest(client.model, 'Desk').slice(2), [
    'tool[l1]: {"name":"Ann"}',
    'tool[c1]: A RESULT',
  ]);
});

const permutations = <T>(all: readonly T[]): T[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((one) =>
        permutations(all.filter((other) => other !== one)).map((rest) => [one, ...rest]),
      );

for (const order of permutations(['A', 'D', 'E'])) {
  test(`three levels of teams are answered in the order ${order.join(', ')}`, async (t) => {
    const client = await freshClient(t, {
      team,
      agents: {
        Desk: [[delegate('c1', 'A'), delegate('c2', 'Inner')], 'done'],
        A: [[ask('g', 'city')], 'A RESULT'],
        Inner: [[delegate('c1', 'D'), delegate('c2', 'Innermost')], 'INNER RESULT'],
        D: [[ask('g', 'city')], 'D RESULT'],
        Innermost: [[delegate('c1', 'E')], 'INNERMOST RESULT'],
        E: [[ask('g', 'city')], 'E RESULT'],
      },
    });
    let run = await client.chat('Trip');
    const asked = run.questions?.map(({ asked_by }) => asked_by).sort();
    assert.deepEqual(asked, ['Desk/A', 'Desk/Inner/D', 'Desk/Inner/Innermost/E']);
    for (const who of order) {
      run = await client.resume(run.run_id, { [questionBy(run, who)]: { city: who } });
    }
    assert.equal(run.final_content, 'done');
    assert.deepEqual(lastRequest(client.model, 'Inner').slice(1), [
      'assistant[c1,c2]',
      'tool[c1]: D RESULT',
      'tool[c2]: INNERMOST RESULT',
    ]);
    assert.deepEqual(lastRequest(client.model, 'Desk').slice(2), [
      'tool[c1]: A RESULT',
      'tool[c2]: INNER RESULT',
    ]);
    const counts = ['Desk', 'A', 'Inner', 'D', 'Innermost', 'E'].map(client.modelCalls);
    assert.deepEqual(counts, [2, 2, 2, 2, 2, 2]);
  });
}
