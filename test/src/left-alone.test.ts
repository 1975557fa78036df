/** What a start, a deadline or the end of another run would move is left alone by code that cannot. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { RequestError, sqliteStore } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { changingRuntime, rowsOf } from '../kit/changing.ts';
import { openQuestions } from '../kit/runtime.ts';
import { ask, delegate } from '../kit/turns.ts';
import type { Version } from '../teams/changing.ts';

const echo: Turn = (request) => `${request.messages.at(-1)?.content}`;

const book = call('book_table', { guests: 2 }, 'b');

const agents = { Desk: [[delegate('c', 'Clerk')], echo], Clerk: [[book], echo] };

/** A run whose tool was at work when the process ended. */
async function interruptedRun(t: TestContext) {
  const kit = await changingRuntime(t, agents);
  const began = Promise.withResolvers<void>();
  const work: Version['work'] = async (_, signal) => {
    began.resolve();
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => aborted.resolve());
    await aborted.promise;
  };
  const runtime = await kit.open({ work });
  const run = await runtime.start({ message: 'Dinner', sessionId: 'ses_1' });
  const answers = { [openQuestions(run)[0]?.id ?? '']: { approved: true, seat: 'window' } };
  const resumed = assert.rejects(runtime.resume(run.id, answers), { code: 'runtime_closed' });
  await began.promise;
  await kit.close();
  await resumed;
  return { kit, run, answers };
}

/** A run that was answered, but whose step was not taken before the process ended. */
async function answeredRun(t: TestContext) {
  const kit = await changingRuntime(t, {
    Desk: [[delegate('c', 'Clerk')], echo],
    Clerk: [[ask('g', 'city')], echo],
  });
  const run = await (await kit.open()).start({ message: 'Trip' });
  const [question] = openQuestions(run);
  await kit.close();
  const store = sqliteStore(kit.db);
  const [questionId, answer, hash] = [question?.id ?? '', { city: 'Rome' }, ''];
  const settled = { type: 'user.answered', call: question?.path ?? '', questionId } as const;
  const event = { ...settled, result: '{"city":"Rome"}' };
  await store.answer(run.tenantId, run.id, [{ questionId, answer, hash, event }], { by: null });
  await store.close();
  return { kit, run };
}

const other: Version = { clerk: 'Waiter' };

test('a start leaves an interrupted run alone that the code cannot continue, and says so once', async (t) => {
  const { kit, run, answers } = await interruptedRun(t);
  const before = rowsOf(kit.db);
  const changed = await kit.open(other);
  assert.equal(kit.reported.length, 1);
  assert.match(kit.reported[0] ?? '', /^definition_changed: .*Agent "Desk\/Clerk" has a task/);
  for (const given of [answers, {}]) {
    await assert.rejects(changed.resume(run.id, given), { code: 'definition_changed' });
  }
  await kit.close();
  assert.deepEqual(rowsOf(kit.db), before, 'not a byte is changed');
  const back = await kit.open();
  const paused = await back.resume(run.id, {});
  assert.equal(openQuestions(paused)[0]?.reason, 'outcome_unknown');
  assert.deepEqual(kit.reported, []);
});

test('a start leaves an answered run alone that the code cannot continue', async (t) => {
  const { kit, run } = await answeredRun(t);
  const before = rowsOf(kit.db);
  await kit.open(other);
  await kit.close();
  assert.deepEqual(rowsOf(kit.db), before);
  const end = await (await kit.open()).resume(run.id, {});
  assert.equal(end.status === 'completed' && end.content, '{"city":"Rome"}');
});

test('an interrupted run goes on by itself after a harmless change', async (t) => {
  const { kit, run } = await answeredRun(t);
  const runtime = await kit.open({ wording: 'Second.' });
  const end = await runtime.resume(run.id, {});
  assert.equal(end.status === 'completed' && end.content, '{"city":"Rome"}');
});

test('cancelling what the code cannot continue drops what waited for its step', async (t) => {
  for (const prepare of [interruptedRun, answeredRun]) {
    const { kit, run } = await prepare(t);
    const runtime = await kit.open(other);
    assert.equal((await runtime.cancel(run.id)).status, 'cancelled');
    assert.equal((await runtime.cancel(run.id)).status, 'cancelled');
    const { inbox = [], effect = [] } = rowsOf(kit.db);
    const statuses = [...inbox, ...effect].map((row) => (row as { status: string }).status);
    assert.ok(statuses.every((status) => !['waiting', 'pending', 'running'].includes(status)));
  }
});

test('a deadline leaves a run alone that the code cannot continue', async (t) => {
  const kit = await changingRuntime(t, agents);
  const version: Version = { deadlineMs: 100 };
  const run = await (await kit.open(version)).start({ message: 'Dinner' });
  await kit.close();
  await sleep(120);
  const before = rowsOf(kit.db);
  const changed = await kit.open({ ...version, ...other });
  await sleep(50);
  assert.equal((await changed.get(run.id)).status, 'input_required');
  assert.equal(kit.reported.length, 1);
  await kit.close();
  assert.deepEqual(rowsOf(kit.db), before, 'not a byte is changed');
  const end = await (await kit.open(version)).resume(run.id, {});
  assert.match(end.status === 'completed' ? end.content : '', /^Nobody answered in time/);
});

test('a run that has not begun needs its team only, and can be cancelled without', async (t) => {
  const kit = await changingRuntime(t, { ...agents, Waiter: ['served'] });
  await kit.close();
  const store = sqliteStore(kit.db);
  for (const id of ['run_1', 'run_2']) {
    const none = { tenantId: 'default', userId: null, metadata: {}, dependencies: [] };
    const more = { ...none, messageId: 'm', definition: '{"members":{}}' };
    await store.createRun(
      { id, sessionId: id, team: 'Desk', message: 'Dinner', ...more },
      'refuse',
    );
  }
  await store.close();
  const without = await kit.open({ team: 'Front' });
  assert.equal(kit.reported.length, 2);
  assert.equal((await without.cancel('run_2')).status, 'cancelled');
  assert.deepEqual(kit.model.requests, []);
  assert.deepEqual(rowsOf(kit.db)['effect'], []);
  const paused = await (await kit.open()).resume('run_1', {});
  assert.equal(openQuestions(paused).length, 1);
});

test('a run that an ended one let begin is not taken up by code that lacks its team', async (t) => {
  const kit = await changingRuntime(t, agents);
  const first = await (await kit.open()).start({ message: 'Dinner', sessionId: 'ses_1' });
  await kit.close();
  const store = sqliteStore(kit.db);
  const none = { tenantId: 'default', userId: null, metadata: {}, dependencies: [] };
  const more = { ...none, messageId: 'm', definition: '{}' };
  const second = { id: 'run_2', sessionId: 'ses_1', team: 'Gone', message: 'Hi', ...more };
  await store.createRun(second, 'queue');
  await store.close();
  const runtime = await kit.open();
  await runtime.cancel(first.id);
  await sleep(50);
  await assert.rejects(
    runtime.resume('run_2', {}),
    (error) => error instanceof RequestError && error.code === 'definition_changed',
  );
  const [, row] = rowsOf(kit.db)['run'] ?? [];
  assert.equal((row as { revision: number }).revision, 0, 'no step of it was taken');
  assert.equal((await runtime.cancel('run_2')).status, 'cancelled');
});

test('a run whose state no chart has is refused and kept, and not even cancelled', async (t) => {
  const kit = await changingRuntime(t, agents);
  const run = await (await kit.open()).start({ message: 'Dinner' });
  await kit.close();
  const db = new Database(kit.db);
  db.exec(`UPDATE run SET snapshot = replace(snapshot, '"awaitingUserInput"', '"elsewhere"')`);
  db.close();
  const before = rowsOf(kit.db);
  const runtime = await kit.open();
  const answers = { [openQuestions(run)[0]?.id ?? '']: { approved: true, seat: 'window' } };
  for (const attempt of [runtime.resume(run.id, answers), runtime.cancel(run.id)]) {
    await assert.rejects(attempt, (error) => {
      assert.ok(error instanceof RequestError && error.code === 'definition_changed');
      assert.match(
        error.message,
        /The leader is in .*"elsewhere".*, a state that the chart "agent"/,
      );
      return true;
    });
  }
  await kit.close();
  assert.deepEqual(rowsOf(kit.db), before, 'not a byte is changed');
});
