/** Members that fail: each failure is the result of its delegation, and the leader goes on. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import type { Turn } from '../../../src/testing/index.ts';
import { askers, freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { contentOf, failureOf, modelCalls } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { modeTeams } from '../../teams/modes.ts';

const failed = 'The member could not finish: ';

/** How the members of a file's runs ended, by path. */
function outcomesIn(file: string): unknown {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare('SELECT agent, outcome FROM report ORDER BY agent').raw().all();
  db.close();
  return Object.fromEntries(rows as [string, string][]);
}

const failures: readonly [string, Turn, string][] = [
  ['is not taken by its model', { status: 400 }, 'The model "gpt-4o-mini" answered 400.'],
  [
    'is refused by its model',
    { refusal: 'No.' },
    'The model "gpt-4o-mini" refused to go on. The refusal says: "No."',
  ],
  [
    'is cut off',
    { text: 'Half a', finishReason: 'length' },
    'The reply of "gpt-4o-mini" was cut off before its end.',
  ],
];

for (const [what, turn, sentence] of failures) {
  test(`a member that ${what} answers its delegation, and the leader goes on`, async (t) => {
    const kit = await testRuntime(
      t,
      {
        coordinate: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
        A: [turn],
        B: ['B RESULT'],
      },
      modeTeams,
    );
    assert.equal(contentOf(await kit.runtime.start({ message: 'Trip' })), 'done');
    assert.deepEqual(lastRequest(kit.model, 'coordinate').slice(2), [
      `tool[c1]: ${failed}${sentence}`,
      'tool[c2]: B RESULT',
    ]);
    assert.deepEqual(outcomesIn(kit.db), { 'c1:A': 'failed', 'c2:B': 'reported' });
    assert.equal(kit.reported.length, 1, 'you hear of it');
  });
}

test('a member that fails after a pause does not end its sibling, each request by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/modes.ts',
    agents: {
      coordinate: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
      A: [[ask('g', 'city')], { status: 400 }],
      B: [[ask('g', 'city')], 'B RESULT'],
    },
  });
  const run = await client.chat('Trip');
  const later = await client.resume(run.run_id, { [questionBy(run, 'A')]: { city: 'Rome' } });
  assert.deepEqual(askers(later), ['B']);
  const end = await client.resume(run.run_id, { [questionBy(later, 'B')]: { city: 'Oslo' } });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(lastRequest(client.model, 'coordinate').slice(2), [
    `tool[c1]: ${failed}The model "gpt-4o-mini" answered 400.`,
    'tool[c2]: B RESULT',
  ]);
});

test('a leader inside that fails is one failure to the leader above it', async (t) => {
  const kit = await testRuntime(
    t,
    {
      coordinate_of_teams: [[delegate('c1', 'coordinate_inside')], 'done'],
      coordinate_inside: [[delegate('d1', 'A')], { status: 400 }],
      A: ['A RESULT'],
    },
    modeTeams,
  );
  contentOf(await kit.runtime.start({ team: 'coordinate_of_teams', message: 'Trip' }));
  assert.deepEqual(lastRequest(kit.model, 'coordinate_of_teams').slice(2), [
    `tool[c1]: ${failed}The model "gpt-4o-mini" answered 400.`,
  ]);
  const outcomes = { 'c1:coordinate_inside': 'failed', 'c1:coordinate_inside/d1:A': 'reported' };
  assert.deepEqual(outcomesIn(kit.db), outcomes);
});

test('a leader that fails ends the run, with what its members reported', async (t) => {
  const kit = await testRuntime(
    t,
    {
      coordinate: [[delegate('c1', 'A'), delegate('c2', 'B')], { status: 400 }],
      A: ['A RESULT'],
      B: [{ status: 400 }],
    },
    modeTeams,
  );
  assert.deepEqual(failureOf(await kit.runtime.start({ message: 'Trip' })), {
    code: 'model_request_refused',
    message: 'The model "gpt-4o-mini" answered 400.',
    content: '[A] A RESULT',
  });
  assert.equal(modelCalls(kit, 'coordinate'), 2);
});
