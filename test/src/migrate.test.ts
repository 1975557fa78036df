/** A paused run is rewritten for renamed agents and tools by a registered function, or not at all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { definitionOf } from '../../src/define/describe.ts';
import { type Migrate, openai, RequestError, sqliteStore } from '../../src/index.ts';
import { takeStep } from '../../src/step.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { changingRuntime, rowsOf } from '../kit/changing.ts';
import { lastRequest } from '../kit/fresh-client.ts';
import { openQuestions } from '../kit/runtime.ts';
import { ask, delegate } from '../kit/turns.ts';
import { changingTeam, toRenamed, type Version } from '../teams/changing.ts';

const echo: Turn = (request) => `${request.messages.at(-1)?.content}`;

const book = call('book_table', { guests: 2 }, 'b');

const clerk: readonly Turn[] = [[book], echo];

const agents = { Desk: [[delegate('c', 'Clerk')], echo], Clerk: clerk, Waiter: clerk };

const renamed: Version = { clerk: 'Waiter', book: 'reserve' };

const held = { approved: true, seat: 'window' };

const done = 'booked {"guests":2}, {"seat":"window"}, 123';

const identity: Migrate = (saved) => saved;

test('a run goes on under new names, with what was approved and asked before', async (t) => {
  const kit = await changingRuntime(t, agents);
  const runtime = await kit.open();
  const first = await runtime.start({ message: 'Dinner' });
  const second = await runtime.resume(first.id, { [openQuestions(first)[0]?.id ?? '']: held });
  const [code] = openQuestions(second);
  const later = await kit.open(renamed, toRenamed);
  const end = await later.resume(first.id, { [code?.id ?? '']: { code: '123' } });
  assert.equal(end.status === 'completed' && end.content, done);
  const asked = kit.model.requests.findLast(({ agent }) => agent === 'Waiter');
  assert.match(JSON.stringify(asked?.messages), /"name":"reserve"/, 'its transcript says so too');
  const { log = [] } = rowsOf(kit.db);
  const entry = log.find((row) => (row as { type: string }).type === 'run.migrated');
  assert.deepEqual(JSON.parse((entry as { data: string }).data), {
    path: '',
    agents: { 'Desk/Clerk': 'Desk/Waiter' },
    tools: { 'c:Clerk/b': 'reserve' },
  });
  assert.deepEqual(kit.model.refusals, []);
});

test('a question of a migrated run is asked by the agent of now', async (t) => {
  const kit = await changingRuntime(t, agents);
  const run = await (await kit.open()).start({ message: 'Dinner' });
  const later = await kit.open(renamed, toRenamed);
  const [question] = openQuestions(await later.resume(run.id, {}));
  assert.equal(question?.askedBy, 'Desk/Waiter');
  assert.equal(question?.toolName, 'reserve');
  const third = await (await kit.open(renamed)).resume(run.id, { [question?.id ?? '']: held });
  assert.equal(openQuestions(third)[0]?.prompt, 'Which code?', 'the migration is not needed again');
});

test('a team may get another name, and two members each other’s', async (t) => {
  const kit = await changingRuntime(t, {
    Desk: [[delegate('c', 'Clerk'), delegate('p', 'Porter')]],
    Front: [[], echo],
    Clerk: [[ask('g', 'city')], 'the second clerk'],
    Porter: [[ask('g', 'date')], 'the second porter'],
  });
  const run = await (await kit.open({ members: ['Porter'] })).start({ message: 'Trip' });
  const names = new Map([
    ['Desk', 'Front'],
    ['Desk/Clerk', 'Front/Porter'],
    ['Desk/Porter', 'Front/Clerk'],
  ]);
  const migrate: Migrate = ({ agent }) => ({ agent: names.get(agent) ?? agent });
  const version: Version = { team: 'Front', clerk: 'Porter', members: ['Clerk'] };
  const runtime = await kit.open(version, migrate);
  const asked = openQuestions(await runtime.resume(run.id, {}));
  assert.deepEqual(
    asked.map(({ askedBy }) => askedBy),
    ['Front/Porter', 'Front/Clerk'],
  );
  const answers = asked.map(({ id, fields }) => [id, { [fields[0]?.name ?? '']: 'x' }] as const);
  const end = await runtime.resume(run.id, Object.fromEntries(answers));
  assert.equal(end.team, 'Front');
  assert.equal(end.status === 'completed' && end.content, 'the second clerk');
  assert.deepEqual(lastRequest(kit.model, 'Front').slice(2), [
    'tool[c]: the second porter',
    'tool[p]: the second clerk',
  ]);
});

test('a reply that the crash kept from its step begins its calls under the names of now', async (t) => {
  const reserve = call('reserve', { guests: 2 }, 'b');
  const kit = await changingRuntime(t, { ...agents, Waiter: [[reserve], echo] });
  const model = openai('gpt-4o-mini', { baseURL: kit.model.url });
  const definition = definitionOf(changingTeam(model));
  const given = { userId: null, metadata: {}, dependencies: [], definition };
  const run = {
    id: 'run_1',
    tenantId: 'default',
    sessionId: 's',
    team: 'Desk',
    message: 'Dinner',
    messageId: 'm',
    ...given,
  };
  const plan = [{ id: 'Clerk', member: 'Clerk', after: [], task: 'Book.' }];
  const name = 'delegate_task_to_member';
  const calls = [{ id: 'c', name, arguments: '{}', intent: 'delegation' as const, plan }];
  const usage = { inputTokens: 0, outputTokens: 0 };
  const reply = { type: 'model.replied', agent: '', text: null, routes: false, usage } as const;
  const store = sqliteStore(kit.db);
  await store.createRun(run, 'refuse');
  const begun = await store.step(run.id, takeStep);
  const claimed = await store.claim(begun.event === null ? '' : (begun.effects[0]?.id ?? ''));
  assert.ok(claimed);
  await store.deliver(claimed, { ...reply, calls });
  await store.close();
  const without = await kit.open(renamed);
  await assert.rejects(without.resume(run.id, {}), /Agent "Desk\/Clerk" has a task/);
  const paused = await (await kit.open(renamed, toRenamed)).resume(run.id, {});
  assert.equal(openQuestions(paused)[0]?.askedBy, 'Desk/Waiter');
});

const more = z.object({ guests: z.int(), outside: z.boolean().default(false) });
const fewer = z.object({ guests: z.int().max(1) });

test('a changed input is taken where the migration accepts it and the arguments fit', async (t) => {
  const kit = await changingRuntime(t, agents);
  const run = await (await kit.open()).start({ message: 'Dinner' });
  const answers = { [openQuestions(run)[0]?.id ?? '']: held };
  const accept: Migrate = (saved) => ({ ...saved, accept: saved.tool === 'book_table' });
  const strict = await kit.open({ guests: fewer }, accept);
  await assert.rejects(strict.resume(run.id, answers), /whose arguments do not fit/);
  const silent = await kit.open({ guests: more }, identity);
  await assert.rejects(silent.resume(run.id, answers), { code: 'definition_changed' });
  const runtime = await kit.open({ guests: more }, accept);
  const second = await runtime.resume(run.id, answers);
  const [code] = openQuestions(second);
  const end = await runtime.resume(run.id, { [code?.id ?? '']: { code: '123' } });
  assert.match(end.status === 'completed' ? end.content : '', /"outside":false/);
});

test('another way to lead is taken where the migration accepts it', async (t) => {
  const kit = await changingRuntime(t, agents);
  const run = await (await kit.open()).start({ message: 'Dinner' });
  const accept: Migrate = (saved) => ({ ...saved, accept: true });
  const runtime = await kit.open({ mode: 'tasks' }, accept);
  assert.equal(openQuestions(await runtime.resume(run.id, {})).length, 1);
});

const unusable: readonly [string, Migrate, RegExp][] = [
  [
    'throws',
    () => {
      throw new Error('secret');
    },
    /The migration does not say what "Desk" is called now/,
  ],
  ['returns nothing', () => undefined as never, /does not say what "Desk\/Clerk" is called now/],
  [
    'moves an agent away from its leader',
    ({ agent }) => ({ agent: agent === 'Desk/Clerk' ? 'Waiter' : agent }),
    /"Desk\/Clerk" is called "Waiter" by the migration, which is not a member of "Desk"/,
  ],
  [
    'names what is not there',
    (saved) => toRenamed({ ...saved, agent: saved.agent.replace('Clerk', 'Nobody') }),
    /Agent "Desk\/Clerk", "Desk\/Nobody" after the migration, has a task/,
  ],
  [
    'leaves a tool out',
    (saved) => ({ ...toRenamed(saved), tool: saved.tool }),
    /Tool "book_table" of "Desk\/Clerk" has an open call and is not defined now/,
  ],
];

for (const [what, migrate, message] of unusable) {
  test(`a migration that ${what} leaves the run as it is`, async (t) => {
    const kit = await changingRuntime(t, agents);
    const run = await (await kit.open()).start({ message: 'Dinner' });
    await kit.close();
    const before = rowsOf(kit.db);
    const runtime = await kit.open(renamed, migrate);
    await assert.rejects(runtime.resume(run.id, {}), (error) => {
      assert.ok(error instanceof RequestError && error.code === 'definition_changed');
      assert.match(JSON.stringify(error.errors).replaceAll('\\"', '"'), message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    await kit.close();
    assert.deepEqual(rowsOf(kit.db), before, 'not a byte is changed');
  });
}
