/** Tools whose bodies ask: entered again with the answers, and never run again in silence. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import * as z from 'zod';
import { ask, defineAgent, defineTool, openai, type ToolContext } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { questionOf, resultsIn } from '../../kit/pauses.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

test('a tool asks twice in the middle of its work, and does it once', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    agents: {
      Desk: [[delegate('c1', 'A')], 'done'],
      A: [[call('transfer', { amount: 5 }, 't')], 'A RESULT'],
    },
  });
  const first = await client.chat('Transfer');
  assert.equal(first.questions?.[0]?.prompt, 'Which code did you get for 5?');
  const wrong = { run_id: first.run_id, answers: { [questionBy(first, 'A')]: { code: 7 } } };
  assert.equal((await client.post('/resume', wrong)).status, 422);
  const second = await client.resume(first.run_id, { [questionBy(first, 'A')]: { code: 'old' } });
  assert.equal(second.questions?.[0]?.prompt, 'That one is old. Which is new?');
  assert.notEqual(questionBy(second, 'A'), questionBy(first, 'A'));
  assert.deepEqual(client.witness(), []);
  const end = await client.resume(first.run_id, { [questionBy(second, 'A')]: { code: 'new' } });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(client.witness(), ['transfer 5 new']);
  assert.deepEqual(resultsIn(lastRequest(client.model, 'A')), { t: 'transferred 5' });
  assert.equal(client.modelCalls('A'), 2, 'the model waits until the tool is through');
});

type Body = (context: ToolContext<{ name: string }>) => unknown;

/** A team of one agent with one tool, which has this body. */
function withBody(
  t: TestContext,
  body: Body,
  more: { approval?: 'always'; idempotent?: boolean } = {},
) {
  const tool = defineTool({
    name: 'work',
    description: 'Works.',
    input: z.object({}),
    askUser: z.object({ name: z.string() }),
    ...more,
    execute: (_, context) => body(context),
  });
  return testRuntime(t, { Desk: [[call('work', {}, 'w')], 'done'] }, (baseURL) => [
    defineAgent({ name: 'Desk', model: openai('gpt-4o-mini', { baseURL }), tools: [tool] }),
  ]);
}

test('a held tool that asks more keeps what the person said before it ran', async (t) => {
  const seen: unknown[] = [];
  const keys: string[] = [];
  // Names that mean something in an approval, and here nothing but themselves.
  const more = z.object({ approved: z.boolean(), arguments: z.string() });
  const kit = await withBody(
    t,
    ({ user, answers, idempotencyKey }) => {
      seen.push([user, answers]);
      keys.push(idempotencyKey);
      if (answers.length < 3) return ask(more, 'More?');
      return 'worked';
    },
    { approval: 'always' },
  );
  let run = await kit.runtime.start({ message: 'Work' });
  const approval = { approved: true, name: 'Ada' };
  run = await kit.runtime.resume(run.id, { [questionOf(run, 'w').id]: approval });
  for (const approved of [true, false, true]) {
    const runtime = await kit.reopen();
    const { reason, id } = questionOf(run, 'w');
    assert.equal(reason, 'input_required');
    run = await runtime.resume(run.id, { [id]: { approved, arguments: 'any' } });
  }
  assert.equal(run.status, 'completed');
  const answers = [true, false, true].map((approved) => ({ approved, arguments: 'any' }));
  const user = { name: 'Ada' };
  assert.deepEqual(
    seen,
    [0, 1, 2, 3].map((n) => [user, answers.slice(0, n)]),
  );
  assert.equal(new Set(keys).size, 4, 'each entry has a key of its own');
});

test('a tool that is cut short while it asks is not entered again until the person says so', async (t) => {
  let entered = 0;
  const answered: number[] = [];
  let waits = Promise.withResolvers<void>();
  const began = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const kit = await withBody(t, async ({ answers, signal }) => {
    began[entered]?.resolve();
    entered += 1;
    answered.push(answers.length);
    if (entered <= 2) {
      signal.addEventListener('abort', () => waits.resolve());
      await waits.promise;
    }
    return answers.length === 0 ? ask(z.object({ code: z.string() }), 'Which code?') : 'worked';
  });
  const begun = await kit.runtime.start({ message: 'Work' });
  const name = { [questionOf(begun, 'w').id]: { name: 'Ada' } };
  const cut = async (at: number, answering: Promise<unknown>) => {
    const refused = assert.rejects(answering);
    await began[at]?.promise;
    const runtime = await kit.reopen();
    waits = Promise.withResolvers();
    await refused;
    return runtime.resume(begun.id, {});
  };
  let run = await cut(0, kit.runtime.resume(begun.id, name));
  assert.deepEqual([questionOf(run, 'w').reason, entered], ['outcome_unknown', 1]);
  const again = () => ({ [questionOf(run, 'w').id]: { outcome: 'run_it_again' } });
  run = await cut(1, kit.runtime.resume(run.id, again()));
  assert.deepEqual([questionOf(run, 'w').reason, entered], ['outcome_unknown', 2]);
  run = await kit.runtime.resume(run.id, again());
  assert.equal(questionOf(run, 'w').prompt, 'Which code?');
  run = await kit.runtime.resume(run.id, { [questionOf(run, 'w').id]: { code: '7' } });
  assert.equal(run.status, 'completed');
  assert.deepEqual(answered, [0, 0, 0, 1]);
});

test('a question that no form can hold is a failure of its tool, and the run goes on', async (t) => {
  const kit = await withBody(t, () => ask(z.object({ deep: z.object({}) }), 'What?'));
  const run = await kit.runtime.start({ message: 'Work' });
  const end = await kit.runtime.resume(run.id, { [questionOf(run, 'w').id]: { name: 'Ada' } });
  assert.equal(end.status, 'completed');
  assert.deepEqual(resultsIn(lastRequest(kit.model, 'Desk')), { w: 'The tool failed.' });
  assert.match(String(kit.reported), /no form can hold/);
});
