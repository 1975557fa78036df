/** Tools without `execute`: another system does the work and answers with what it returned. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { DefinitionError, defineTool } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { pausingRuntime, questionOf, resultsIn } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

test("another system's result must fit the tool's output, and becomes the call's result", async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    agents: {
      Desk: [[delegate('c1', 'A')], 'done'],
      A: [[call('ship', { order: 'o1' }, 'x')], 'A RESULT'],
    },
  });
  const run = await client.chat('Ship');
  const [question] = run.questions ?? [];
  assert.equal(question?.reason, 'external_execution');
  assert.equal(question.arguments, '{"order":"o1"}', 'all that the other system needs');
  const send = (values: unknown) =>
    client.post('/resume', { run_id: run.run_id, answers: { [question.id]: values } });
  const wrong = await send({ result: { tracking: 't9', days: -1 } });
  assert.equal(wrong.status, 422);
  assert.deepEqual(
    wrong.body.errors?.map(({ pointer }) => pointer),
    [`/answers/${question.id}/result/days`],
  );
  const end = await send({ result: { tracking: 't9', days: 3 } });
  assert.equal(end.body.final_content, 'done');
  const { x } = resultsIn(lastRequest(client.model, 'A'));
  assert.equal(x, '{"tracking":"t9","days":3}');
});

test('without an output schema any text is a result, also a long one', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [[call('fax', { text: 'hi' }, 'f')], 'done'] });
  const run = await kit.runtime.start({ message: 'Fax' });
  const later = await kit.reopen();
  const page = 'x'.repeat(200_000);
  const end = await later.resume(run.id, { [questionOf(run, 'f').id]: { result: page } });
  assert.equal(end.status, 'completed');
  assert.deepEqual(kit.results(), { f: page });
});

test('a tool that nobody could carry out is refused when it is defined', () => {
  const tool = { name: 'fly', description: 'Flies.', input: z.object({}) };
  const refused = (more: object, code: string) =>
    assert.throws(
      () => defineTool({ ...tool, ...more }),
      (error: unknown) => error instanceof DefinitionError && error.code === code,
    );
  refused({ approval: 'always' }, 'tool_unusable');
  refused({ askUser: z.object({ a: z.string() }) }, 'tool_unusable');
  refused({ output: z.object({ at: z.date() }) }, 'schema_unusable');
});
