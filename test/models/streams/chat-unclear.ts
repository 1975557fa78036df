/** Calls whose pieces cannot be told apart, and other things that are no reply of Chat Completions. */
import { chat, chatOf, chunk, finish, piece, role, text } from './chat-events.ts';
import type { OddStream } from './stream.ts';

const calls = finish('tool_calls');
const error = (parts: object) => ({ error: { message: 'Sorry.', type: 'server_error', ...parts } });
const broken = 'model_reply_unusable';

export const chatUnclear: readonly OddStream[] = [
  chat(
    'another id in every piece',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":' }),
      piece({ index: 0, id: 'B', args: '"tea"}' }),
      calls,
    ],
    'model_reply_unusable',
  ),
  chat(
    'two names for what may be one call',
    [
      piece({ index: 0, name: 'look_up', args: '' }),
      piece({ index: 0, name: 'buy', args: '' }),
      calls,
    ],
    'model_reply_unusable',
  ),
  chat(
    'whole arguments that go on',
    [
      piece({ index: 0, name: 'look_up', args: '{"w":"tea"}' }),
      piece({ index: 0, args: '{"n":[2]}' }),
      calls,
    ],
    'model_reply_unusable',
  ),
  chat(
    'arguments at the next index, after a call without any',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      piece({ index: 1, args: '{"n":[2]}' }),
      calls,
    ],
    broken,
  ),
  chat(
    'a call without a name',
    [piece({ index: 0, id: 'A', args: '{}' }), calls],
    'model_reply_unusable',
  ),
  chat(
    'a call of the kind that was there before tools',
    [role, chunk({ function_call: { name: 'look_up', arguments: '{}' } }), finish('function_call')],
    'model_reply_unusable',
  ),
  chatOf(
    '[DONE] without a reason to finish',
    [role, text('Tea.'), '[DONE]'],
    'model_reply_unusable',
  ),
  chatOf('an end without a reason to finish', [role, text('Tea.')], 'model_reply_unusable'),
  ...['abort', 'error', 'insufficient_system_resource', 'made_up'].map((reason) =>
    chat(
      `a reason to finish that is no end: ${reason}`,
      [role, text('Te'), finish(reason)],
      broken,
    ),
  ),
  chat(
    'calls before a reason to finish that is no end',
    [role, piece({ index: 0, id: 'A', name: 'look_up', args: '{}' }), finish('abort')],
    broken,
  ),
  chat('a server of another kind that breaks off', [role, text('Te'), finish('error')], broken, {
    capabilities: { endsWithoutReason: true },
  }),
  chatOf('nothing', [], 'model_reply_unusable'),
  chat('nothing but a reason to finish', [role, finish('stop')], 'model_reply_unusable'),
  chat('an event that is no JSON', [role, '{"choices":', finish('stop')], 'model_reply_unusable'),
  chat('an event that is no chunk', [role, '[1]', finish('stop')], 'model_reply_unusable'),
  {
    name: 'a web page',
    api: 'chat',
    bytes: Buffer.from('<!DOCTYPE html>\n<html>\n\n<h1>data: Sign in</h1></html>\n\n'),
    type: 'text/html',
    ends: 'model_reply_unusable',
  },
  chat(
    'a refusal',
    [role, chunk({ refusal: 'I can' }), chunk({ refusal: 'not.' }), finish('stop')],
    'model_refused',
  ),
  chat('a filter', [role, text('Te'), finish('content_filter')], 'model_refused'),
  chatOf('an error in the middle', [role, text('Te'), error({})], 'model_unavailable'),
  chatOf('an error under its name', ['{"message":"Sorry."}'], 'model_unavailable', {
    writing: { before: 'event: error\n' },
  }),
  chatOf(
    'an error that carries a status',
    [role, error({ code: 400, type: undefined })],
    'model_request_refused',
  ),
  chatOf(
    'an error that says the conversation is too long',
    [role, error({ code: 'context_length_exceeded' })],
    'context_too_long',
  ),
];
