/** Teams in teams: of any mode, at any depth, twice at once; and who can be delegated to. */
import assert from 'node:assert/strict';
import { defineAgent, defineTeam, openai } from '../../../src/index.ts';
import { askers, freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import {
  askedBy,
  askersOf,
  contentOf,
  delegateToAll,
  modelCalls,
  runTasks,
} from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { modeTeams } from '../../teams/modes.ts';

const model = openai('gpt-4o-mini');

/** What each team inside does: one of its members asks. */
const inside = {
  coordinate_inside: [[delegate('d1', 'A')], 'coordinated'],
  route_inside: [[delegate('d1', 'B')]],
  broadcast_inside: [[delegateToAll('d1')], 'broadcast'],
  tasks_inside: [[runTasks('d1', ['t1', 'A'], ['t2', 'C', 't1'])], 'planned'],
  A: ['A RESULT'],
  B: [[ask('g', 'city')], 'B RESULT'],
  C: ['C RESULT'],
};

const names = ['coordinate_inside', 'route_inside', 'broadcast_inside', 'tasks_inside'] as const;

const reports = ['coordinated', 'B RESULT', 'broadcast', 'planned'];

const delegations = {
  coordinate_of_teams: names.map((name, index) => delegate(`c${index}`, name)),
  broadcast_of_teams: [delegateToAll('c0')],
  tasks_of_teams: [runTasks('c0', ...names.map((name, n) => [`t${n}`, name] as const))],
};

for (const [team, calls] of Object.entries(delegations)) {
  const mode = team.replace('_of_teams', '');
  test(`a leader by ${mode} of teams of every mode pauses, and hears every report in order`, async (t) => {
    const kit = await testRuntime(t, { ...inside, [team]: [calls, 'done'] }, modeTeams);
    const run = await kit.runtime.start({ team, message: 'Trip' });
    assert.deepEqual(askersOf(run), [`${team}/broadcast_inside/B`, `${team}/route_inside/B`]);
    const later = await kit.reopen();
    await later.resume(run.id, { [askedBy(run, 'broadcast_inside/B')]: { city: 'Rome' } });
    const end = await later.resume(run.id, { [askedBy(run, 'route_inside/B')]: { city: 'Oslo' } });
    assert.equal(contentOf(end), 'done');
    const results = lastRequest(kit.model, team).slice(2).join('\n').split('\n');
    assert.deepEqual(
      results.map((line) => line.replace(/^tool\[\w+\]: /, '').replace(/^\[\w+\] /, '')),
      reports,
    );
    assert.equal(modelCalls(kit, 'route_inside'), 1);
    assert.equal(modelCalls(kit, 'broadcast_inside'), 2);
  });
}

test('five levels of five modes end with one answer, each request by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/modes.ts',
    agents: {
      ...inside,
      deepest: [[runTasks('c1', ['t1', 'deeper'])], 'done'],
      deeper: [[delegate('c1', 'deep')]],
      deep: [[delegateToAll('c1')], ({ messages }) => `${messages.at(-1)?.content}`],
    },
  });
  const { body: run } = await client.post('/chat', { team: 'deepest', message: 'Trip' });
  const where = run.questions?.map(({ asked_by }) => asked_by).sort();
  const above = 'deepest/deeper/deep';
  assert.deepEqual(where, [`${above}/broadcast_inside/B`, `${above}/route_inside/B`]);
  const first = run.questions?.find(({ asked_by }) => asked_by.includes('/broadcast_inside/'));
  const later = await client.resume(run.run_id, { [first?.id ?? '']: { city: 'Rome' } });
  assert.deepEqual(askers(later), ['B']);
  const end = await client.resume(run.run_id, { [questionBy(later, 'B')]: { city: 'Oslo' } });
  assert.equal(end.final_content, 'done');
  const list = names.map((name, index) => `[${name}] ${reports[index]}`).join('\n');
  assert.deepEqual(lastRequest(client.model, 'deepest').slice(2), [`tool[c1]: ${list}`]);
  assert.deepEqual(['deepest', 'deeper', 'deep'].map(client.modelCalls), [2, 1, 2]);
});

test('one team that is delegated to twice in a reply keeps both tasks apart', async (t) => {
  const team = 'coordinate_of_teams';
  const kit = await testRuntime(
    t,
    {
      [team]: [
        [delegate('c1', 'route_inside', 'one'), delegate('c2', 'route_inside', 'two')],
        'done',
      ],
      route_inside: [({ messages }) => [delegate('d', 'B', `${messages[1]?.content}`)]],
      B: [
        [ask('g', 'city')],
        ({ messages }) => `${messages[1]?.content}: ${messages.at(-1)?.content}`,
      ],
    },
    modeTeams,
  );
  const run = await kit.runtime.start({ team, message: 'Trip' });
  const [one, two] = run.status === 'input_required' ? run.questions : [];
  assert.deepEqual([one?.path, two?.path], ['c1:route_inside/d:B/g', 'c2:route_inside/d:B/g']);
  const later = await kit.reopen();
  await later.resume(run.id, { [two?.id ?? '']: { city: 'second' } });
  const end = await later.resume(run.id, { [one?.id ?? '']: { city: 'first' } });
  assert.equal(contentOf(end), 'done');
  assert.deepEqual(lastRequest(kit.model, team).slice(2), [
    'tool[c1]: one: {"city":"first"}',
    'tool[c2]: two: {"city":"second"}',
  ]);
});

test('a leader delegates to its own members only, and is told who they are', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/modes.ts',
    agents: {
      coordinate_of_teams: [
        [delegate('c1', 'A'), delegate('c2', 'coordinate_of_teams'), delegate('c3', 'Zoe')],
        'done',
      ],
    },
  });
  const { body } = await client.post('/chat', { team: 'coordinate_of_teams', message: 'Trip' });
  assert.equal(body.final_content, 'done');
  const known = names.map((name) => `"${name}"`).join(', ');
  const sentence = (name: string) =>
    `"${name}" is not a member of your team. Your members are: ${known}.`;
  assert.deepEqual(lastRequest(client.model, 'coordinate_of_teams').slice(2), [
    `tool[c1]: ${sentence('A')}`,
    `tool[c2]: ${sentence('coordinate_of_teams')}`,
    `tool[c3]: ${sentence('Zoe')}`,
  ]);
  assert.equal(client.modelCalls('A'), 0);
});

test('names that are taken, or that mean something else, are refused when a team is defined', () => {
  const agent = (name: string) => defineAgent({ name, role: 'r', model });
  assert.throws(() => defineTeam({ name: 'Desk', model, members: [agent('A'), agent('A')] }), {
    code: 'name_taken',
    message: 'Team "Desk" has two members named "A".',
  });
  const inner = defineTeam({ name: 'A', role: 'r', model, members: [agent('B')] });
  assert.throws(() => defineTeam({ name: 'Desk', model, members: [inner, agent('A')] }), {
    code: 'name_taken',
  });
  assert.throws(() => agent('__proto__'), { code: 'name_unusable' });
  const same = defineTeam({ name: 'Desk', model, members: [agent('B'), inner] });
  assert.equal(same.members.length, 2, 'one name in two teams is no conflict');
});
