/** Two members that ask at once, answered in every order, each request by a fresh process. */
import assert from 'node:assert/strict';
import { askers, freshClient, lastRequest, questionBy } from '../kit/fresh-client.ts';
import { ask, delegate, note } from '../kit/turns.ts';
import { test } from '../kit/wires.ts';

const team = 'test/teams/desk.ts';

const agents = {
  Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
  A: [[note('n1', 'A')], [ask('ga', 'city')], 'A RESULT'],
  B: [[ask('gb', 'city')], 'B RESULT'],
};

const leaderSaw = ['user: Trip', 'assistant[c1,c2]', 'tool[c1]: A RESULT', 'tool[c2]: B RESULT'];

for (const order of [['A', 'B'], ['B', 'A'], ['A+B']]) {
  test(`two members that ask at once are answered in the order ${order.join(', ')}`, async (t) => {
    const client = await freshClient(t, { team, agents });
    let run = await client.chat('Trip');
    assert.deepEqual(askers(run), ['A', 'B']);
    for (const [index, who] of order.entries()) {
      const answers = who.split('+').map((agent) => [questionBy(run, agent), { city: agent }]);
      run = await client.resume(run.run_id, Object.fromEntries(answers));
      const left = order.slice(index + 1).flatMap((one) => one.split('+'));
      assert.deepEqual(askers(run), left.sort(), 'exactly what remains is asked again');
    }
    assert.equal(run.status, 'completed');
    assert.equal(run.final_content, 'done');
    assert.deepEqual(lastRequest(client.model, 'Desk'), leaderSaw, 'results stand in call order');
    assert.deepEqual(
      ['Desk', 'A', 'B'].map(client.modelCalls),
      [2, 3, 2],
      'no finished sibling is run again',
    );
    assert.equal(client.witness().length, 1);
  });
}

test('a member that pauses again does not lose what its sibling reported', async (t) => {
  const client = await freshClient(t, {
    team,
    agents: { ...agents, B: [[ask('gb', 'city')], [ask('gb2', 'date')], 'B RESULT'] },
  });
  const first = await client.chat('Trip');
  const second = await client.resume(first.run_id, {
    [questionBy(first, 'A')]: { city: 'Rome' },
    [questionBy(first, 'B')]: { city: 'Oslo' },
  });
  assert.deepEqual(askers(second), ['B'], 'only the new question is open');
  assert.equal(client.modelCalls('Desk'), 1, 'the leader waits');
  const third = await client.resume(first.run_id, { [questionBy(second, 'B')]: { date: 'MON' } });
  assert.equal(third.status, 'completed');
  assert.deepEqual(lastRequest(client.model, 'Desk'), leaderSaw);
  assert.deepEqual(lastRequest(client.model, 'B'), [
    'user: task for B',
    'assistant[gb]',
    'tool[gb]: {"city":"Oslo"}',
    'assistant[gb2]',
    'tool[gb2]: {"date":"MON"}',
  ]);
});

test('a partial answer may be repeated, but not changed, and an empty one does nothing', async (t) => {
  const client = await freshClient(t, { team, agents });
  const first = await client.chat('Trip');
  const b = questionBy(first, 'B');
  const settled = await client.resume(first.run_id, { [b]: { city: 'Oslo' } });
  assert.deepEqual(askers(settled), ['A']);
  const callsOfB = client.modelCalls('B');
  assert.deepEqual(await client.resume(first.run_id, { [b]: { city: 'Oslo' } }), settled);
  assert.deepEqual(await client.resume(first.run_id, {}), settled);
  const changed = { run_id: first.run_id, answers: { [b]: { city: 'Rome' } } };
  const refused = await client.post('/resume', changed);
  assert.equal(refused.status, 409);
  assert.equal(refused.body.code, 'answer_conflict');
  assert.equal(client.modelCalls('B'), callsOfB);
  const end = await client.resume(first.run_id, { [questionBy(settled, 'A')]: { city: 'Rome' } });
  assert.equal(end.final_content, 'done');
});

test('one member that is delegated to twice keeps both tasks apart', async (t) => {
  const client = await freshClient(t, {
    team,
    agents: {
      Desk: [[delegate('c1', 'A', 'one'), delegate('c2', 'A', 'two')], 'done'],
      A: [
        (request) => [ask('g', `${request.messages[1]?.content}`)],
        (request) => `${request.messages[1]?.content}: ${request.messages.at(-1)?.content}`,
      ],
    },
  });
  const run = await client.chat('Trip');
  const asking = (field: string) => run.questions?.find(({ fields }) => fields[0]?.name === field);
  const [one, two] = [asking('one'), asking('two')];
  assert.ok(one && two && one.id !== two.id);
  const later = await client.resume(run.run_id, { [two.id]: { two: 'second' } });
  assert.deepEqual(
    later.questions?.map(({ id }) => id),
    [one.id],
  );
  const end = await client.resume(run.run_id, { [one.id]: { one: 'first' } });
  assert.equal(end.status, 'completed');
  const results = lastRequest(client.model, 'Desk').slice(2);
  assert.deepEqual(results.sort(), [
    'tool[c1]: one: {"one":"first"}',
    'tool[c2]: two: {"two":"second"}',
  ]);
});
