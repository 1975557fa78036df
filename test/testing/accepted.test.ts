import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ModelServer, startModelServer } from '../../src/testing/index.ts';
import { assertPublishedShape } from '../kit/openai-schema.ts';
import { body, calling, functionCall, post, result, system, tool, user } from './requests.ts';

const parts = (...texts: string[]) => texts.map((text) => ({ type: 'text', text }));

const ACCEPTED: [title: string, sent: unknown][] = [
  ['a user message alone', body([user()])],
  ['instructions from a developer', body([system('Leader', 'developer'), user()])],
  [
    'parallel calls that are answered out of order',
    body([
      user(),
      calling('call_a', 'call_b', 'call_c'),
      ...['call_c', 'call_a', 'call_b'].map((id) => result(id)),
    ]),
  ],
  [
    'several rounds of calls, also with an id that was used before',
    body([
      user(),
      calling('call_a'),
      result('call_a'),
      calling('call_a', 'call_b'),
      result('call_a'),
      result('call_b'),
      { role: 'assistant', content: 'Here it is.' },
      user('Thanks.'),
    ]),
  ],
  [
    'texts that are sent in parts',
    body([
      { role: 'system', content: parts('You are "Leader".') },
      user(parts('Cof', 'fee')),
      calling('call_a'),
      result('call_a', parts('found')),
    ]),
  ],
  ['an image from the user', body([user([{ type: 'image_url', image_url: { url: 'data:,' } }])])],
  [
    'calls beside a text, without the content key, and with an empty result',
    body([
      { role: 'assistant', content: 'One moment.', tool_calls: [functionCall('call_a')] },
      result('call_a', ''),
      { role: 'assistant', tool_calls: [functionCall('call_b')] },
      result('call_b'),
    ]),
  ],
  [
    'broken arguments and undeclared tools in the history',
    body([
      { role: 'assistant', tool_calls: [functionCall('call_a', 'gone', '{"a":')] },
      result('call_a'),
    ]),
  ],
  ['a call id of 40 characters', body([calling('x'.repeat(40)), result('x'.repeat(40))])],
  [
    '128 tools with a choice',
    body([user()], {
      tools: Array.from({ length: 128 }, (_, i) => tool(`t${i}`)),
      tool_choice: 'auto',
      parallel_tool_calls: false,
    }),
  ],
  ['a message name of letters, digits, "_" and "-"', body([{ ...user(), name: 'ada_1-x' }])],
  [
    'a whole emoji, escaped or not',
    '{"model":"m","messages":[{"role":"user","content":"🍵\\ud83c\\udf75"}]}',
  ],
  ['a backslash before letters that look like half an emoji', body([user('\\ud83c')])],
  [
    'parameters that it does not know',
    body([user()], { temperature: 0, stream: false, metadata: {} }),
  ],
];

describe('the model server accepts', () => {
  let server: ModelServer;
  before(async () => {
    server = await startModelServer({ respond: () => 'Good.' });
  });
  after(() => server.close());

  for (const [title, sent] of ACCEPTED) {
    it(title, async () => {
      const accepted = server.requests.length;
      const { status, answer } = await post(server, sent);
      assert.equal(status, 200, JSON.stringify(answer));
      assert.equal(answer.choices[0].message.content, 'Good.');
      assert.equal(server.requests.length, accepted + 1);
      assert.deepEqual(server.refusals, []);
      assertPublishedShape(server.requests.slice(accepted));
    });
  }
});
