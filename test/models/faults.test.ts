/** What a run does when the model's server misbehaves. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defineAgent, defineTeam, openai } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { lastRequest } from '../kit/fresh-client.ts';
import { testRuntime } from '../kit/runtime.ts';
import { delegate } from '../kit/turns.ts';

async function runOf(t: TestContext, ...turns: Turn[]) {
  const desk = (baseURL: string) => [
    defineAgent({ name: 'Desk', model: openai('gpt-4o-mini', { baseURL, firstByteMs: 500 }) }),
  ];
  const kit = await testRuntime(t, { Desk: turns }, desk, { retries: { firstWaitMs: 10 } });
  return { ...kit, run: await kit.runtime.start({ message: 'Hello' }) };
}

function failureOf(run: { status: string; failure?: { code: string; message: string } }) {
  assert.equal(run.status, 'failed');
  return run.failure?.code;
}

/** Says the first things once each, then the last for ever. */
function inTurn(...turns: Turn[]): Turn {
  let next = 0;
  return () => turns[Math.min(next++, turns.length - 1)] ?? '';
}

test('a passing fault of the model is tried again', async (t) => {
  const { run } = await runOf(t, inTurn({ status: 503 }, { body: '<html>busy</html>' }, 'Hello.'));
  assert.equal(run.status === 'completed' && run.content, 'Hello.');
});

test('a model that stays unavailable stalls the run with a reason', async (t) => {
  const { run, model } = await runOf(t, { status: 503 });
  assert.equal(run.status === 'working' && run.stalled?.code, 'model_unavailable');
  assert.equal(model.requests.length, 5);
});

test('a request that the model refuses is not sent again', async (t) => {
  const { run, model } = await runOf(t, { status: 400, body: { error: { message: 'no' } } });
  assert.equal(failureOf(run), 'model_request_refused');
  assert.equal(model.requests.length, 1);
});

for (const [what, body] of [
  ['HTML', '<html>hello</html>'],
  ['no choice', { choices: [] }],
  ['nothing', {}],
] as const) {
  test(`a 200 that carries ${what} is not believed`, async (t) => {
    const { run } = await runOf(t, { status: 200, body });
    assert.equal(failureOf(run), 'model_reply_unusable');
  });
}

test('an error that comes with status 200 is one all the same', async (t) => {
  const { run, model } = await runOf(t, inTurn({ body: { error: { message: 'busy' } } }, 'Hello.'));
  assert.equal(run.status === 'completed' && run.content, 'Hello.');
  assert.equal(model.requests.length, 2);
});

test('a refusal ends the run', async (t) => {
  const { run } = await runOf(t, { refusal: 'I cannot help with that.' });
  assert.equal(failureOf(run), 'model_refused');
});

test('a model that never answers stalls the run', async (t) => {
  const { run, model } = await runOf(t, { text: 'late', delayMs: 60_000 });
  assert.equal(run.status === 'working' && run.stalled?.code, 'model_unavailable');
  assert.equal(model.requests.length, 3);
});

test('no call of a reply that was cut off is carried out', async (t) => {
  const cut = { calls: [call('book_table', '{"guests": 2', 'b1')], finishReason: 'length' };
  const { run, model } = await runOf(t, cut, 'done');
  assert.equal(run.status, 'completed');
  assert.match(lastRequest(model, 'Desk').at(-1) ?? '', /tool\[b1\]: Your reply was cut off/);
});

test("a member's failure is the result of its delegation, and the leader goes on", async (t) => {
  const agents = {
    Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
    A: [{ status: 400, body: { error: { message: 'no' } } }],
    B: ['B RESULT'],
  };
  const { runtime, model } = await testRuntime(t, agents, (baseURL) => {
    const shared = { role: 'r', model: openai('gpt-4o-mini', { baseURL }) };
    const members = ['A', 'B'].map((name) => defineAgent({ name, ...shared }));
    return [defineTeam({ name: 'Desk', ...shared, members })];
  });
  const run = await runtime.start({ message: 'Trip' });
  assert.equal(run.status === 'completed' && run.content, 'done');
  assert.deepEqual(lastRequest(model, 'Desk').slice(2), [
    'tool[c1]: The member could not finish: The model "gpt-4o-mini" answered 400.',
    'tool[c2]: B RESULT',
  ]);
});
