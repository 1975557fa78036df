/** Why a run stands where it stands: one sentence for each agent and tool call that has not ended. */
import assert from 'node:assert/strict';

import {
  createRuntime,
  type Explanation,
  type LegalEvent,
  sqliteStore,
} from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { changingRuntime, rowsOf } from '../../kit/changing.ts';
import { freshClient } from '../../kit/fresh-client.ts';
import { pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { runTasks } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { modeTeams } from '../../teams/modes.ts';
import pausingTeams from '../../teams/pauses.ts';

function sentences({ actors }: Explanation): string[] {
  return actors.map(({ sentence }) => sentence);
}

function at({ actors }: Explanation, path: string) {
  const found = actors.find((actor) => actor.path === path);
  assert.ok(found, `there is no actor at "${path}"`);
  return found;
}

function causes(events: readonly LegalEvent[]): string[] {
  return events.map(({ type, cause }) => `${type} by ${cause}`);
}

test('a paused team says who waits for whom, and how far the person has come', async (t) => {
  const kit = await pausingRuntime(t, {
    Desk: [[delegate('c1', 'A'), call('pay', { amount: 500, to: 'Bob' }, 'p')], 'done'],
    A: [[ask('g1', 'city'), ask('g2', 'date')], 'A RESULT'],
  });
  const { id } = await kit.runtime.start({ message: 'Trip' });
  const run = await kit.runtime.get(id);
  const first = await kit.runtime.explain(id);
  assert.equal(first.sentence, 'The run waits for you: 3 questions are open.');
  assert.deepEqual([first.runId, first.status, first.stalled], [id, 'input_required', false]);
  assert.deepEqual(sentences(first), [
    '"Desk" waits for its member "A" and for you: 0 of 1 question answered.',
    '"delegate_task_to_member" waits for its member "A".',
    '"A" waits for you: 0 of 2 questions answered.',
    '"get_user_input" waits for your answer.',
    '"get_user_input" waits for your answer.',
    '"pay" waits for approval.',
  ]);
  await kit.runtime.resume(id, { [questionOf(run, 'g2').id]: { date: 'MON' } });
  const second = await (await kit.reopen()).explain(id);
  const member = at(second, 'c1:A');
  assert.equal(member.sentence, '"A" waits for you: 1 of 2 questions answered.');
  assert.deepEqual(member.questionIds, [questionOf(run, 'g1').id]);
  assert.deepEqual(at(second, '').questionIds, [questionOf(run, 'p').id], "its own calls' alone");
  assert.equal(member.since.getTime(), at(first, 'c1:A').since.getTime(), 'it did not move');
});

test('what an actor can take now is what its chart takes, with what brings it about', async (t) => {
  const kit = await pausingRuntime(t, {
    Desk: [[delegate('c1', 'A')], 'done'],
    A: [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'A RESULT'],
  });
  const run = await kit.runtime.start({ message: 'Trip' });
  const explained = await kit.runtime.explain(run.id);
  const leader = at(explained, '');
  assert.deepEqual(
    [leader.kind, leader.name, leader.state, leader.parent],
    ['agent', 'Desk', 'answeringCalls.awaitingUserInput', null],
  );
  assert.deepEqual(causes(leader.events), [
    'call.waits by actor',
    'run.cancelled by cancel',
    'xstate.done.actor.* by actor',
  ]);
  const held = at(explained, 'c1:A/p');
  assert.deepEqual([held.kind, held.name, held.state], ['toolCall', 'pay', 'awaitingUserInput']);
  assert.deepEqual(causes(held.events), ['run.cancelled by cancel', 'user.answered by resume']);
});

test('a team at work says which model is asked and which tool runs', async (t) => {
  const asked = Promise.withResolvers<void>();
  const reply = Promise.withResolvers<string>();
  const kit = await pausingRuntime(t, {
    Desk: [[delegate('c1', 'A'), call('slow', {}, 's')], 'done'],
    A: [
      () => {
        asked.resolve();
        return reply.promise;
      },
    ],
  });
  const started = kit.runtime.start({ message: 'Trip', sessionId: 'ses_1' });
  await asked.promise;
  const runId = onlyRun(kit.db);
  const working = await kit.runtime.explain(runId);
  assert.equal(working.sentence, 'The run is at work: 1 model call and 1 tool under way.');
  assert.deepEqual(sentences(working), [
    '"Desk" waits for its member "A" and for its tool "slow".',
    '"delegate_task_to_member" waits for its member "A".',
    '"A" asks its model.',
    '"slow" runs.',
  ]);
  assert.deepEqual(causes(at(working, 'c1:A').events), [
    'model.failed by model',
    'model.replied by model',
    'run.cancelled by cancel',
  ]);
  await kit.runtime.cancel(runId);
  reply.resolve('late');
  await started;
  const over = await kit.runtime.explain(runId);
  assert.equal(over.sentence, 'The run was cancelled.');
  assert.deepEqual(sentences(over), ['"Desk" was cancelled.']);
  assert.deepEqual(at(over, '').events, []);
});

function onlyRun(db: string): string {
  const [row] = rowsOf(db)['run'] ?? [];
  return String(Object(row).id);
}

test('a list of tasks says how many are reported', async (t) => {
  const kit = await testRuntime(
    t,
    {
      tasks: [[runTasks('c', ['t1', 'A'], ['t2', 'B', 't1'])], 'done'],
      A: ['A'],
      B: [[ask('g', 'city')], 'B'],
    },
    modeTeams,
  );
  const run = await kit.runtime.start({ team: 'tasks', message: 'Trip' });
  const explained = await kit.runtime.explain(run.id);
  assert.equal(
    at(explained, 'c').sentence,
    '"run_tasks" waits for its member "B": 1 of 2 reported.',
  );
});

test('a question with a deadline, and what another system returns, are waited for in other words', async (t) => {
  const kit = await pausingRuntime(
    t,
    { Desk: [[call('vote', { topic: 'x' }, 'v'), call('fax', { text: 'x' }, 'f')], 'done'] },
    { tools: { deadlineMs: 600_000 } },
  );
  const run = await kit.runtime.start({ message: 'Trip' });
  const until = questionOf(run, 'v').expiresAt?.toISOString();
  assert.deepEqual(sentences(await kit.runtime.explain(run.id)).slice(1), [
    `"vote" waits for approval, until ${until}.`,
    '"fax" waits for what another system returns.',
  ]);
});

test('what a deadline brings about can come only where there is one', async (t) => {
  const Desk = [[call('vote', { topic: 'x' }, 'v'), delegate('c', 'A')], 'done'];
  const A = [[call('must', { topic: 'x' }, 'm'), call('send', { to: 'Ada' }, 's')], 'A RESULT'];
  const kit = await pausingRuntime(t, { Desk, A }, { tools: { deadlineMs: 600_000 } });
  const run = await kit.runtime.start({ message: 'Trip' });
  const timed = async () => {
    const { actors } = await kit.runtime.explain(run.id);
    return actors.flatMap(({ events }) => causes(events).filter((one) => /deadline/.test(one)));
  };
  assert.deepEqual(await timed(), ['run.failed by deadline', 'question.expired by deadline']);
  await kit.runtime.resume(run.id, { [questionOf(run, 'm').id]: { approved: false } });
  assert.deepEqual(await timed(), ['question.expired by deadline']);
});

test('a tool whose outcome a crash hid waits for the person to say whether it ran', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    dies: true,
    agents: { Desk: [[call('risky', { what: 'work' }, 'r')], 'done'] },
  });
  await assert.rejects(client.post('/chat', { message: 'Work' }), 'the process died');
  await client.send('GET', '/questions');
  await client.end();
  const runtime = await createRuntime({ teams: pausingTeams, store: sqliteStore(client.db) });
  t.after(() => runtime.close());
  const explained = await runtime.explain(onlyRun(client.db));
  assert.equal(at(explained, 'r').sentence, '"risky" waits for you to say whether it ran.');
  assert.equal(at(explained, 'r').state, 'outcomeUnknown');
});

test('a queued run names the run that it waits for, and has no actors', async (t) => {
  const kit = await pausingRuntime(t, { QueueDesk: [[call('send', { to: 'Ada' }, 's')], 'done'] });
  const start = { team: 'QueueDesk', sessionId: 'ses_1' };
  const first = await kit.runtime.start({ ...start, message: 'One' });
  const second = await kit.runtime.start({ ...start, message: 'Two' });
  const explained = await kit.runtime.explain(second.id);
  assert.equal(explained.sentence, `The run waits for run "${first.id}" of its session to end.`);
  assert.deepEqual(explained.actors, []);
  assert.equal(explained.stalled, false);
});

test('a run that the code of now cannot continue is stalled, and looking at it changes nothing', async (t) => {
  const kit = await changingRuntime(t, {
    Desk: [[delegate('c', 'Clerk')], 'end'],
    Clerk: [[ask('g', 'city')], 'done'],
  });
  const run = await (await kit.open()).start({ message: 'Trip' });
  const runtime = await kit.open({ clerk: 'Waiter' });
  const before = rowsOf(kit.db);
  const explained = await runtime.explain(run.id);
  assert.equal(explained.stalled, true);
  assert.equal(
    explained.sentence,
    'The run is stalled: Agent "Desk/Clerk" has a task in the run and is not defined now.',
  );
  assert.equal(
    at(explained, 'c:Clerk').sentence,
    '"Clerk" waits for you: 0 of 1 question answered.',
  );
  assert.deepEqual(rowsOf(kit.db), before);
  await assert.rejects(runtime.explain('run_no'), { code: 'run_not_found' });
});

test('a completed and a failed run say so', async (t) => {
  const kit = await pausingRuntime(t, {
    Desk: [({ messages }) => (messages.at(-1)?.content === 'Hi' ? 'Hello' : { status: 400 })],
  });
  const done = await kit.runtime.start({ message: 'Hi' });
  const explained = await kit.runtime.explain(done.id);
  assert.equal(explained.sentence, 'The run is completed.');
  assert.deepEqual(sentences(explained), ['"Desk" has reported.']);
  const failed = await kit.runtime.start({ message: 'Fail' });
  assert.equal(failed.status, 'failed');
  const after = await kit.runtime.explain(failed.id);
  assert.equal(
    after.sentence,
    `The run failed: ${failed.status === 'failed' && failed.failure.message}`,
  );
  assert.deepEqual(sentences(after), ['"Desk" failed.']);
});

test('a run whose model cannot be had says so', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [{ status: 401 }] });
  const run = await kit.runtime.start({ message: 'Hi' });
  const explained = await kit.runtime.explain(run.id);
  assert.equal(explained.stalled, true);
  assert.match(explained.sentence, /^The run is stalled: The model "[^"]+" answered 401\./);
  assert.deepEqual(sentences(explained), [
    '"Desk" waits for its model, which cannot be had for now.',
  ]);
});
