/** Reasoning on the Responses wire: issued, sealed, and demanded back. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import OpenAI from 'openai';
import { call } from '../../src/testing/index.ts';
import { body as chatBody, post, serverFor, tool, user } from './requests.ts';
import {
  coffee,
  create,
  flatTool,
  type Input,
  outputsFor,
  postResponses,
  responsesBody,
} from './responses-requests.ts';

const SEALED = { include: ['reasoning.encrypted_content'] } as const;

const thinking = (t: TestContext) =>
  serverFor(t, {
    respond: ({ turn }) =>
      turn === 0
        ? { reasoning: 'Tea it is.', calls: [call('a', {}, 'c1'), call('b', {}, 'c2')] }
        : { reasoning: 'So be it.', text: 'Done.' },
  });

test('reasoning comes before its calls, sealed on demand, and is demanded back', async (t) => {
  const server = await thinking(t);
  const { output } = await create(server, coffee, { ...SEALED, reasoning: { summary: 'auto' } });
  const [thought, one, two] = output;
  assert.ok(thought?.type === 'reasoning' && one?.id && two?.id);
  assert.deepEqual(thought.summary, [{ type: 'summary_text', text: 'Tea it is.' }]);
  const whole = [...coffee, ...(output as Input), ...outputsFor(output)];
  const done = await create(server, whole, SEALED);
  assert.equal(done.output_text, 'Done.');
  assert.deepEqual(
    done.output.map(({ type }) => type),
    ['reasoning', 'message'],
  );

  const without = whole.filter((each) => each.type !== 'reasoning');
  const missing = (id: string) =>
    `400 Item '${id}' of type 'function_call' was provided without its required 'reasoning' item: '${thought.id}'.`;
  await assert.rejects(create(server, without), { message: missing(one.id), param: 'input' });
  const late = [...coffee, one as Input[number], thought, two as Input[number]];
  await assert.rejects(create(server, [...late, ...outputsFor(output)]), {
    message: missing(one.id),
  });
  const anonymous = without.map((each) => ({ ...each, id: undefined }) as Input[number]);
  assert.equal((await create(server, anonymous)).output_text, 'Done.');
});

test('reasoning needs what followed it', async (t) => {
  const server = await thinking(t);
  const [{ output }, other] = [await create(server, coffee, SEALED), await create(server, coffee)];
  const [thought] = output;
  assert.ok(thought?.type === 'reasoning');
  const message = `400 Item '${thought.id}' of type 'reasoning' was provided without its required following item.`;
  const foreign = other.output.slice(1) as Input;
  for (const rest of [
    [],
    [{ role: 'user' as const, content: 'Wait' }],
    [...foreign, ...outputsFor(other.output)],
  ]) {
    await assert.rejects(create(server, [...coffee, thought, ...rest]), { message });
  }
});

test('sealed reasoning belongs to one item and one model', async (t) => {
  const server = await thinking(t);
  const { output } = await create(server, coffee, SEALED);
  const [thought, ...calls] = output;
  assert.ok(thought?.type === 'reasoning');
  const rest = [...calls, ...outputsFor(output)] as Input;
  const code = 'invalid_encrypted_content';
  await assert.rejects(create(server, [...coffee, thought, ...rest], { model: 'gpt-6' }), { code });
  const renamed = { ...thought, id: 'rs_another' };
  await assert.rejects(create(server, [...coffee, renamed, ...rest]), {
    code,
    message: /item_id did not match the target item id\.$/,
  });
});

test('unsealed reasoning is found again only where items are stored', async (t) => {
  const server = await thinking(t);
  const { output } = await create(server, coffee);
  const whole = [...coffee, ...(output as Input), ...outputsFor(output)];
  await assert.rejects(create(server, whole), OpenAI.NotFoundError);
  assert.equal((await create(server, whole, { store: true })).output_text, 'Done.');
});

test('a reasoning model takes tools on Chat Completions only when it does not reason', async (t) => {
  const server = await serverFor(t, { refuseToolsWithReasoning: true, respond: () => 'Good.' });
  const tools = [tool('look_up')];
  const refused = await post(server, chatBody([user()], { tools, model: 'gpt-5.6' }));
  assert.equal(refused.status, 400);
  assert.deepEqual(refused.answer.error, {
    message:
      "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
    type: 'invalid_request_error',
    param: 'reasoning_effort',
    code: null,
  });
  assert.equal(
    (await post(server, chatBody([user()], { tools, reasoning_effort: 'none' }))).status,
    200,
  );
  assert.equal((await post(server, chatBody([user()]))).status, 200);
  const flat = responsesBody('Coffee', { tools: [flatTool('look_up')] });
  assert.equal((await postResponses(server, flat)).status, 200);
});
