/** The forms that a text takes in streams of Chat Completions. */
import { chat, chatOf, chunk, finish, piece, role, text, usage } from './chat-events.ts';
import { called, type OddStream, said, unused } from './stream.ts';

const hello = [role, text('Good '), text('morning.'), finish('stop')];
const good = said('Good morning.');
const many = 'Grüße, 你好, 🍵☕ 👨‍👩‍👧!';

const whole = {
  choices: [{ index: 0, message: { role: 'assistant', content: 'Tea.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 5 },
};

export const chatForms: readonly OddStream[] = [
  chat('a text in pieces', hello, good),
  chat('no role', hello.slice(1), good),
  chatOf('no usage', [...hello, '[DONE]'], said('Good morning.', { usage: unused })),
  chatOf(
    'usage that is null for ever',
    [...hello.map((one) => ({ ...one, usage: null })), '[DONE]'],
    said('Good morning.', { usage: unused }),
  ),
  chatOf(
    'usage beside the reason to finish',
    [...hello.slice(0, -1), finish('stop', { usage: usage.usage }), '[DONE]'],
    good,
  ),
  chatOf(
    'zeros after the usage',
    [
      ...hello.slice(0, -1),
      finish('stop', { usage: usage.usage }),
      { choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } },
      '[DONE]',
    ],
    good,
  ),
  chat('an empty reason to finish after the real one', [...hello, finish('')], good),
  chat(
    'chunks without a choice',
    [{ choices: [], prompt_filter_results: [] }, ...hello.flatMap((one) => [one, { choices: [] }])],
    good,
  ),
  chat('comments and blank lines', hello, good, {
    writing: { before: ': open\n\n\n', between: ': keep-alive\n\n\n' },
  }),
  chat('fields that nobody asked for', hello, good, {
    writing: { before: 'retry: 3000\nid: 7\nevent\n', between: 'id: 8\n' },
  }),
  chat('lines that end with CRLF', hello, good, { writing: { newline: '\r\n' } }),
  chat('lines that end with CR', hello, good, { writing: { newline: '\r' } }),
  chat('no space after the colon', hello, good, { writing: { space: '' } }),
  chat('a byte order mark', hello, good, { writing: { before: '\uFEFF' } }),
  chat('data on several lines', ['{"choices":[\ndata: ]}', ...hello], good),
  chatOf('no [DONE]', [...hello, usage], good),
  chatOf('no blank line at the end', [...hello, usage], good, {
    writing: { end: 'data: [DONE]' },
  }),
  chatOf('more after [DONE]', [...hello, usage, '[DONE]', text('More.'), '{'], good),
  chat(
    'characters of several bytes',
    [
      role,
      text(many),
      piece({ index: 0, id: 'A', name: 'say', args: `{"t":"${many}"}` }),
      finish('tool_calls'),
    ],
    called([['A', 'say', `{"t":"${many}"}`]], { text: many }),
  ),
  chat('a text that is cut off at its limit', [role, text('Good '), finish('length')], {
    ...said('Good '),
    finish: 'length',
  }),
  chat(
    'two choices',
    [
      role,
      { choices: [{ index: 1, delta: { content: 'Bad ' }, finish_reason: null }] },
      text('Good '),
      { choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] },
      text('morning.'),
      finish('stop'),
    ],
    good,
  ),
  chat(
    'fields that are not known',
    [
      chunk({ role: 'assistant', reasoning_content: 'Hm.', reasoning: 'Hm.' }, null, {
        x: { y: 1 },
      }),
      ...hello.slice(1),
    ],
    good,
  ),
  chatOf(
    '[DONE] for a reason to finish, where that is known',
    [role, text('Tea.'), '[DONE]'],
    {
      ...said('Tea.', { usage: unused }),
    },
    { capabilities: { endsWithoutReason: true } },
  ),
  {
    name: 'one piece where a stream was asked for',
    api: 'chat',
    bytes: Buffer.from(JSON.stringify(whole)),
    type: 'application/json',
    ends: said('Tea.'),
  },
];
