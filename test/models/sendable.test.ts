/** The assertion before every request: what the API would refuse is never sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RunError } from '../../src/index.ts';
import { assertSendable, type WireRequest } from '../../src/models/sendable.ts';

type Message = WireRequest['messages'][number];
type Request = Omit<WireRequest, 'model'>;

const user: Message = { role: 'user', content: 'Hello' };

function asks(...ids: string[]): Message {
  const calls = ids.map((id) => ({
    id,
    type: 'function',
    function: { name: 'f', arguments: '{}' },
  }));
  return { role: 'assistant', content: null, tool_calls: calls };
}

function result(id: string, content: unknown = 'x'): Message {
  return { role: 'tool', tool_call_id: id, content };
}

function calling(name: string, args: string): Message {
  const call = { id: 'a', type: 'function', function: { name, arguments: args } };
  return { role: 'assistant', content: null, tool_calls: [call] };
}

function tools(count: number, name = 'f') {
  const parameters = { type: 'object', properties: {} };
  return Array.from({ length: count }, () => ({
    type: 'function',
    function: { name, parameters },
  }));
}

const refused: readonly [string, Request & { readonly model?: string }, string][] = [
  ['no message', { messages: [] }, 'EMPTY_MESSAGES'],
  ['a call without a result, then text', { messages: [user, asks('a'), user] }, 'UNANSWERED_CALL'],
  ['a call without a result at the end', { messages: [user, asks('a')] }, 'UNANSWERED_CALL'],
  [
    'one of two calls answered',
    { messages: [user, asks('a', 'b'), result('b'), user] },
    'UNANSWERED_CALL',
  ],
  ['a result after text', { messages: [user, result('a')] }, 'ORPHAN_RESULT'],
  [
    'a result of an earlier reply',
    { messages: [user, asks('a'), result('a'), asks('b'), result('a')] },
    'UNKNOWN_CALL_ID',
  ],
  [
    'two results for a call',
    { messages: [user, asks('a'), result('a'), result('a')] },
    'DUPLICATE_RESULT',
  ],
  ['two calls of one id', { messages: [user, asks('a', 'a'), result('a')] }, 'DUPLICATE_CALL_ID'],
  [
    'a result without an id',
    { messages: [user, asks('a'), { role: 'tool', content: 'x' }] },
    'MISSING_CALL_ID',
  ],
  [
    'a call id of 41 characters',
    { messages: [user, asks('x'.repeat(41)), result('x'.repeat(41))] },
    'BAD_CALL_ID',
  ],
  ['an empty list of calls', { messages: [user, { ...asks(), content: 'x' }] }, 'EMPTY_TOOL_CALLS'],
  ['a result that is null', { messages: [user, asks('a'), result('a', null)] }, 'NULL_CONTENT'],
  [
    'a reply with neither text nor calls',
    { messages: [user, { role: 'assistant', content: null }] },
    'NULL_CONTENT',
  ],
  ['129 tools', { messages: [user], tools: tools(129) }, 'TOO_MANY_TOOLS'],
  ['an empty list of tools', { messages: [user], tools: [] }, 'EMPTY_TOOLS'],
  ['a tool name with a space', { messages: [user], tools: tools(1, 'a b') }, 'BAD_TOOL_NAME'],
  [
    'a called name with a space',
    { messages: [user, calling('a b', '{}'), result('a')] },
    'BAD_TOOL_NAME',
  ],
  ['an empty called name', { messages: [user, calling('', '{}'), result('a')] }, 'BAD_TOOL_NAME'],
  [
    'arguments that are not JSON',
    { messages: [user, calling('f', '{"a'), result('a')] },
    'BAD_ARGUMENTS',
  ],
  ['half an emoji', { messages: [{ role: 'user', content: 'x\ud83d' }] }, 'ILL_FORMED_UNICODE'],
  [
    'a text over a megabyte',
    { messages: [{ role: 'user', content: 'x'.repeat(1_048_577) }] },
    'CONTENT_TOO_LONG',
  ],
  ['no model', { model: '', messages: [user] }, 'NO_MODEL'],
  [
    'a tool without a schema',
    { messages: [user], tools: [{ type: 'function', function: { name: 'f' } }] },
    'BAD_TOOL',
  ],
  [
    'a tool whose object names no properties',
    {
      messages: [user],
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
    },
    'BAD_TOOL',
  ],
  [
    'a choice between no tools',
    { messages: [user], parallel_tool_calls: true },
    'TOOL_CHOICE_WITHOUT_TOOLS',
  ],
  [
    'options of a stream without one',
    { messages: [user], stream_options: { include_usage: true } },
    'STREAM_OPTIONS_WITHOUT_STREAM',
  ],
  [
    'an author with a space in the name',
    { messages: [{ ...user, name: 'Ann Lee' }] },
    'BAD_TOOL_NAME',
  ],
  ['calls of the user', { messages: [{ ...asks('a'), role: 'user' }] }, 'BAD_TOOL_CALLS'],
  [
    'half an emoji in the description of a tool',
    {
      messages: [user],
      tools: [
        {
          type: 'function',
          function: {
            name: 'f',
            parameters: { type: 'object', properties: { a: { description: '\ud83d' } } },
          },
        },
      ],
    },
    'ILL_FORMED_UNICODE',
  ],
  ['an unknown role', { messages: [{ role: 'human', content: 'x' }] }, 'BAD_ROLE'],
];

for (const [what, request, rule] of refused) {
  test(`${what} is not sent`, () => {
    assert.throws(
      () => assertSendable({ model: 'm', ...request }),
      (error) => {
        assert.ok(error instanceof RunError);
        assert.equal(error.code, 'unsendable_transcript');
        assert.equal(error.details['rule'], rule);
        return true;
      },
    );
  });
}

test('a whole conversation is sent', () => {
  assertSendable({
    model: 'm',
    messages: [
      { role: 'system', content: 'You are "Desk".' },
      user,
      asks('a', 'b'),
      result('b'),
      result('a'),
      asks('c'),
      result('c'),
      { role: 'assistant', content: 'done' },
      user,
    ],
    tools: tools(128),
  });
});
