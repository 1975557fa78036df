/** Guards: a text that must not pass does not, in or out, at any level. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { RequestError, RunError } from '../../../src/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, contentOf, failureOf, modelCalls } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { guardedTeams } from '../../teams/guarded.ts';

const team = 'GuardedDesk';

/** How many runs a file holds. */
function runsIn(file: string): unknown {
  const db = new Database(file, { readonly: true });
  const count = db.prepare('SELECT count(*) FROM run').pluck().get();
  db.close();
  return count;
}

test('a message that a guard refuses starts no run, at once or after a while', async (t) => {
  const kit = await testRuntime(t, { [team]: ['done'] }, guardedTeams);
  for (const [message, sentence] of [
    ['a secret', 'A task must not name secrets.'],
    ['do it later', 'A task must not wait.'],
  ] as const) {
    await assert.rejects(
      kit.runtime.start({ team, message }),
      (error) =>
        error instanceof RequestError &&
        error.code === 'input_refused' &&
        error.message === sentence,
    );
  }
  assert.equal(contentOf(await kit.runtime.start({ team, message: 'Trip' })), 'done');
  assert.equal(runsIn(kit.db), 1);
});

test('a refused message is a 422 with the sentence, and a report that is refused later fails the run', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/guarded.ts',
    agents: { [team]: [[ask('g', 'x')], 'The secret is out.'] },
  });
  const refused = await client.post('/chat', { team, message: 'a secret' });
  assert.equal(refused.status, 422);
  assert.equal(refused.body.code, 'input_refused');
  assert.equal(refused.body.detail, 'A task must not name secrets.');
  const failing = await client.post('/chat', { team, message: 'a bug' });
  assert.equal(failing.status, 500);
  assert.equal(runsIn(client.db), 0);
  const { body: run } = await client.post('/chat', { team, message: 'Trip' });
  const end = await client.resume(run.run_id, { [run.questions?.[0]?.id ?? '']: { x: 'y' } });
  assert.equal(end.status, 'failed');
  assert.deepEqual(end.error, {
    code: 'output_refused',
    message: 'A report must not name secrets.',
  });
  assert.ok(!JSON.stringify(end).includes('out.'), 'nobody reads what was refused');
});

test('a task that a member does not take is answered, and the others go on', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Desk: [
        [
          delegate('c1', 'Guarded', 'a secret'),
          delegate('c2', 'Guarded', 'do it later'),
          delegate('c3', 'Guarded', 'a bug'),
          delegate('c4', 'Guarded', 'a trip'),
        ],
        'done',
      ],
      Guarded: ['GUARDED RESULT'],
    },
    guardedTeams,
  );
  contentOf(await kit.runtime.start({ message: 'Trip' }));
  assert.deepEqual(lastRequest(kit.model, 'Desk').slice(2), [
    'tool[c1]: "Guarded" did not take the task: A task must not name secrets.',
    'tool[c2]: "Guarded" did not take the task: A task must not wait.',
    'tool[c3]: This call was not carried out. A guard of "Guarded" failed.',
    'tool[c4]: GUARDED RESULT',
  ]);
  assert.equal(modelCalls(kit, 'Guarded'), 1);
  const [reported] = kit.reported;
  assert.ok(reported instanceof RunError);
  assert.equal(String(reported.cause), 'Error: the guard has a bug', 'you hear of the bug');
});

for (const [said, why] of [
  ['the secret', 'A report must not name secrets.'],
  ['later', 'A report must not wait.'],
  ['a bug', 'A guard of "Guarded" failed.'],
] as const) {
  test(`a member that reports "${said}" fails, and its leader goes on without the text`, async (t) => {
    const kit = await testRuntime(
      t,
      {
        Desk: [[delegate('c1', 'Guarded')], 'done'],
        Guarded: [[ask('g', 'x')], `Here is ${said}.`],
      },
      guardedTeams,
    );
    const run = await kit.runtime.start({ message: 'Trip' });
    const later = await kit.reopen();
    contentOf(await later.resume(run.id, { [askedBy(run, 'Guarded')]: { x: 'y' } }));
    assert.deepEqual(lastRequest(kit.model, 'Desk').slice(2), [
      `tool[c1]: The member could not finish: ${why}`,
    ]);
  });
}

test('a guard that fails lets nothing through', async (t) => {
  const kit = await testRuntime(t, { [team]: ['a bug'] }, guardedTeams);
  await assert.rejects(
    kit.runtime.start({ team, message: 'a bug' }),
    (error) => error instanceof RunError && String(error.cause) === 'Error: the guard has a bug',
  );
  assert.equal(runsIn(kit.db), 0);
  assert.deepEqual(failureOf(await kit.runtime.start({ team, message: 'Trip' })), {
    code: 'internal_error',
    message: 'A guard of "GuardedDesk" failed.',
    content: '',
  });
});

test('a routed report passes the guards of its leader, or the leader goes on', async (t) => {
  const kit = await testRuntime(
    t,
    {
      GuardedRoute: [[delegate('c1', 'Plain')], [delegate('c2', 'Inner')]],
      Plain: ['The secret.'],
      Inner: [[delegate('d1', 'Plain', 'again')], [delegate('d2', 'Shaped')]],
      Shaped: ['{"city":"Rome","days":3}'],
    },
    guardedTeams,
  );
  const run = await kit.runtime.start({ team: 'GuardedRoute', message: 'Trip' });
  assert.equal(contentOf(run), '{"city":"Rome","days":3}');
  const refused = 'The member could not finish: A report must not name secrets.';
  assert.deepEqual(lastRequest(kit.model, 'GuardedRoute').slice(2), [`tool[c1]: ${refused}`]);
  assert.deepEqual(lastRequest(kit.model, 'Inner').slice(2), [`tool[d1]: ${refused}`]);
});
