/** Teams that route: the report of the member that the leader chooses is the answer. */
import assert from 'node:assert/strict';
import { freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, contentOf, modelCalls } from '../../kit/team-run.ts';
import { ask, delegate, note } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { modeTeams } from '../../teams/modes.ts';

const route = { team: 'route', message: 'Trip' };

test('a routed report is the answer, and the leader is not asked again', async (t) => {
  const kit = await testRuntime(t, { route: [[delegate('c1', 'A')]], A: ['A RESULT'] }, modeTeams);
  const run = await kit.runtime.start(route);
  assert.equal(contentOf(run), 'A RESULT');
  assert.deepEqual([modelCalls(kit, 'route'), modelCalls(kit, 'A')], [1, 1]);
});

test('a leader that routes may answer by itself', async (t) => {
  const kit = await testRuntime(t, { route: ['by myself'] }, modeTeams);
  assert.equal(contentOf(await kit.runtime.start(route)), 'by myself');
});

test('a routed member that pauses twice answers for its leader, each request by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/modes.ts',
    agents: {
      route: [[delegate('c1', 'A')]],
      A: [[note('n', 'A')], [ask('g1', 'city')], [ask('g2', 'date')], 'A RESULT'],
    },
  });
  const { body: first } = await client.post('/chat', route);
  const second = await client.resume(first.run_id, { [questionBy(first, 'A')]: { city: 'Rome' } });
  const end = await client.resume(first.run_id, { [questionBy(second, 'A')]: { date: 'MON' } });
  assert.equal(end.final_content, 'A RESULT');
  assert.deepEqual(['route', 'A'].map(client.modelCalls), [1, 4]);
  assert.deepEqual(client.witness(), ['A']);
});

test('a leader whose routed member fails goes on, and may route again', async (t) => {
  const kit = await testRuntime(
    t,
    {
      route: [[delegate('c1', 'A')], [delegate('c2', 'B')]],
      A: [{ status: 400 }],
      B: ['B RESULT'],
    },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(route)), 'B RESULT');
  assert.deepEqual(lastRequest(kit.model, 'route').slice(1), [
    'assistant[c1]',
    'tool[c1]: The member could not finish: The model "gpt-4o-mini" answered 400.',
  ]);
  assert.equal(modelCalls(kit, 'route'), 2);
});

test('a leader that routes to two at once is told to choose, and hears what the first reported', async (t) => {
  const kit = await testRuntime(
    t,
    { route: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'], A: ['A RESULT'] },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(route)), 'done');
  assert.deepEqual(lastRequest(kit.model, 'route').slice(2), [
    'tool[c1]: A RESULT',
    'tool[c2]: Choose one member: another one was chosen in the same reply.',
  ]);
  assert.equal(modelCalls(kit, 'B'), 0);
});

test('a leader that routes and uses a tool in one reply hears both results', async (t) => {
  const kit = await testRuntime(
    t,
    {
      route: [[delegate('c1', 'A'), note('n', 'leader')], 'done'],
      A: [[ask('g', 'city')], 'A RESULT'],
    },
    modeTeams,
  );
  const run = await kit.runtime.start(route);
  const later = await kit.reopen();
  const end = await later.resume(run.id, { [askedBy(run, 'A')]: { city: 'Rome' } });
  assert.equal(contentOf(end), 'done');
  assert.deepEqual(lastRequest(kit.model, 'route').slice(2), [
    'tool[c1]: A RESULT',
    'tool[n]: noted leader',
  ]);
});

test('a report is routed through every team that routes, also after a restart', async (t) => {
  const kit = await testRuntime(
    t,
    {
      route_of_teams: [[delegate('c1', 'route_inside')]],
      route_inside: [[delegate('c1', 'C')]],
      C: [[ask('g', 'city')], 'C RESULT'],
    },
    modeTeams,
  );
  const run = await kit.runtime.start({ team: 'route_of_teams', message: 'Trip' });
  const later = await kit.reopen();
  const end = await later.resume(run.id, { [askedBy(run, 'C')]: { city: 'Rome' } });
  assert.equal(contentOf(end), 'C RESULT');
  assert.deepEqual(
    ['route_of_teams', 'route_inside', 'C'].map((agent) => modelCalls(kit, agent)),
    [1, 1, 2],
  );
});
