/** Limits of an agent and of a run: kept over pauses and restarts, and clear when one is reached. */
import assert from 'node:assert/strict';
import { createRuntime, defineAgent, openai, sqliteStore } from '../../../src/index.ts';
import { call, type Turn } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, contentOf, failureOf, modelCalls } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { limitedTeams } from '../../teams/limited.ts';

const step = (n: number, id = `s${n}`) => call('step', { n }, id);

/** Turns without end, each with a call, the first three with a text. */
const steps: Turn[] = Array.from({ length: 10 }, (_, n) => ({
  ...(n < 3 ? { text: `After ${n} steps.` } : {}),
  calls: [step(n)],
}));

test('a leader that has made all its model calls ends the run, and says what it said last', async (t) => {
  const kit = await testRuntime(t, { Desk: steps }, limitedTeams);
  assert.deepEqual(failureOf(await kit.runtime.start({ message: 'Go' })), {
    code: 'limit_reached',
    message: 'A limit was reached: "Desk" made all 4 model calls it may make.',
    content: 'After 2 steps.',
  });
  assert.equal(kit.model.requests.length, 4);
});

test('neither a pause nor a fresh process resets a limit', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/limited.ts',
    agents: {
      Desk: [[delegate('c1', 'A')], [ask('l1', 'x')], [delegate('c2', 'A')], [ask('l2', 'x')]],
      A: [[ask('g1', 'x')], [ask('g2', 'x')], 'A RESULT'],
    },
  });
  const { body: first } = await client.post('/chat', { message: 'Go' });
  let run = first;
  const asked: string[] = [];
  while (run.is_paused && asked.length < 9) {
    const [question] = run.questions ?? [];
    asked.push(question?.tool_call_id ?? '');
    run = await client.resume(first.run_id, { [question?.id ?? '']: { x: 'y' } });
  }
  assert.deepEqual(asked, ['g1', 'g2', 'l1', 'g1', 'g2', 'l2']);
  assert.equal(run.status, 'failed');
  assert.deepEqual(run.error, {
    code: 'limit_reached',
    message: 'A limit was reached: "Desk" made all 4 model calls it may make.',
  });
  assert.equal(run.content, '[A] A RESULT\n[A] A RESULT', 'the leader said nothing by itself');
  assert.deepEqual(['Desk', 'A'].map(client.modelCalls), [4, 6], 'each task has its own count');
});

test('a member that reaches a limit reports that, and its leader goes on', async (t) => {
  const kit = await testRuntime(
    t,
    { Desk: [[delegate('c1', 'A')], 'done'], A: [[ask('g', 'x')], [step(1)], [step(2)]] },
    limitedTeams,
  );
  const run = await kit.runtime.start({ message: 'Go' });
  const later = await kit.reopen();
  const end = await later.resume(run.id, { [askedBy(run, 'A')]: { x: 'y' } });
  assert.equal(contentOf(end), 'done');
  assert.deepEqual(lastRequest(kit.model, 'Desk').slice(2), [
    'tool[c1]: The member could not finish: A limit was reached: "A" made all 3 model calls it may make.',
  ]);
});

test('calls beyond those of one turn are refused, and the others are carried out', async (t) => {
  const kit = await testRuntime(
    t,
    { Desk: [[delegate('c1', 'A')], 'done'], A: [[step(1), step(2), step(3)], 'A RESULT'] },
    limitedTeams,
  );
  contentOf(await kit.runtime.start({ message: 'Go' }));
  assert.deepEqual(lastRequest(kit.model, 'A').slice(2), [
    'tool[s1]: step 1',
    'tool[s2]: step 2',
    'tool[s3]: At most 2 calls are carried out at a time; this one was not.',
  ]);
});

test('tokens are counted as the provider counts them, for an agent and for the run', async (t) => {
  const used = (turn: object, promptTokens: number) => ({
    ...turn,
    usage: { promptTokens, completionTokens: 100 },
  });
  const agents = {
    Desk: [used({ calls: [delegate('c1', 'A')] }, 100), used({ text: 'done' }, 200)],
    A: [used({ calls: [step(1)] }, 900), 'never said'],
  };
  const kit = await testRuntime(t, agents, limitedTeams);
  contentOf(await kit.runtime.start({ message: 'Go' }));
  const ofAgent = 'A limit was reached: "A" used all 1000 tokens it may use.';
  assert.equal(
    lastRequest(kit.model, 'Desk').at(-1),
    `tool[c1]: The member could not finish: ${ofAgent}`,
  );
  const narrow = await testRuntime(t, agents, limitedTeams, { limits: { tokens: 1_200 } });
  const { message } = failureOf(await narrow.runtime.start({ message: 'Go' }));
  assert.equal(message, 'A limit was reached: the run used all 1200 tokens it may use.');
  assert.equal(modelCalls(narrow, 'Desk'), 1);
});

test('the time at work ends a model call, and the time that the person takes is not counted', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Desk: [
        [ask('g', 'x')],
        { text: 'Nearly there.', calls: [step(1)] },
        { text: 'late', delayMs: 9_000 },
      ],
    },
    limitedTeams,
    { limits: { workingMs: 700 } },
  );
  const run = await kit.runtime.start({ message: 'Go' });
  await new Promise((resolve) => setTimeout(resolve, 900));
  const later = await kit.reopen();
  const begun = Date.now();
  const end = await later.resume(run.id, { [askedBy(run, 'Desk')]: { x: 'y' } });
  assert.deepEqual(failureOf(end), {
    code: 'limit_reached',
    message: 'A limit was reached: the run worked for all 700 ms it may work.',
    content: 'Nearly there.',
  });
  assert.ok(Date.now() - begun < 5_000);
});

test('the same call again and again is refused, also over a restart, and other calls are not', async (t) => {
  const again = [step(7, 'a1'), call('step', '{ "n": 7 }', 'a2'), step(7, 'a3')];
  const kit = await testRuntime(
    t,
    {
      Desk: [
        again,
        [ask('g', 'x'), ...again.map(({ id, ...one }) => ({ ...one, id: `${id}b` }))],
        [step(7, 'last'), step(8)],
        'done',
      ],
    },
    limitedTeams,
  );
  const run = await kit.runtime.start({ message: 'Go' });
  const later = await kit.reopen();
  contentOf(await later.resume(run.id, { [askedBy(run, 'Desk')]: { x: 'y' } }));
  const results = lastRequest(kit.model, 'Desk').filter((line) => line.startsWith('tool['));
  const refused = 'You made this very call';
  assert.deepEqual(
    results.filter((line) => line.includes(refused)),
    [
      `tool[a3b]: ${refused} 5 times already. Do something else.`,
      `tool[last]: ${refused} 6 times already. Do something else.`,
    ],
  );
  assert.equal(results.at(-1), 'tool[s8]: step 8');
});

test('a limit that is no whole number from 1 is refused before anything runs', async () => {
  const model = openai('gpt-4o-mini');
  for (const modelCalls of [0, 1.5, -1, Number.NaN]) {
    const limits = { modelCalls };
    assert.throws(() => defineAgent({ name: 'Solo', model, limits }), {
      code: 'limit_unusable',
      message: `Agent "Solo" has the limit modelCalls ${modelCalls}. Use a whole number from 1.`,
    });
    const teams = [defineAgent({ name: 'Solo', model })];
    const store = sqliteStore(':memory:');
    await assert.rejects(createRuntime({ teams, store, limits }), { code: 'limit_unusable' });
    await store.close();
  }
});
