/** What tests say about the requests that a model server was sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNoRefusals, linesOf } from '../../src/testing/index.ts';
import { body, calling, post, result, serverFor, system, user } from './requests.ts';
import { item, postResponses, responsesBody } from './responses-requests.ts';

test('the requests of one agent are found by its name', async (t) => {
  const server = await serverFor(t, { respond: () => 'Good.' });
  for (const name of ['Desk', 'Other', 'Desk'])
    await post(server, body([system(name), user(name)]));
  assert.deepEqual(
    server.requestsOf('Desk').map((request) => request.messages[1]?.content),
    ['Desk', 'Desk'],
  );
  assert.deepEqual(server.requestsOf('Nobody'), []);
});

test('a refusal is an assertion that fails with the reason', async (t) => {
  const server = await serverFor(t, { respond: () => 'Good.' });
  await post(server, body([user()]));
  assertNoRefusals(server);
  await postResponses(server, responsesBody([item.output('call_a')]));
  assert.throws(() => assertNoRefusals(server), /No tool call found for function call output/);
});

test('a conversation has the same lines on both wires', async (t) => {
  const server = await serverFor(t, { respond: () => 'Good.' });
  await post(
    server,
    body([
      system('Desk'),
      user(),
      { ...calling('c1', 'c2'), content: 'Wait.' },
      result('c1'),
      result('c2', ''),
    ]),
  );
  const said = { role: 'assistant', content: 'Wait.' };
  await postResponses(
    server,
    responsesBody(
      [
        item.user(),
        said,
        item.call('c1'),
        item.call('c2'),
        item.output('c1'),
        item.output('c2', ''),
      ],
      { instructions: system('Desk').content },
    ),
  );
  const [chat, responses] = server.requests;
  assert.deepEqual(linesOf(chat), [
    'user: Coffee',
    'assistant: Wait. | look_up[c1] {} | look_up[c2] {}',
    'tool[c1]: found',
    'tool[c2]: ',
  ]);
  assert.deepEqual(linesOf(responses), linesOf(chat));
  assert.deepEqual(linesOf(undefined), []);
});
