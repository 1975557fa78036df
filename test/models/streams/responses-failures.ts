/** Streams of the Responses API that are no turn. */
import {
  call,
  closed,
  created,
  done,
  message,
  responses,
  whole,
  wrote,
} from './responses-events.ts';
import type { OddStream } from './stream.ts';

const failed = (code: string) => closed('failed', [], { error: { code, message: 'Sorry.' } });

export const responsesFailures: readonly OddStream[] = [
  responses(
    'an end without a closing event',
    [created, wrote('Tea.'), done(message('Tea.'), 0)],
    'model_reply_unusable',
  ),
  responses('nothing', [], 'model_reply_unusable'),
  responses('no output at all', [wrote('Tea.'), closed('completed', [])], 'model_reply_unusable'),
  responses('a call without a name', whole(call('A', '', '{}')), 'model_reply_unusable'),
  ...Object.entries({
    'no arguments': call('A', 'look_up', ''),
    'other arguments': call('A', 'look_up', '{"w":"mug"}'),
    'another name': call('A', 'buy', '{"w":"tea"}'),
  }).flatMap(([what, other]) => [
    responses(
      `a call that is done with ${what}`,
      [done(other, 0), closed('completed', [call('A', 'look_up', '{"w":"tea"}')])],
      'model_reply_unusable',
    ),
    responses(
      `a call that is done twice, with ${what}`,
      [done(call('A', 'look_up', '{"w":"tea"}'), 0), done(other, 0), closed('completed', [])],
      'model_reply_unusable',
    ),
  ]),
  responses(
    'an event that is no JSON',
    [created, '{"type":', ...whole(message('Tea.'))],
    'model_reply_unusable',
  ),
  responses(
    'an event without a type',
    [created, '{}', ...whole(message('Tea.'))],
    'model_reply_unusable',
  ),
  responses(
    'a message without parts',
    whole({ type: 'message', id: 'msg_1', content: 7 }),
    'model_reply_unusable',
  ),
  responses('a response that failed', [created, failed('server_error')], 'model_unavailable'),
  responses('a limit of requests', [failed('rate_limit_exceeded')], 'model_unavailable'),
  responses('a prompt that is not taken', [failed('invalid_prompt')], 'model_request_refused'),
  responses(
    'a conversation that is too long',
    [failed('context_length_exceeded')],
    'context_too_long',
  ),
  responses(
    'an error in the middle',
    [created, wrote('Te'), { type: 'error', code: 'server_error', message: 'Sorry.', param: null }],
    'model_unavailable',
  ),
  responses(
    'an error in an object',
    [created, { type: 'error', error: { type: 'server_error', message: 'Sorry.' } }],
    'model_unavailable',
  ),
  responses(
    'a refusal',
    whole({
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      content: [{ type: 'refusal', refusal: 'I cannot.' }],
    }),
    'model_refused',
  ),
  responses(
    'a filter',
    [
      done(message('Te'), 0),
      closed('incomplete', [], { incomplete_details: { reason: 'content_filter' } }),
    ],
    'model_refused',
  ),
];
