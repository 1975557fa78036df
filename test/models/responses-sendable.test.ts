/** The assertion before every request of the Responses API: what it would refuse is never sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError } from '../../src/index.ts';
import {
  assertResponsesSendable,
  type ResponsesWire,
  type WireItem,
} from '../../src/models/responses/sendable.ts';

const user: WireItem = { role: 'user', content: 'Hello' };

const call = (id: string, more: object = {}): WireItem => ({
  type: 'function_call',
  call_id: id,
  name: 'f',
  arguments: '{}',
  ...more,
});

const result = (id: string, output: unknown = 'x'): WireItem => ({
  type: 'function_call_output',
  call_id: id,
  output,
});

const reasoning = (id: string, more: object = {}): WireItem => ({
  type: 'reasoning',
  id,
  summary: [],
  encrypted_content: 'gAAAAA',
  ...more,
});

const said = (id: string, more: object = {}): WireItem => ({
  type: 'message',
  role: 'assistant',
  id,
  content: [{ type: 'output_text', text: 'Hi.' }],
  ...more,
});

const parameters = { type: 'object', properties: {} };
const tools = (count: number, name = 'f') =>
  Array.from({ length: count }, () => ({ type: 'function', name, parameters }));

type Rest = Partial<ResponsesWire>;

const refused: readonly [string, readonly WireItem[], string, Rest?][] = [
  ['no item', [], 'EMPTY_MESSAGES'],
  ['no model', [user], 'NO_MODEL', { model: '' }],
  ['a call without a result, then text', [user, call('a'), user], 'UNANSWERED_CALL'],
  ['a call without a result at the end', [user, call('a')], 'UNANSWERED_CALL'],
  ['one of two calls answered', [user, call('a'), call('b'), result('b')], 'UNANSWERED_CALL'],
  ['a result without a call', [user, result('a')], 'ORPHAN_RESULT'],
  ['a result before its call', [user, result('a'), call('a')], 'ORPHAN_RESULT'],
  ['two results for a call', [user, call('a'), result('a'), result('a')], 'DUPLICATE_RESULT'],
  [
    'two calls of one id',
    [user, call('a'), result('a'), call('a'), result('a')],
    'DUPLICATE_CALL_ID',
  ],
  ['a call without an id', [user, call('a', { call_id: undefined })], 'BAD_CALL_ID'],
  ['a result without an id', [user, call('a'), result('')], 'BAD_CALL_ID'],
  ['a call id of 65 characters', [user, call('x'.repeat(65))], 'BAD_CALL_ID'],
  ['a called name with a space', [user, call('a', { name: 'a b' }), result('a')], 'BAD_TOOL_NAME'],
  ['an empty called name', [user, call('a', { name: '' }), result('a')], 'BAD_TOOL_NAME'],
  ['a called name of 65 characters', [user, call('a', { name: 'x'.repeat(65) })], 'BAD_TOOL_NAME'],
  ['arguments that are not JSON', [user, call('a', { arguments: '{"a' })], 'BAD_ARGUMENTS'],
  ['a result that is null', [user, call('a'), result('a', null)], 'NULL_CONTENT'],
  ['a message without text', [{ role: 'user', content: null }], 'NULL_CONTENT'],
  ['a role of nobody', [{ role: 'tool', content: 'x' }], 'BAD_ROLE'],
  ['an item of no known kind', [user, { type: 'item_reference', id: 'rs_1' }], 'BAD_ITEM_ID'],
  ['an item that stands twice', [said('msg_1'), said('msg_1')], 'DUPLICATE_ITEM'],
  ['an id of another kind of item', [user, call('a', { id: 'msg_1' }), result('a')], 'BAD_ITEM_ID'],
  ['an id with a space', [said('msg 1')], 'BAD_ITEM_ID'],
  ['an id of 65 characters', [said(`msg_${'x'.repeat(61)}`)], 'BAD_ITEM_ID'],
  ['reasoning at the end', [user, reasoning('rs_1')], 'REASONING_UNPAIRED'],
  ['reasoning before the user speaks', [reasoning('rs_1'), user], 'REASONING_UNPAIRED'],
  [
    'reasoning that is not sealed',
    [reasoning('rs_1', { encrypted_content: null }), said('msg_1')],
    'REASONING_UNPAIRED',
  ],
  [
    'reasoning with its plain text',
    [reasoning('rs_1', { content: [{ type: 'reasoning_text', text: 'x' }] }), said('msg_1')],
    'REASONING_UNPAIRED',
  ],
  ['an empty list of tools', [user], 'EMPTY_TOOLS', { tools: [] }],
  ['129 tools', [user], 'TOO_MANY_TOOLS', { tools: tools(129) }],
  ['a tool name with a space', [user], 'BAD_TOOL_NAME', { tools: tools(1, 'a b') }],
  ['a choice between no tools', [user], 'TOOL_CHOICE_WITHOUT_TOOLS', { tool_choice: 'auto' }],
  ['half an emoji', [{ role: 'user', content: 'x\ud83d' }], 'ILL_FORMED_UNICODE'],
  ['half an emoji in the instructions', [user], 'ILL_FORMED_UNICODE', { instructions: '\udc00' }],
  [
    'half an emoji in what the model wrote',
    [user, said('msg_1', { content: [{ type: 'output_text', text: '\ud83d' }] })],
    'ILL_FORMED_UNICODE',
  ],
  [
    'a text over ten megabytes',
    [{ role: 'user', content: 'x'.repeat(10_485_761) }],
    'CONTENT_TOO_LONG',
  ],
];

function assertRefused(send: () => void, rule: string): void {
  assert.throws(send, (error) => {
    assert.ok(error instanceof RunError);
    assert.equal(error.code, 'unsendable_transcript');
    assert.equal(error.details['rule'], rule);
    return true;
  });
}

for (const [what, input, rule, rest = {}] of refused) {
  test(`${what} is not sent`, () => {
    assertRefused(() => assertResponsesSendable({ model: 'm', input, ...rest }), rule);
  });
}

const reply = [reasoning('rs_1'), call('a', { id: 'fc_1' }), call('b', { id: 'fc_2' })];
const results = [result('a'), result('b')];

const broken: readonly [string, readonly WireItem[]][] = [
  ['a reply without its reasoning', reply.slice(1)],
  ['a reply in another order', [...reply.slice(1), ...reply.slice(0, 1), said('msg_2')]],
  [
    'reasoning that is sealed anew',
    [{ ...reply[0], encrypted_content: 'gBBBBB' }, ...reply.slice(1)],
  ],
  ['reasoning of nobody', [reasoning('rs_9'), ...reply]],
  ['a reply whose reasoning leads to another', [reply[0] ?? {}, said('msg_2'), ...reply.slice(1)]],
];

for (const [what, items] of broken) {
  test(`${what} is not sent`, () => {
    const input = [user, ...items, ...results];
    assertRefused(
      () => assertResponsesSendable({ model: 'm', input }, [reply]),
      'REASONING_UNPAIRED',
    );
  });
}

test('a whole conversation is sent, with what the model wrote or without', () => {
  const input = [
    user,
    ...reply,
    ...results,
    reasoning('rs_2'),
    said('msg_1'),
    user,
    call('c'),
    result('c'),
    { role: 'assistant', content: 'done' },
    user,
  ];
  const replies = [reply, [reasoning('rs_2'), said('msg_1')]];
  assertResponsesSendable({ model: 'm', input, tools: tools(128), tool_choice: 'auto' }, replies);
  assertResponsesSendable({ model: 'm', input: [user, call('a'), result('a')] }, [reply]);
});
