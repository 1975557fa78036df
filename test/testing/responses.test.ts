/** What the Responses wire accepts, answers, and makes of a request. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../src/testing/index.ts';
import { body as chatBody, post, serverFor, system, tool, user } from './requests.ts';
import {
  coffee,
  create,
  flatTool,
  type Input,
  item,
  outputsFor,
  postResponses,
  responsesBody,
} from './responses-requests.ts';

const round = (...ids: string[]) => [
  ...ids.map((id) => item.call(id)),
  ...ids.map((id) => item.output(id)),
];

const ACCEPTED: [title: string, sent: unknown][] = [
  ['an input that is a text', responsesBody('Coffee')],
  [
    'calls whose outputs come later and in another order',
    responsesBody([
      item.user(),
      item.call('call_a'),
      item.call('call_b'),
      item.user('Wait'),
      item.output('call_b'),
      item.output('call_a'),
    ]),
  ],
  [
    'each call with its output beside it',
    responsesBody([item.user(), ...round('call_a'), ...round('call_b')]),
  ],
  ['a call id of 64 characters', responsesBody(round('x'.repeat(64)))],
  [
    'an output in parts',
    responsesBody([
      item.call('call_a'),
      item.output('call_a', [{ type: 'input_text', text: 'found' }]),
    ]),
  ],
  [
    'reasoning that was not sealed here, and was never stored, where its text is gone',
    responsesBody([
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hm', annotations: [], logprobs: [] }],
      },
      item.user(),
    ]),
  ],
  [
    'a choice of tools where there are some',
    responsesBody('Coffee', {
      tools: [flatTool('a'), flatTool('b', { strict: null, parameters: null })],
      tool_choice: { type: 'function', name: 'b' },
      parallel_tool_calls: false,
      max_output_tokens: 16,
      text: { format: { type: 'text' } },
      metadata: {},
    }),
  ],
];

for (const [title, sent] of ACCEPTED) {
  test(`on Responses, the model server accepts ${title}`, async (t) => {
    const server = await serverFor(t, { respond: () => 'Good.' });
    const { status, answer } = await postResponses(server, sent);
    assert.equal(status, 200, JSON.stringify(answer));
    assert.equal(answer.output[0].content[0].text, 'Good.');
    assert.equal(server.requests.length, 1);
  });
}

test('one script serves both wires, and a request reads alike on both', async (t) => {
  const agents = { Desk: [[call('look_up', { word: 'tea' }, 'c1')], 'A drink.'] };
  const server = await serverFor(t, { agents });
  const instructions = system('Desk').content;
  const made = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{}' } };
  const asked = [system('Desk'), user('Tea?')];
  const answered = [
    { role: 'assistant', content: null, tool_calls: [made] },
    { role: 'tool', tool_call_id: 'c1', content: 'found' },
  ];
  const tools = [tool('look_up')];
  await post(server, chatBody(asked, { tools }));
  await post(server, chatBody([...asked, ...answered], { tools }));
  const flat = { tools: [flatTool('look_up', { strict: null })] };
  const input = [item.user('Tea?')];
  await postResponses(server, responsesBody(input, { instructions, ...flat }));
  const inItems = [system('Desk', 'developer'), ...input, ...round('c1')];
  await postResponses(server, responsesBody(inItems, flat));

  const [first, second, third, fourth] = server.requests;
  assert.deepEqual(
    server.requests.map(({ wire, agent, turn }) => [wire, agent, turn]),
    [
      ['chat', 'Desk', 0],
      ['chat', 'Desk', 1],
      ['responses', 'Desk', 0],
      ['responses', 'Desk', 1],
    ],
  );
  assert.deepEqual(third?.messages, first?.messages);
  assert.deepEqual(fourth?.messages.slice(1), second?.messages.slice(1));
  assert.equal(third?.tools[0]?.type, 'function');
  assert.equal(third?.wire === 'responses' && third.body.instructions, instructions);
});

test('the items of one reply are one turn, however they stand', async (t) => {
  const server = await serverFor(t, {
    respond: ({ turn }) =>
      turn === 0
        ? { text: 'One moment.', calls: [call('a', {}, 'c1'), call('b', {}, 'c2')] }
        : 'Done.',
  });
  const { output } = await create(server, coffee);
  const [said, one, two] = output as Input;
  assert.ok(said && one && two);
  const [forOne, forTwo] = outputsFor(output);
  assert.ok(forOne && forTwo);
  await create(server, [...coffee, said, one, two, forOne, forTwo]);
  await create(server, [...coffee, said, one, forOne, two, forTwo]);
  await postResponses(
    server,
    responsesBody([
      item.user(),
      { role: 'assistant', content: 'One moment.' },
      ...round('c1', 'c2'),
      ...round('c3'),
      { role: 'assistant', content: 'Done.' },
    ]),
  );
  assert.deepEqual(
    server.requests.map((request) => request.turn),
    [0, 1, 1, 3],
  );
  assert.deepEqual(
    server.requests[2]?.messages.map(({ role }) => role),
    ['user', 'assistant', 'tool', 'tool'],
  );
});

test('a text and a thought begin a new reply', async (t) => {
  const server = await serverFor(t, { respond: () => ({ reasoning: 'Hm.', text: 'Good.' }) });
  const said = (text: string) => ({ role: 'assistant' as const, content: text });
  await create(server, [...coffee, said('One'), said('Two')]);
  const sealed = { include: ['reasoning.encrypted_content'] };
  const [thought] = (await create(server, coffee, sealed)).output as Input;
  assert.ok(thought);
  const after = [thought, ...round('c1')] as Input;
  await create(server, [...coffee, said('One'), ...after]);
  assert.deepEqual(
    server.requests.map((request) => request.turn),
    [2, 0, 2],
  );
});

test('a reply is a response for OpenAI’s client', async (t) => {
  const server = await serverFor(t, {
    respond: () => ({
      text: 'One moment.',
      calls: [call('look_up', { word: 'tea' })],
      usage: { promptTokens: 7, completionTokens: 5 },
    }),
  });
  const response = await create(server, coffee, { temperature: 0 });
  assert.equal(response.status, 'completed');
  assert.equal(response.output_text, 'One moment.');
  const made = response.output[1];
  assert.ok(made?.type === 'function_call');
  assert.match(made.id ?? '', /^fc_[0-9a-f]{50}$/);
  assert.match(made.call_id, /^call_[0-9A-Za-z]{24}$/);
  assert.deepEqual([made.name, made.arguments], ['look_up', '{"word":"tea"}']);
  assert.equal(response.usage?.total_tokens, 12);
  assert.equal(response.temperature, 0);
});

test('the default team is rehearsed on Responses, too', async (t) => {
  const server = await serverFor(t);
  const parameters = {
    type: 'object',
    properties: { member_id: { type: 'string', enum: ['WorkerAgent'] }, task: { type: 'string' } },
  };
  const tools = [flatTool('delegate_task_to_member', { parameters })];
  const { output } = await create(server, coffee, { tools });
  const [made] = output;
  assert.ok(made?.type === 'function_call');
  assert.deepEqual(JSON.parse(made.arguments), { member_id: 'WorkerAgent', task: 'Coffee' });
  const whole = [...coffee, ...(output as Input), ...outputsFor(output)];
  const reported = await create(server, whole, { tools });
  assert.equal(reported.output_text, 'The WorkerAgent reports: found');
});

test('a reply that is cut off, filtered or refused says so', async (t) => {
  const server = await serverFor(t, {
    respond: ({ messages }) => {
      const [{ content } = { content: '' }] = messages;
      return content === 'no'
        ? { refusal: 'I will not.' }
        : { text: 'Hm', finishReason: `${content}` };
    },
  });
  const reply = (content: string) => create(server, [{ role: 'user', content }]);
  const cut = await reply('length');
  assert.deepEqual(
    [cut.status, cut.incomplete_details?.reason],
    ['incomplete', 'max_output_tokens'],
  );
  const filtered = await reply('content_filter');
  assert.equal(filtered.incomplete_details?.reason, 'content_filter');
  const refused = (await reply('no')).output[0];
  assert.deepEqual(refused?.type === 'message' && refused.content, [
    { type: 'refusal', refusal: 'I will not.' },
  ]);
});
