/** A tool that needs values of the person: two schemas, of which the model sees one. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import {
  DefinitionError,
  defineAgent,
  defineTool,
  openai,
  RequestError,
} from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { freshClient, questionBy } from '../../kit/fresh-client.ts';
import { questionOf } from '../../kit/pauses.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

test('a tool gets what the model filled in and what the person did, and the model sees its own part', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    agents: {
      Desk: [[delegate('c1', 'A')], 'done'],
      A: [[call('book', { guests: 2 }, 'b')], (request) => `${request.messages.at(-1)?.content}`],
    },
  });
  const run = await client.chat('Dinner');
  const [question] = run.questions ?? [];
  assert.equal(question?.reason, 'input_required');
  assert.equal(question.asked_by, 'Desk/A');
  assert.equal(question.tool_name, 'book');
  assert.equal(question.arguments, '{"guests":2}');
  assert.deepEqual(
    question.fields.map(({ name, type, required }) => [name, type, required]),
    [
      ['name', 'string', true],
      ['seats', 'choice', false],
    ],
  );
  const wrong = await client.post('/resume', {
    run_id: run.run_id,
    answers: { [question.id]: { name: 'x', seats: 'roof', guests: 9 } },
  });
  assert.equal(wrong.status, 422);
  assert.deepEqual(wrong.body.errors?.map(({ pointer }) => pointer.split('/').at(-1)).sort(), [
    'guests',
    'name',
    'seats',
  ]);
  assert.deepEqual(client.witness(), [], 'nothing ran');
  await client.resume(run.run_id, { [questionBy(run, 'A')]: { name: 'Ada' } });
  assert.deepEqual(client.witness(), ['book 2 Ada inside'], 'what was left out has its default');
  const seen = client.model.requests
    .flatMap(({ tools }) => tools)
    .map((one) => JSON.stringify(one));
  const books = seen.filter((tool) => tool.includes('"book"'));
  assert.ok(books.length > 0);
  assert.ok(!books.some((tool) => tool.includes('terrace')), 'the second schema stays here');
});

test("the tool's own schema checks what no form can say", async (t) => {
  let ran = 0;
  const trip = defineTool({
    name: 'trip',
    description: 'Plans a trip.',
    input: z.object({ to: z.string() }),
    askUser: z
      .object({ from: z.iso.date(), until: z.iso.date() })
      .refine(({ from, until }) => from <= until, { path: ['until'], message: 'is too early' }),
    execute: (_, { user }) => {
      ran += 1;
      return `${user.from} to ${user.until}`;
    },
  });
  const kit = await testRuntime(
    t,
    { Desk: [[call('trip', { to: 'Rome' }, 't')], 'done'] },
    (url) => [
      defineAgent({ name: 'Desk', model: openai('gpt-4o-mini', { baseURL: url }), tools: [trip] }),
    ],
  );
  const run = await kit.runtime.start({ message: 'Trip' });
  const { id } = questionOf(run, 't');
  const runtime = await kit.reopen();
  const answer = (from: string, until: string) => runtime.resume(run.id, { [id]: { from, until } });
  await assert.rejects(answer('2026-05-02', '2026-05-01'), (error: unknown) => {
    assert.ok(error instanceof RequestError);
    assert.equal(error.code, 'answer_invalid');
    assert.deepEqual(error.errors, [{ pointer: `/${id}/until`, message: 'is too early' }]);
    return true;
  });
  assert.deepEqual(await runtime.get(run.id), run, 'the run stays paused as it was');
  assert.equal((await answer('2026-05-01', '2026-05-02')).status, 'completed');
  assert.equal(ran, 1);
});

test('what a form would bring back as another value is refused when the tool is defined', () => {
  const tool = { name: 'trip', description: 'Plans.', input: z.object({}), execute: () => 'ok' };
  for (const type of [z.literal([1, 2]), z.array(z.literal([1, 2])), z.object({ a: z.string() })]) {
    assert.throws(
      () => defineTool({ ...tool, askUser: z.object({ seats: type }) }),
      (error: unknown) => error instanceof DefinitionError && error.code === 'field_unsupported',
    );
  }
  const askUser = z.object({ approved: z.boolean() });
  assert.equal(defineTool({ ...tool, askUser }).userFields.length, 1);
  assert.throws(() => defineTool({ ...tool, askUser, approval: 'always' }), /approvals use/);
});
