/** Choices that the model offers: labels with descriptions, one or several. */
import assert from 'node:assert/strict';
import { call } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { pausingRuntime, questionOf, resultsIn } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

const questions = [
  {
    question: 'Where do you want to sit?',
    header: 'Seats',
    options: [{ label: 'inside', description: 'Warm and loud.' }, { label: 'terrace' }],
  },
  {
    question: 'What do you want to drink?',
    options: [{ label: 'wine' }, { label: 'water' }, { label: 'tea' }],
    multi_select: true,
  },
];

test('a member offers choices with descriptions, and gets what was chosen', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    agents: {
      Desk: [[delegate('c1', 'A')], 'done'],
      A: [[call('ask_user', { questions }, 'u')], 'A RESULT'],
    },
  });
  const run = await client.chat('Dinner');
  const [question] = run.questions ?? [];
  assert.ok(question);
  const [seats, drinks] = question.fields;
  assert.deepEqual([seats?.type, drinks?.type], ['choice', 'choices']);
  assert.deepEqual(seats?.choices, ['inside', 'terrace']);
  assert.deepEqual(seats?.descriptions, { inside: 'Warm and loud.' });
  assert.equal(run.queries?.[0]?.query, 'Seats: Where do you want to sit?');
  const wrong = await client.post('/resume', {
    run_id: run.run_id,
    answers: { [question.id]: { question_1: 'roof', question_2: ['wine', 'wine'] } },
  });
  assert.equal(wrong.status, 422);
  assert.equal(wrong.body.errors?.length, 2);
  const end = await client.resume(run.run_id, {
    [question.id]: { question_1: 'terrace', question_2: ['tea', 'wine'] },
  });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(resultsIn(lastRequest(client.model, 'A')), {
    u: '{"question_1":"terrace","question_2":["tea","wine"]}',
  });
});

test('choices that nobody could tell apart are refused, and the model hears why', async (t) => {
  const twice = [{ label: 'yes' }, { label: 'yes' }];
  const turn = [
    call('ask_user', { questions: [{ question: 'Sure?', options: twice }] }, 'u1'),
    call('ask_user', { questions: [{ question: 'Sure?', options: [{ label: 'yes' }] }] }, 'u2'),
    call('ask_user', { questions: [questions[0], questions[0]] }, 'u3'),
    call('ask_user', { questions }, 'u4'),
  ];
  const kit = await pausingRuntime(t, { Desk: [turn, 'done'] });
  const run = await kit.runtime.start({ message: 'Dinner' });
  const answer = { question_1: 'inside', question_2: ['tea'] };
  await kit.runtime.resume(run.id, { [questionOf(run, 'u4').id]: answer });
  const { u1, u2, u3 } = kit.results();
  assert.match(u1 ?? '', /two options of one label/);
  assert.match(u2 ?? '', /^The arguments of "ask_user" do not fit/);
  assert.match(u3 ?? '', /the same question twice/);
});
