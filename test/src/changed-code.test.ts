/** A paused run meets other code than that which saved it: it goes on, or is refused and kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { defineTool, RequestError } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { changingRuntime, rowsOf } from '../kit/changing.ts';
import { openQuestions } from '../kit/runtime.ts';
import { ask, delegate } from '../kit/turns.ts';
import type { Version } from '../teams/changing.ts';

const book = call('book_table', { guests: 2 }, 'b');

const echo: Turn = (request) => `${request.messages.at(-1)?.content}`;

const agents = { Desk: [[delegate('c', 'Clerk')], echo], Clerk: [[book], echo] };

const held = { approved: true, seat: 'window' };

const done = 'booked {"guests":2}, {"seat":"window"}, 123';

const harmless: readonly [string, Version][] = [
  ['nothing', {}],
  ['words', { wording: 'Second.' }],
  ['new members and tools', { members: ['Porter'], tools: [newTool('ring')] }],
];

function newTool(name: string) {
  const execute = () => 'done';
  const input = z.object({ room: z.int() });
  return defineTool({ name, description: 'Is new.', input, approval: 'always', execute });
}

for (const [what, version] of harmless) {
  test(`a paused run goes on after a change of ${what}`, async (t) => {
    const kit = await changingRuntime(t, agents);
    const first = await (await kit.open()).start({ message: 'Dinner' });
    const runtime = await kit.open(version);
    const [approval] = openQuestions(first);
    const second = await runtime.resume(first.id, { [approval?.id ?? '']: held });
    const later = await kit.open({ ...version, ...{ wording: 'Third.' } });
    const [code] = openQuestions(second);
    const end = await later.resume(first.id, { [code?.id ?? '']: { code: '123' } });
    assert.equal(end.status === 'completed' && end.content, done);
    assert.deepEqual(kit.model.refusals, []);
    assert.deepEqual(kit.reported, []);
  });
}

const refused: readonly [string, Version, string][] = [
  ['team', { team: 'Front' }, 'Team "Desk" is not defined now.'],
  [
    'member',
    { clerk: 'Waiter' },
    'Agent "Desk/Clerk" has a task in the run and is not defined now.',
  ],
  [
    'way to lead',
    { mode: 'tasks' },
    'Agent "Desk" led by "coordinate" when the run was saved; it leads by "tasks" now.',
  ],
  [
    'tool',
    { book: 'reserve' },
    'Tool "book_table" of "Desk/Clerk" has an open call and is not defined now.',
  ],
  [
    'kind of tool',
    { external: true },
    'Tool "book_table" of "Desk/Clerk" has an open call; it was a function when the run was saved, and is done outside now.',
  ],
  [
    'input of a tool',
    { guests: z.object({ guests: z.int().min(1) }) },
    'Tool "book_table" of "Desk/Clerk" has an open call; what the model fills in has changed since the run was saved.',
  ],
  [
    'set of values that the person fills in',
    { seat: z.object({ seat: z.int() }) },
    'Tool "book_table" of "Desk/Clerk" has an open call; what the person fills in has changed since the run was saved.',
  ],
];

for (const [what, version, message] of refused) {
  test(`a paused run that needs another ${what} is refused and kept`, async (t) => {
    const kit = await changingRuntime(t, agents);
    const run = await (await kit.open()).start({ message: 'Dinner' });
    const answers = { [openQuestions(run)[0]?.id ?? '']: held };
    await kit.close();
    const before = rowsOf(kit.db);
    const changed = await kit.open(version);
    await assert.rejects(changed.resume(run.id, answers), (error) => {
      assert.ok(error instanceof RequestError);
      assert.equal(error.code, 'definition_changed');
      assert.deepEqual(error.errors, [{ pointer: '', message }]);
      assert.ok(error.message.includes(message), error.message);
      return true;
    });
    assert.deepEqual(await changed.get(run.id), run);
    await kit.close();
    assert.deepEqual(rowsOf(kit.db), before, 'not a byte is changed');
    const back = await (await kit.open()).resume(run.id, answers);
    assert.equal(openQuestions(back)[0]?.prompt, 'Which code?');
  });
}

test('every difference is listed, and an answer that does not fit is not looked at', async (t) => {
  const kit = await changingRuntime(t, agents);
  const run = await (await kit.open()).start({ message: 'Dinner' });
  const runtime = await kit.open({ mode: 'broadcast', book: 'reserve' });
  await assert.rejects(runtime.resume(run.id, { q_0: {} }), (error) => {
    assert.ok(error instanceof RequestError);
    assert.equal(error.errors.length, 2);
    assert.match(error.message, /There are 2 differences\./);
    return error.code === 'definition_changed';
  });
});

test('a question goes on though the tool that asked takes other arguments now', async (t) => {
  const kit = await changingRuntime(t, {
    Desk: [[delegate('c', 'Clerk')], echo],
    Clerk: [[ask('g', 'city')], echo],
  });
  const run = await (await kit.open()).start({ message: 'Trip' });
  const runtime = await kit.open({ guests: z.object({ people: z.int() }), seat: z.object({}) });
  const end = await runtime.resume(run.id, { [openQuestions(run)[0]?.id ?? '']: { city: 'Rome' } });
  assert.equal(end.status === 'completed' && end.content, '{"city":"Rome"}');
});

test('a call that new code made is compared with that code from then on', async (t) => {
  const ring = call('ring', { room: 7 }, 'r');
  const kit = await changingRuntime(t, {
    Desk: [[delegate('c', 'Clerk')], echo],
    Clerk: [[ask('g', 'city')], [ring], echo],
  });
  const version: Version = { tools: [newTool('ring')] };
  const run = await (await kit.open()).start({ message: 'Trip' });
  const [question] = openQuestions(run);
  const second = await (await kit.open(version)).resume(run.id, {
    [question?.id ?? '']: { city: 'Rome' },
  });
  const answers = { [openQuestions(second)[0]?.id ?? '']: { approved: true } };
  const without = await kit.open();
  await assert.rejects(without.resume(run.id, answers), { code: 'definition_changed' });
  const end = await (await kit.open(version)).resume(run.id, answers);
  assert.equal(end.status === 'completed' && end.content, 'done');
});

test('a run that the code cannot continue can be cancelled, and its session is free', async (t) => {
  const kit = await changingRuntime(t, { ...agents, Waiter: ['no'] });
  const run = await (await kit.open()).start({ message: 'Dinner', sessionId: 'ses_1' });
  const runtime = await kit.open({ clerk: 'Waiter' });
  await assert.rejects(runtime.start({ message: 'Hi', sessionId: 'ses_1' }), {
    code: 'run_paused',
  });
  assert.equal((await runtime.cancel(run.id)).status, 'cancelled');
  const { tool_call: calls = [] } = rowsOf(kit.db);
  assert.deepEqual(
    calls.map((row) => (row as { source: string }).source),
    ['cancellation', 'cancellation'],
    'every open call has its result',
  );
  assert.deepEqual(kit.reported, []);
});
