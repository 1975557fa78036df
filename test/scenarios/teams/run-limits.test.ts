/** Limits of a run as a whole: exact, however many of its agents work side by side. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { ask as askUser, defineAgent, defineTool, openai } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { lastRequest } from '../../kit/fresh-client.ts';
import { openQuestions, testRuntime } from '../../kit/runtime.ts';
import {
  askedBy,
  contentOf,
  delegateToAll,
  failureOf,
  modelCalls,
  runTasks,
} from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { modeTeams } from '../../teams/modes.ts';

test('members side by side make no more model calls than the run may make', async (t) => {
  const kit = await testRuntime(
    t,
    { broadcast: [[delegateToAll('c1')]], A: ['A RESULT'], B: ['B RESULT'], C: ['C RESULT'] },
    modeTeams,
    { limits: { modelCalls: 3 } },
  );
  assert.deepEqual(failureOf(await kit.runtime.start({ team: 'broadcast', message: 'Go' })), {
    code: 'limit_reached',
    message: 'A limit was reached: the run made all 3 model calls it may make.',
    content: '[A] A RESULT\n[B] B RESULT',
  });
  assert.equal(kit.model.requests.length, 3);
});

test('model calls before a pause count after the restart, for all agents together', async (t) => {
  const kit = await testRuntime(
    t,
    { coordinate: [[delegate('c1', 'A')]], A: [[ask('g', 'x')], 'A RESULT'] },
    modeTeams,
    { limits: { modelCalls: 3 } },
  );
  const run = await kit.runtime.start({ message: 'Go' });
  const later = await kit.reopen();
  const end = await later.resume(run.id, { [askedBy(run, 'A')]: { x: 'y' } });
  assert.equal(failureOf(end).code, 'limit_reached');
  assert.equal(failureOf(end).content, '[A] A RESULT');
  assert.equal(kit.model.requests.length, 3);
});

test('members that ask side by side open no more questions than the run may ask', async (t) => {
  const kit = await testRuntime(
    t,
    {
      broadcast: [[delegateToAll('c1')], 'done'],
      ...Object.fromEntries(
        ['A', 'B', 'C'].map((name) => [name, [[ask('g', 'x'), ask('h', 'y')], `${name} RESULT`]]),
      ),
    },
    modeTeams,
    { limits: { questions: 4 } },
  );
  const run = await kit.runtime.start({ team: 'broadcast', message: 'Go' });
  assert.equal(openQuestions(run).length, 4);
  const later = await kit.reopen();
  const answers = openQuestions(run).map(({ id, fields }) => [
    id,
    { [fields[0]?.name ?? '']: 'v' },
  ]);
  contentOf(await later.resume(run.id, Object.fromEntries(answers)));
  const refused = ['A', 'B', 'C'].flatMap((member) =>
    lastRequest(kit.model, member).filter((line) =>
      line.endsWith('The run has asked all 4 questions it may ask.'),
    ),
  );
  assert.equal(refused.length, 2);
});

test('a tool that asks beyond the limit has a result instead of a question', async (t) => {
  const nosy = defineTool({
    name: 'nosy',
    description: 'Asks and asks.',
    input: z.object({}),
    execute: () => askUser(z.object({ x: z.string() }), 'x?'),
  });
  const kit = await testRuntime(
    t,
    { Solo: [[call('nosy', {}, 'n')], 'done'] },
    (baseURL) => [
      defineAgent({ name: 'Solo', model: openai('gpt-4o-mini', { baseURL }), tools: [nosy] }),
    ],
    { limits: { questions: 2 } },
  );
  let run = await kit.runtime.start({ message: 'Go' });
  let answered = 0;
  while (run.status === 'input_required' && answered < 5) {
    answered += 1;
    run = await kit.runtime.resume(run.id, { [askedBy(run, 'Solo')]: { x: 'y' } });
  }
  assert.equal(contentOf(run), 'done');
  assert.equal(answered, 2);
  assert.equal(
    lastRequest(kit.model, 'Solo').at(-1),
    'tool[n]: The run has asked all 2 questions it may ask.',
  );
});

test('leaders side by side delegate no more often than the run may', async (t) => {
  const kit = await testRuntime(
    t,
    {
      coordinate_of_teams: [
        [delegate('c1', 'coordinate_inside', 'one'), delegate('c2', 'coordinate_inside', 'two')],
        'done',
      ],
      coordinate_inside: [[delegate('d1', 'A'), delegate('d2', 'B')], 'INSIDE'],
      A: ['A RESULT'],
      B: ['B RESULT'],
    },
    modeTeams,
    { limits: { delegations: 5 } },
  );
  contentOf(await kit.runtime.start({ team: 'coordinate_of_teams', message: 'Go' }));
  assert.equal(modelCalls(kit, 'A') + modelCalls(kit, 'B'), 3);
  const told = kit.model.requests.filter((request) =>
    JSON.stringify(request.messages).includes('The run has made all 5 delegations it may make.'),
  );
  assert.equal(told.length, 1);
});

test('delegations go as deep as the run may, and no deeper', async (t) => {
  const kit = await testRuntime(
    t,
    {
      deepest: [[runTasks('c1', ['t1', 'deeper'])], 'done'],
      deeper: [[delegate('c1', 'deep')]],
      deep: [[delegateToAll('c1')], 'by myself'],
    },
    modeTeams,
    { limits: { depth: 2 } },
  );
  contentOf(await kit.runtime.start({ team: 'deepest', message: 'Go' }));
  assert.deepEqual(lastRequest(kit.model, 'deep').slice(2), [
    'tool[c1]: Delegations go at most 2 levels deep.',
  ]);
  assert.equal(lastRequest(kit.model, 'deepest').at(-1), 'tool[c1]: by myself');
});
