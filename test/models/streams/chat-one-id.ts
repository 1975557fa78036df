/** Calls that have one id, in streams of Chat Completions: two, or an error, and never one. */
import { chat, finish, piece } from './chat-events.ts';
import { called, type OddStream } from './stream.ts';

const tea = ['A', 'look_up', '{"w":"tea"}'] as const;
const mug = ['A', 'buy', '{"n":[2]}'] as const;
const calls = finish('tool_calls');
const broken = 'model_reply_unusable';

const first = { index: 0, id: 'A', name: 'look_up' } as const;
const second = { index: 1, id: 'A', name: 'buy' } as const;

export const chatOneId: readonly OddStream[] = [
  chat(
    'one id for two calls, each whole',
    [piece({ ...first, args: tea[2] }), piece({ ...second, args: mug[2] }), calls],
    called([tea, mug]),
  ),
  chat(
    'one id for two calls, the first without arguments',
    [piece({ ...first, args: '' }), piece({ ...second, args: mug[2] }), calls],
    called([['A', 'look_up', ''], mug]),
  ),
  chat(
    'one id for two calls that take turns',
    [
      piece({ ...first, args: '' }),
      piece({ ...second, args: '' }),
      piece({ index: 0, args: '{"w":' }),
      piece({ index: 1, args: '{"n":' }),
      piece({ index: 0, args: '"tea"}' }),
      piece({ index: 1, args: '[2]}' }),
      calls,
    ],
    called([tea, mug]),
  ),
  chat(
    'one id and one name for two calls, in every piece',
    [
      piece({ ...first, args: '{"w":' }),
      piece({ ...first, index: 1, args: '{"w":' }),
      piece({ ...first, args: '"tea"}' }),
      piece({ ...first, index: 1, args: '"mug"}' }),
      calls,
    ],
    called([tea, ['A', 'look_up', '{"w":"mug"}']]),
  ),
  ...[{ index: 0 }, {}].flatMap((at) => [
    ...['', '{"w":"tea"}'].map((args) =>
      chat(
        `two names for one id, after ${args || 'nothing'}${'index' in at ? '' : ', without an index'}`,
        [
          piece({ ...at, id: 'A', name: 'look_up', args }),
          piece({ ...at, id: 'A', name: 'buy', args: '{"n":[2]}' }),
          calls,
        ],
        broken,
      ),
    ),
    chat(
      `whole arguments of an id that go on${'index' in at ? '' : ', without an index'}`,
      [
        piece({ ...at, id: 'A', name: 'look_up', args: '{"w":"tea"}' }),
        piece({ ...at, id: 'A', name: 'look_up', args: '{"w":"mug"}' }),
        calls,
      ],
      broken,
    ),
  ]),
  chat(
    'one id for two calls, and a piece of either',
    [
      piece({ index: 0, id: 'A', name: 'look_up', args: '' }),
      piece({ index: 1, id: 'A', name: 'buy', args: '' }),
      piece({ id: 'A', args: '{"n":[2]}' }),
      calls,
    ],
    broken,
  ),
];
