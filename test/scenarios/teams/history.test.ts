/** History: whole earlier runs of the session, in the order in which they were said. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { defineAgent, openai, type Runtime } from '../../../src/index.ts';
import { call, type Turn } from '../../../src/testing/index.ts';
import { freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, contentOf, settled } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { sessionTeams } from '../../teams/sessions.ts';

/** Answers what was said last. */
const echo: Turn = ({ messages }) =>
  `re: ${messages.findLast(({ role }) => role === 'user')?.content}`;

async function say(runtime: Runtime, team: string, ...texts: readonly string[]) {
  for (const message of texts) {
    contentOf(await runtime.start({ team, message, sessionId: 'ses_1' }));
  }
}

test('a leader sees as many earlier runs as its history has, oldest first', async (t) => {
  const kit = await testRuntime(t, { TwoRuns: [echo], Desk: [echo] }, sessionTeams);
  await say(kit.runtime, 'TwoRuns', 'one', 'two');
  await say(kit.runtime, 'Desk', 'to another team');
  await say(await kit.reopen(), 'TwoRuns', 'three', 'four');
  assert.deepEqual(lastRequest(kit.model, 'TwoRuns'), [
    'user: two',
    'assistant: re: two',
    'user: three',
    'assistant: re: three',
    'user: four',
  ]);
  assert.deepEqual(lastRequest(kit.model, 'Desk'), ['user: to another team'], 'none by default');
});

test('a history of messages is cut between runs, never inside one', async (t) => {
  const kit = await testRuntime(
    t,
    {
      SixMessages: [
        ({ messages }) =>
          `${messages.at(-1)?.content}`.startsWith('long')
            ? [call('recall', { key: 'x' }), call('recall', { key: 'y' })]
            : 'short',
        'long',
      ],
    },
    sessionTeams,
  );
  const team = 'SixMessages';
  await say(kit.runtime, team, 'long 1', 'a', 'b');
  const seen = () => lastRequest(kit.model, team).map((line) => line.replace(/\[.*?\]/, ''));
  assert.deepEqual(seen(), ['user: a', 'assistant: short', 'user: b'], 'five more do not fit');
  await say(kit.runtime, team, 'long 2', 'c');
  assert.deepEqual(
    seen(),
    ['user: long 2', 'assistant', 'tool: nothing', 'tool: nothing', 'assistant: long', 'user: c'],
    'the run of five fits as a whole, and nothing before it does',
  );
});

test('a run that paused is history as a whole once it has ended, each request by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/sessions.ts',
    agents: {
      TwoRuns: [
        ({ messages }) => (messages.length === 2 ? [delegate('c1', 'A')] : 'second'),
        'first',
      ],
      A: [[ask('g', 'city')], 'A RESULT'],
    },
  });
  const said = (message: string) => ({ team: 'TwoRuns', session_id: 'ses_1', message });
  const { body: run } = await client.post('/chat', said('one'));
  const refused = await client.post('/chat', said('too early'));
  assert.equal(refused.body.code, 'run_paused');
  await client.resume(run.run_id, { [questionBy(run, 'A')]: { city: 'Rome' } });
  const { body: end } = await client.post('/chat', said('two'));
  assert.equal(end.final_content, 'second');
  assert.deepEqual(lastRequest(client.model, 'TwoRuns'), [
    'user: one',
    'assistant[c1]',
    'tool[c1]: A RESULT',
    'assistant: first',
    'user: two',
  ]);
  assert.deepEqual(lastRequest(client.model, 'A')[0], 'user: task for A', 'members have none');
});

test('messages that wait in the queue are answered in order, and each sees those before it', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Queue: [({ messages }) => (messages.length === 2 ? [delegate('c1', 'A')] : echo), 'first'],
      A: [[ask('g', 'city')], 'A RESULT'],
    },
    sessionTeams,
  );
  const say = (message: string) => ({ team: 'Queue', sessionId: 'ses_1', message });
  const run = await kit.runtime.start(say('one'));
  const two = await kit.runtime.start(say('two'));
  assert.equal(two.status, 'working');
  const later = await kit.reopen();
  const three = await later.start(say('three'));
  contentOf(await later.resume(run.id, { [askedBy(run, 'A')]: { city: 'Rome' } }));
  assert.equal(contentOf(await settled(later, three.id)), 're: three');
  assert.equal(contentOf(await later.get(two.id)), 're: two');
  assert.deepEqual(lastRequest(kit.model, 'Queue'), [
    'user: one',
    'assistant[c1]',
    'tool[c1]: A RESULT',
    'assistant: first',
    'user: two',
    'assistant: re: two',
    'user: three',
  ]);
});

test('a cancelled run is history with a result for every call', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Cancel: [
        ({ messages }) =>
          messages.length === 2
            ? [delegate('c1', 'A'), ask('g', 'name'), call('recall', { key: 'x' }, 'r')]
            : echo,
      ],
      A: [[ask('g', 'city')]],
    },
    sessionTeams,
  );
  const first = await kit.runtime.start({ team: 'Cancel', message: 'one', sessionId: 'ses_1' });
  const later = await kit.reopen();
  await say(later, 'Cancel', 'two');
  assert.equal((await later.get(first.id)).status, 'cancelled');
  const stopped = 'The run was stopped before this call had a result.';
  assert.deepEqual(lastRequest(kit.model, 'Cancel'), [
    'user: one',
    'assistant[c1,g,r]',
    `tool[c1]: ${stopped}`,
    `tool[g]: ${stopped}`,
    'tool[r]: nothing',
    'user: two',
  ]);
});

test('a run that failed inside with open calls is left out, and the session goes on', async (t) => {
  const kit = await testRuntime(
    t,
    { TwoRuns: [({ messages }) => (messages.length === 2 ? [ask('g', 'city')] : echo)] },
    sessionTeams,
  );
  const run = await kit.runtime.start({ team: 'TwoRuns', message: 'one', sessionId: 'ses_1' });
  const db = new Database(kit.db);
  // Takes the ids of the next step's effects, so that it breaks a rule of the tables.
  db.exec(`
    INSERT INTO effect (id, run_id, kind, path, name, up_to, repeatable, status, at)
    SELECT run.id || ':' || (revision + 1) || ':' || value, run.id, 'runTool', 'x', 'x', 0, 0, 'done', 0
    FROM run, json_each('[0,1,2]')`);
  db.close();
  const failed = await kit.runtime.resume(run.id, { [askedBy(run, 'TwoRuns')]: { city: 'Rome' } });
  assert.equal(failed.status, 'failed');
  const script = await kit.runtime.start({ team: 'TwoRuns', message: 'two', sessionId: 'ses_1' });
  assert.deepEqual(lastRequest(kit.model, 'TwoRuns'), ['user: two']);
  assert.equal(script.status, 'input_required');
});

test('a call that every run makes is no repetition, and its ids stay apart', async (t) => {
  const kit = await testRuntime(
    t,
    { Queue: [[call('recall', { key: 'x' }, 'same')], 'done'] },
    sessionTeams,
  );
  const texts = Array.from({ length: 8 }, (_, n) => `message ${n}`);
  await say(kit.runtime, 'Queue', ...texts);
  const lines = lastRequest(kit.model, 'Queue');
  const results = lines.filter((line) => line.startsWith('tool'));
  assert.equal(results.length, 8);
  assert.ok(
    results.every((line) => line.endsWith(': nothing')),
    lines.join('\n'),
  );
  assert.equal(new Set(results).size, 8);
});

test('a history that is no whole number is refused when the agent is defined', () => {
  const model = openai('gpt-4o-mini');
  const cases = [
    [{ runs: -1 }, '-1 runs'],
    [{ messages: 1.5 }, '1.5 messages'],
    [{ runs: Number.NaN }, 'NaN runs'],
  ] as const;
  for (const [history, what] of cases) {
    assert.throws(() => defineAgent({ name: 'Solo', model, history }), {
      code: 'limit_unusable',
      message: `Agent "Solo" has a history of ${what}. Use a whole number from 0.`,
    });
  }
});
