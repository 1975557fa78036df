/** A team's module changes between requests, each of which a process of its own answers. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { call, type Turn } from '../../src/testing/index.ts';
import { rowsOf } from '../kit/changing.ts';
import { delegate } from '../kit/turns.ts';
import { versionedServer } from '../kit/versions.ts';
import type { WireBody } from '../kit/wire.ts';
import { test } from '../kit/wires.ts';

const echo: Turn = (request) => `${request.messages.at(-1)?.content}`;

const clerk: readonly Turn[] = [[call('book_table', { guests: 2 }, 'b')], echo];

const agents = { Desk: [[delegate('c', 'Clerk')], echo], Clerk: clerk, Waiter: clerk };

const first = { VERSION: 'first' };
const renamed = { VERSION: 'renamed' };

const held = { approved: true, seat: 'window' };

function answered({ run_id, questions }: WireBody, values: object) {
  return { run_id, answers: { [questions?.[0]?.id ?? '']: values } };
}

/** A run of the first version that waits for an approval. */
async function pausedRun(t: TestContext) {
  const server = await versionedServer(t, agents);
  const { status, body } = await server.post(first, '/chat', { message: 'Dinner' });
  assert.equal(status, 200);
  assert.equal(body.status, 'input_required');
  return { server, run: body };
}

test('a module that lost what a paused run needs answers 409 with the list, and keeps the run', async (t) => {
  const { server, run } = await pausedRun(t);
  const before = rowsOf(server.db);
  const { status, body } = await server.post(renamed, '/resume', answered(run, held));
  assert.equal(status, 409);
  assert.equal(body.code, 'definition_changed');
  assert.deepEqual(body.errors, [
    {
      pointer: '',
      message: 'Agent "Desk/Clerk" has a task in the run and is not defined now.',
    },
  ]);
  assert.deepEqual(rowsOf(server.db), before, 'not a byte is changed');
  const back = await server.post(first, '/resume', answered(run, held));
  assert.equal(back.status, 200);
  const end = await server.post(first, '/resume', answered(back.body, { code: '123' }));
  assert.equal(end.body.final_content, 'booked {"guests":2}, {"seat":"window"}, 123');
});

test('a module with other words and more members continues the run', async (t) => {
  const { server, run } = await pausedRun(t);
  const reworded = { VERSION: 'reworded' };
  const second = await server.post(reworded, '/resume', answered(run, held));
  const end = await server.post(reworded, '/resume', answered(second.body, { code: '123' }));
  assert.equal(end.body.final_content, 'booked {"guests":2}, {"seat":"window"}, 123');
});

test('a module that exports how names migrate continues the run under new names', async (t) => {
  const { server, run } = await pausedRun(t);
  const migrating = { ...renamed, MIGRATE: 'yes' };
  const second = await server.post(migrating, '/resume', answered(run, held));
  assert.equal(second.body.questions?.[0]?.asked_by, 'Desk/Waiter');
  const end = await server.post(renamed, '/resume', answered(second.body, { code: '123' }));
  assert.equal(end.body.final_content, 'booked {"guests":2}, {"seat":"window"}, 123');
  assert.deepEqual(server.model.refusals, []);
});

test('a run that the module cannot continue is cancelled over HTTP', async (t) => {
  const { server, run } = await pausedRun(t);
  const { status, body } = await server.post(renamed, `/runs/${run.run_id}/cancel`, {});
  assert.equal(status, 200);
  assert.equal(body.status, 'cancelled');
});
