/** How servers cut the calls of a reply into the pieces of a stream of Chat Completions. */
import { chat, chunk, finish, piece, role, text } from './chat-events.ts';
import { called, type OddStream } from './stream.ts';

const tea = ['A', 'look_up', '{"w":"tea"}'] as const;
const mug = ['B', 'buy', '{"n":[2]}'] as const;
const calls = finish('tool_calls');
const both = called([tea, mug]);

export const chatCalls: readonly OddStream[] = [
  chat(
    'a call in pieces',
    [
      role,
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      piece({ index: 0, args: '{"w":' }),
      piece({ index: 0, args: '"tea"}' }),
      calls,
    ],
    called([tea]),
  ),
  chat(
    'text before a call',
    [role, text('One moment.'), piece({ index: 0, id: 'A', name: 'look_up', args: tea[2] }), calls],
    called([tea], { text: 'One moment.' }),
  ),
  chat(
    'two calls, one after the other',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      piece({ index: 0, args: tea[2] }),
      piece({ index: 1, id: 'B', name: 'buy', args: '' }),
      piece({ index: 1, args: mug[2] }),
      calls,
    ],
    both,
  ),
  chat(
    'two calls that take turns',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      piece({ index: 1, id: 'B', name: 'buy', args: '' }),
      piece({ index: 0, args: '{"w":' }),
      piece({ index: 1, args: '{"n":' }),
      piece({ index: 0, args: '"tea"}' }),
      piece({ index: 1, args: '[2]}' }),
      calls,
    ],
    both,
  ),
  chat(
    'both calls in one chunk',
    [
      chunk({
        tool_calls: [
          { index: 0, id: 'A', function: { name: 'look_up', arguments: tea[2] } },
          { index: 1, id: 'B', function: { name: 'buy', arguments: mug[2] } },
        ],
      }),
      calls,
    ],
    both,
  ),
  chat(
    'index 0 for every call, each whole',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: tea[2] }),
      piece({ index: 0, id: 'B', name: 'buy', args: mug[2] }),
      calls,
    ],
    both,
  ),
  chat(
    'index 0 for every call, in pieces',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":' }),
      piece({ index: 0, args: '"tea"}' }),
      piece({ index: 0, id: 'B', name: 'buy', args: '{"n":' }),
      piece({ index: 0, args: '[2]}' }),
      calls,
    ],
    both,
  ),
  chat(
    'index 0 for every call, and no ids',
    [
      piece({ index: 0, name: 'look_up', args: tea[2] }),
      piece({ index: 0, name: 'buy', args: '{"n":' }),
      piece({ index: 0, args: '[2]}' }),
      calls,
    ],
    called([
      ['', 'look_up', tea[2]],
      ['', 'buy', mug[2]],
    ]),
  ),
  chat(
    'no index, each call whole',
    [
      piece({ id: 'A', name: 'look_up', args: tea[2] }),
      piece({ id: 'B', name: 'buy', args: mug[2] }),
      calls,
    ],
    both,
  ),
  chat(
    'no index, in pieces',
    [
      piece({ id: 'A', name: 'look_up', args: '' }),
      piece({ args: tea[2] }),
      piece({ id: 'B', name: 'buy', args: '' }),
      piece({ args: mug[2] }),
      calls,
    ],
    both,
  ),
  chat(
    'neither index nor id',
    [
      piece({ name: 'look_up', args: '{"w":' }),
      piece({ args: '"tea"}' }),
      piece({ name: 'buy', args: mug[2] }),
      calls,
    ],
    called([
      ['', 'look_up', tea[2]],
      ['', 'buy', mug[2]],
    ]),
  ),
  chat(
    'the id with the second piece',
    [
      piece({ index: 0, name: 'look_up', args: '' }),
      piece({ index: 0, id: 'A', args: tea[2] }),
      piece({ index: 1, name: 'buy', args: '' }),
      piece({ index: 1, id: 'B', args: mug[2] }),
      calls,
    ],
    both,
  ),
  chat(
    'the tail under the next index, with its id',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":' }),
      piece({ index: 1, id: 'A', args: '"tea"}' }),
      piece({ index: 1, id: 'B', name: 'buy', args: mug[2] }),
      calls,
    ],
    both,
  ),
  chat(
    'the tail under the next index, without an id',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":' }),
      piece({ index: 1, args: '"tea"}' }),
      piece({ index: 1, id: 'B', name: 'buy', args: mug[2] }),
      calls,
    ],
    both,
  ),
  chat(
    'the name after the arguments',
    [
      piece({ index: 0, id: 'A', args: '{"w":' }),
      piece({ index: 0, args: '"tea"}' }),
      piece({ index: 0, name: 'look_up' }),
      piece({ index: 1, id: 'B', args: mug[2] }),
      piece({ index: 1, name: 'buy' }),
      calls,
    ],
    both,
  ),
  chat(
    'id and name in every piece',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":' }),
      piece({ index: 0, id: 'A', name: 'look_up', args: '"tea"}' }),
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      calls,
    ],
    called([tea]),
  ),
  chat(
    'an empty id and an empty name in later pieces',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":' }),
      piece({ index: 0, id: '', name: '', args: '"tea"}' }),
      calls,
    ],
    called([tea]),
  ),
  chat(
    'arguments as an object',
    [piece({ index: 0, id: 'A', name: 'look_up', args: { w: 'tea' } }), calls],
    called([tea]),
  ),
  chat(
    'empty arguments, and none',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      piece({ index: 1, id: 'B', name: 'buy', args: null }),
      calls,
    ],
    called([
      ['A', 'look_up', ''],
      ['B', 'buy', ''],
    ]),
  ),
  chat(
    'stop beside a call',
    [role, piece({ index: 0, id: 'A', name: 'look_up', args: tea[2] }), finish('stop')],
    called([tea]),
  ),
  chat(
    'a reply that is cut off at its limit, in a call',
    [piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":"t' }), finish('length')],
    called([['A', 'look_up', '{"w":"t']], { finish: 'length' }),
  ),
  chat(
    'a reply that is cut off, and does not say so',
    [piece({ index: 0, id: 'A', name: 'look_up', args: '{"w":"t' }), calls],
    called([['A', 'look_up', '{"w":"t']]),
  ),
  chat(
    'a call with the reason to finish in its last piece',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: tea[2] } }] }, 'tool_calls'),
    ],
    called([tea]),
  ),
];
