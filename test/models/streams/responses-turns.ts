/** Streams of the Responses API that come to a turn. */
import {
  added,
  args,
  call,
  closed,
  created,
  done,
  message,
  reasoning,
  responses,
  whole,
  wrote,
} from './responses-events.ts';
import { called, type OddStream, said, unused } from './stream.ts';

const hello = message('Good morning.');
const deltas = [created, wrote('Good '), wrote('morning.')];
const events = [...deltas, ...whole(hello)];
const good = said('Good morning.');
const many = 'Grüße, 你好, 🍵☕ 👨‍👩‍👧!';

const tea = ['A', 'look_up', '{"w":"tea"}'] as const;
const mug = ['B', 'buy', '{"n":[2]}'] as const;
const [teaItem, mugItem] = [call(...tea), call(...mug)];
const both = called([tea, mug]);

const forms: readonly OddStream[] = [
  responses('a text in pieces', events, good),
  responses('no names of events', events, good, { writing: { named: false } }),
  responses('comments and blank lines', events, good, {
    writing: { before: ': open\n\n', between: ': keep-alive\n\n\n' },
  }),
  responses('lines that end with CRLF', events, good, { writing: { newline: '\r\n' } }),
  responses('no space after the colon', events, good, { writing: { space: '' } }),
  responses('[DONE] at the end', [...events, '[DONE]'], good),
  responses('more after the end', [...events, wrote('More.'), '{'], good),
  responses('no blank line at the end', events.slice(0, -1), good, {
    writing: { end: `data: ${JSON.stringify(closed('completed', [hello]))}` },
  }),
  responses('characters of several bytes', whole(message(many)), said(many)),
  responses('no usage', [done(hello), closed('completed', [hello], { usage: undefined })], {
    ...said('Good morning.', { usage: unused }),
  }),
  responses('usage that is null', [done(hello), closed('completed', [hello], { usage: null })], {
    ...said('Good morning.', { usage: unused }),
  }),
  responses(
    'kinds of events and of items that are not known',
    [
      { type: 'keepalive', sequence_number: 1 },
      { type: 'response.web_search_call.searching', output_index: 0 },
      done({ type: 'web_search_call', id: 'ws_1' }, 0),
      done(hello, 1),
      closed('completed', [{ type: 'web_search_call', id: 'ws_1' }, hello], { x: { y: 1 } }),
    ],
    good,
  ),
  responses('no pieces, only what is done', [created, ...whole(hello)], good),
  responses('output in the closing event only', [created, closed('completed', [hello])], good),
  responses('no output in the closing event', [done(hello, 0), closed('completed', [])], good),
  responses('a text that is done twice', [done(hello, 0), ...whole(hello)], good),
  responses('two texts', whole(message('Good '), message('morning.', 'msg_2')), good),
  responses(
    'a text that is cut off at its limit',
    [
      done(message('Good '), 0),
      closed('incomplete', [], { incomplete_details: { reason: 'max_output_tokens' } }),
    ],
    said('Good ', { finish: 'length' }),
  ),
  {
    name: 'one piece where a stream was asked for',
    api: 'responses',
    bytes: Buffer.from(JSON.stringify(closed('completed', [hello]).response)),
    type: 'application/json',
    ends: good,
  },
];

const calls: readonly OddStream[] = [
  responses(
    'a call in pieces',
    [created, added(call('A', 'look_up', ''), 0), args('{"w":'), args('"tea"}'), ...whole(teaItem)],
    called([tea]),
  ),
  responses('text before a call', [wrote('Good morning.'), ...whole(hello, teaItem)], {
    ...called([tea], { text: 'Good morning.' }),
  }),
  responses(
    'two calls that take turns',
    [
      args('{"w":', 0),
      args('{"n":', 1),
      args('"tea"}', 0),
      args('[2]}', 1),
      ...whole(teaItem, mugItem),
    ],
    both,
  ),
  responses(
    'items that are done before their pieces come',
    [
      done(teaItem, 0),
      args('{"w":"tea"}'),
      done(mugItem, 1),
      args('[2]}', 1),
      closed('completed', []),
    ],
    both,
  ),
  responses(
    'items that are done in another order than theirs',
    [done(mugItem, 1), done(teaItem, 0), closed('completed', [teaItem, mugItem])],
    both,
  ),
  responses(
    'reasoning before each call',
    whole(reasoning('rs_1'), teaItem, reasoning('rs_2'), mugItem),
    both,
  ),
  responses('no place for any item', [done(teaItem), done(mugItem), closed('completed', [])], both),
  responses(
    'place 0 for every item',
    [done(reasoning('rs_1'), 0), done(teaItem, 0), done(mugItem, 0), closed('completed', [])],
    both,
  ),
  responses(
    'items without ids',
    whole({ ...teaItem, id: null }, { ...mugItem, id: undefined }),
    both,
  ),
  responses(
    'items that are done twice',
    [
      done(teaItem, 0),
      done(mugItem, 1),
      done(teaItem, 0),
      done(mugItem, 1),
      closed('completed', []),
    ],
    both,
  ),
  responses(
    'more in the closing event than was done',
    [done(teaItem, 0), closed('completed', [teaItem, mugItem])],
    both,
  ),
  ...[
    [],
    [
      { ...teaItem, id: 'fc' },
      { ...mugItem, id: 'fc' },
    ],
  ].map((output) =>
    responses(
      `one item id for two calls, ${output.length} in the closing event`,
      [
        done({ ...teaItem, id: 'fc' }, 0),
        done({ ...mugItem, id: 'fc' }, 1),
        closed('completed', output),
      ],
      both,
    ),
  ),
  responses(
    'one id for two calls, and no ids of items',
    [
      done({ ...teaItem, id: null }, 0),
      done({ ...mugItem, id: null, call_id: 'A' }, 1),
      closed('completed', []),
    ],
    called([tea, ['A', 'buy', mug[2]]]),
  ),
  responses(
    'one id for a thought and a call',
    [done(reasoning('x'), 0), done({ ...teaItem, id: 'x' }, 1), closed('completed', [])],
    called([tea]),
  ),
  responses(
    'arguments that are written down in two ways',
    [done(teaItem, 0), closed('completed', [call('A', 'look_up', { w: 'tea' })])],
    called([tea]),
  ),
  responses('arguments as an object', whole(call('A', 'look_up', { w: 'tea' })), called([tea])),
  responses('empty arguments', whole(call('A', 'look_up', '')), called([['A', 'look_up', '']])),
  responses('no id of the call', whole({ ...teaItem, call_id: undefined }), {
    ...called([['', 'look_up', '{"w":"tea"}']]),
  }),
  responses(
    'a reply that is cut off at its limit, in a call',
    [
      args('{"w":"t'),
      closed('incomplete', [call('A', 'look_up', '{"w":"t')], {
        incomplete_details: { reason: 'max_output_tokens' },
      }),
    ],
    called([['A', 'look_up', '{"w":"t']], { finish: 'length' }),
  ),
];

export const responsesTurns: readonly OddStream[] = [...forms, ...calls];
