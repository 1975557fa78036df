/** The state of a session: read and written by tools, and saved with their results. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ask, defineAgent, defineTool, openai, type Session } from '../../../src/index.ts';
import { call, type ToolCallTurn } from '../../../src/testing/index.ts';
import { startApp } from '../../kit/app.ts';
import { folderFor } from '../../kit/folder.ts';
import { freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { askedBy, contentOf } from '../../kit/team-run.ts';
import { delegate } from '../../kit/turns.ts';
import { post } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';
import { sessionTeams, sessionTools } from '../../teams/sessions.ts';

const team = 'test/teams/sessions.ts';

const remember = (key: string, value: unknown, id = `set_${key}`) =>
  call('remember', { key, value }, id);
const recall = (key: string, id = `get_${key}`) => call('recall', { key }, id);

/** The results that an agent read last, without their ids. */
function results(kit: Parameters<typeof lastRequest>[0], agent: string): string[] {
  return lastRequest(kit, agent)
    .filter((line) => line.startsWith('tool['))
    .map((line) => line.replace(/^tool\[\w+\]: /, ''));
}

test('what a member sets is read by the leader in a later run, each request by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team,
    agents: {
      Desk: [
        ({ messages }) =>
          messages[1]?.content === 'set' ? [delegate('c1', 'A')] : [recall('plan')],
        'done',
      ],
      A: [
        [remember('plan', { city: 'Rome', stops: [1, null], note: null })],
        [
          call(
            'get_user_input',
            {
              user_input_fields: [{ field_name: 'x', field_type: 'str', field_description: 'x?' }],
            },
            'g',
          ),
        ],
        [recall('plan')],
        'A RESULT',
      ],
    },
  });
  const { body: run } = await client.post('/chat', { message: 'set', session_id: 'ses_1' });
  await client.resume(run.run_id, { [questionBy(run, 'A')]: { x: 'y' } });
  const written = '{"city":"Rome","stops":[1,null],"note":null}';
  assert.deepEqual(results(client.model, 'A'), [`kept ${written}`, '{"x":"y"}', written]);
  await client.post('/chat', { message: 'get', session_id: 'ses_1' });
  assert.deepEqual(results(client.model, 'Desk'), [written]);
  await client.post('/chat', { message: 'get', session_id: 'ses_2' });
  assert.deepEqual(results(client.model, 'Desk'), ['nothing'], 'another session has its own');
});

test('setting a key replaces its value, and removing it leaves the others', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Desk: [
        [
          remember('cart', { fish: 1, wine: 2 }),
          remember('name', 'Ann'),
          remember('__proto__', 'x'),
        ],
        [remember('cart', { bread: 1 }, 's2'), recall('name'), recall('__proto__', 'p')],
        [recall('cart', 'r1'), call('forget', { key: 'name' }, 'f'), recall('toString', 'r4')],
        [recall('name', 'r2'), recall('cart', 'r3')],
        'done',
      ],
    },
    sessionTeams,
  );
  contentOf(await kit.runtime.start({ message: 'Shop' }));
  assert.deepEqual(results(kit.model, 'Desk').slice(3), [
    'kept {"bread":1}',
    '"Ann"',
    '"x"',
    '{"bread":1}',
    '(no output)',
    'nothing',
    'nothing',
    '{"bread":1}',
  ]);
});

test('tools side by side each save their own keys, and nothing that a failing one set', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Desk: [
        [
          ...['a', 'b', 'c', 'd'].map((key, n) => remember(key, n)),
          call('break_off', { key: 'e', how: 'throws' }, 'x1'),
          call('break_off', { key: 'f', how: 'says' }, 'x2'),
        ],
        ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => recall(key)),
        'done',
      ],
    },
    sessionTeams,
  );
  contentOf(await kit.runtime.start({ message: 'Shop' }));
  const all = results(kit.model, 'Desk');
  assert.deepEqual(all.slice(4, 6), ['The tool failed.', 'No luck.']);
  assert.deepEqual(all.slice(6), ['0', '1', '2', '3', 'nothing', 'nothing']);
  assert.equal(kit.reported.length, 1);
});

test('a process that dies before the result leaves no trace in the session', async (t) => {
  const file = folderFor(t);
  const turns: ToolCallTurn[][] = [
    [remember('a', 1)],
    [call('break_off', { key: 'b', how: 'dies' }, 'x')],
    [recall('a'), recall('b')],
  ];
  const model = await startStrictModel({ agents: { Desk: [...turns, 'done'] } });
  t.after(() => model.close());
  const options = {
    team,
    db: file('runs.db'),
    model: model.url,
    env: { WITNESS: file('witness') },
  };
  const first = await startApp(options);
  await assert.rejects(post(first.url, '/chat', { message: 'Go', session_id: 'ses_1' }));
  assert.equal((await first.ended).signal, 'SIGKILL');
  const second = await startApp(options);
  t.after(() => second.kill());
  const listed = await fetch(`${second.url}/questions?session_id=ses_1`);
  const { questions } = (await listed.json()) as {
    questions: { id: string; run_id: string; reason: string }[];
  };
  const [question] = questions;
  assert.equal(question?.reason, 'outcome_unknown');
  const { body } = await post(second.url, '/resume', {
    run_id: question?.run_id,
    answers: { [question?.id ?? '']: { outcome: 'give_up' } },
  });
  assert.equal(body.final_content, 'done');
  assert.deepEqual(results(model, 'Desk').slice(2), ['1', 'nothing']);
  assert.deepEqual(model.refusals, []);
});

/** Runs one tool, made by a test, and lets `recall` tell what became of the session. */
async function runWith(t: TestContext, execute: (session: Session, answers: number) => unknown) {
  const own = defineTool({
    name: 'own',
    description: 'Does what the test says.',
    input: z.object({}),
    timeoutMs: 50,
    execute: (_, { session, answers }) => execute(session, answers.length),
  });
  const kit = await testRuntime(
    t,
    { Solo: [[call('own', {}, 'o')], [recall('a'), recall('b')], 'done'] },
    (baseURL) => {
      const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
      return [defineAgent({ name: 'Solo', model, tools: [own, ...sessionTools] })];
    },
  );
  return { kit, run: await kit.runtime.start({ message: 'Go' }) };
}

test('what a tool sets before it asks is saved with its question', async (t) => {
  const { kit, run } = await runWith(t, (session, answers) => {
    if (answers > 0) return session.set('b', session.get('a'));
    session.set('a', 'asked');
    return ask(z.object({ x: z.string() }), 'x?');
  });
  const later = await kit.reopen();
  contentOf(await later.resume(run.id, { [askedBy(run, 'Solo')]: { x: 'y' } }));
  assert.deepEqual(results(kit.model, 'Solo'), ['(no output)', '"asked"', '"asked"']);
});

test('a tool that takes too long changes nothing, whenever it set a key', async (t) => {
  const { kit, run } = await runWith(t, async (session) => {
    session.set('a', 'early');
    await sleep(80);
    session.set('b', 'late');
  });
  contentOf(run);
  assert.deepEqual(results(kit.model, 'Solo').slice(1), ['nothing', 'nothing']);
});

test('a value that JSON cannot say is refused where it is set', async (t) => {
  const { kit, run } = await runWith(t, (session) => session.set('a', 2n));
  contentOf(run);
  assert.deepEqual(results(kit.model, 'Solo'), ['The tool failed.', 'nothing', 'nothing']);
  assert.match(String(kit.reported[0]), /TypeError/);
});
