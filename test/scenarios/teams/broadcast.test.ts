/** Teams that broadcast: one call goes to every member, and the reports come back in their order. */
import assert from 'node:assert/strict';
import { askers, freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, askersOf, contentOf, delegateToAll, modelCalls } from '../../kit/team-run.ts';
import { ask } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { modeTeams } from '../../teams/modes.ts';

const broadcast = { team: 'broadcast', message: 'Trip' };

const inOrder = ['[A] A RESULT', '[B] B RESULT', '[C] C RESULT'].join('\n');

test('every member works on the task, and reports stand in member order whoever is first', async (t) => {
  const kit = await testRuntime(
    t,
    {
      broadcast: [[delegateToAll('c1', 'Look around')], 'done'],
      A: [{ text: 'A RESULT', delayMs: 120 }],
      B: [{ text: 'B RESULT', delayMs: 60 }],
      C: ['C RESULT'],
    },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(broadcast)), 'done');
  assert.deepEqual(lastRequest(kit.model, 'broadcast').slice(2), [`tool[c1]: ${inOrder}`]);
  for (const member of ['A', 'B', 'C']) {
    assert.deepEqual(lastRequest(kit.model, member), ['user: Look around']);
  }
  const [tool] = kit.model.requests[0]?.tools.slice(-1) ?? [];
  assert.match(JSON.stringify(tool), /"delegate_task_to_members".*A: Works as A\./);
});

test('members that pause hold the leader up, and nobody else, each request by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/modes.ts',
    agents: {
      broadcast: [[delegateToAll('c1')], 'done'],
      A: [[ask('g', 'city')], 'A RESULT'],
      B: ['B RESULT'],
      C: [[ask('g', 'city')], 'C RESULT'],
    },
  });
  const { body: run } = await client.post('/chat', broadcast);
  assert.deepEqual(askers(run), ['A', 'C']);
  const later = await client.resume(run.run_id, { [questionBy(run, 'C')]: { city: 'Oslo' } });
  assert.deepEqual(askers(later), ['A']);
  assert.equal(client.modelCalls('broadcast'), 1);
  const end = await client.resume(run.run_id, { [questionBy(later, 'A')]: { city: 'Rome' } });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(lastRequest(client.model, 'broadcast').slice(2), [`tool[c1]: ${inOrder}`]);
  assert.deepEqual(['broadcast', 'A', 'B', 'C'].map(client.modelCalls), [2, 2, 1, 2]);
});

test('a member that fails has its place among the reports, and the leader goes on', async (t) => {
  const kit = await testRuntime(
    t,
    {
      broadcast: [[delegateToAll('c1')], 'done'],
      A: [[ask('g', 'city')], 'A RESULT'],
      B: [{ status: 400 }],
      C: ['C RESULT'],
    },
    modeTeams,
  );
  const run = await kit.runtime.start(broadcast);
  assert.deepEqual(askersOf(run), ['broadcast/A'], 'the others are not told to stop');
  const end = await kit.runtime.resume(run.id, { [askedBy(run, 'A')]: { city: 'Rome' } });
  assert.equal(contentOf(end), 'done');
  const failed = '[B] The member could not finish: The model "gpt-4o-mini" answered 400.';
  assert.deepEqual(lastRequest(kit.model, 'broadcast').slice(2), [
    `tool[c1]: [A] A RESULT\n${failed}\n[C] C RESULT`,
  ]);
});

test('two broadcasts in one reply are two tasks for every member', async (t) => {
  const kit = await testRuntime(
    t,
    {
      broadcast: [[delegateToAll('c1', 'one'), delegateToAll('c2', 'two')], 'done'],
      A: [({ messages }) => `A ${messages[1]?.content}`],
      B: [({ messages }) => `B ${messages[1]?.content}`],
      C: [({ messages }) => `C ${messages[1]?.content}`],
    },
    modeTeams,
  );
  assert.equal(contentOf(await kit.runtime.start(broadcast)), 'done');
  assert.deepEqual(lastRequest(kit.model, 'broadcast').slice(2), [
    'tool[c1]: [A] A one\n[B] B one\n[C] C one',
    'tool[c2]: [A] A two\n[B] B two\n[C] C two',
  ]);
  assert.equal(modelCalls(kit, 'A'), 2);
});
