/** Reasoning goes back, word for word and in order, to the model whose it is, and to no other. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openai } from '../../src/index.ts';
import type { ModelRequest, Reply, TranscriptMessage } from '../../src/models/model.ts';
import type { OpenAIOptions } from '../../src/models/options.ts';
import { assertNoRefusals, call, linesOf, type ModelServer } from '../../src/testing/index.ts';
import { request, strictServer } from './ask.ts';

type Item = Readonly<Record<string, unknown>> & { readonly type?: string };

const thought = {
  reasoning: 'Tea and coffee have to be looked up.',
  text: 'One moment.',
  calls: [call('look_up', { word: 'tea' }, 'A'), call('look_up', { word: 'coffee' }, 'B')],
};

const [user] = request.transcript;

/** What is stored of a reply, and read again days later: its calls by our ids, with their results. */
function stored({ text, calls, verbatim }: Reply, ids: readonly string[]): TranscriptMessage {
  const message = {
    role: 'assistant',
    text,
    calls: calls.map((made, at) => ({
      id: ids[at] ?? made.id,
      name: made.name,
      arguments: made.arguments,
      result: `result ${at}`,
    })),
    verbatim,
  };
  return JSON.parse(JSON.stringify(message));
}

async function server(t: TestContext): Promise<ModelServer> {
  return strictServer(t, { respond: ({ turn }) => (turn === 0 ? thought : 'A drink.') });
}

/** Asks twice: the second time with what came of the first. */
async function askTwice(
  { url }: ModelServer,
  ids: readonly string[],
  second: { readonly model?: string } & OpenAIOptions = {},
) {
  const signal = new AbortController().signal;
  const options: OpenAIOptions = { api: 'responses', baseURL: url, apiKey: 'test' };
  const first = await openai('gpt-5', options).reply(request, { signal });
  const { model = 'gpt-5', ...more } = second;
  const transcript = user ? [user, stored(first, ids)] : [];
  const asked: ModelRequest = { ...request, transcript };
  const reply = await openai(model, { ...options, ...more }).reply(asked, { signal });
  assert.equal(reply.text, 'A drink.');
  return first;
}

function inputOf({ requests }: ModelServer): readonly Item[] {
  const body = requests.at(-1)?.body;
  return body && 'input' in body && Array.isArray(body.input) ? body.input : [];
}

const typesOf = (items: readonly Item[]) => items.map(({ type = 'message' }) => type);

for (const stream of [true, false]) {
  const how = stream ? 'streamed' : 'in one piece';

  test(`reasoning that came ${how} goes back to its model with its calls, in order`, async (t) => {
    const desk = await server(t);
    const { verbatim } = await askTwice(desk, ['A', 'B'], { stream });
    const input = inputOf(desk);
    assert.deepEqual(typesOf(input), [
      'message',
      'reasoning',
      'message',
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
    ]);
    assert.deepEqual(input.slice(1, 5), verbatim?.items);
    assertNoRefusals(desk);
  });

  test(`reasoning that came ${how} is not told to another model`, async (t) => {
    const desk = await server(t);
    await askTwice(desk, ['A', 'B'], { stream, model: 'gpt-4o-mini' });
    const input = inputOf(desk);
    assert.deepEqual(typesOf(input), [
      'message',
      'message',
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
    ]);
    assert.ok(
      input.every((item) => !('id' in item)),
      'nothing says which model it was',
    );
    assertNoRefusals(desk);
  });

  test(`reasoning that came ${how} does not stop the run on the other wire`, async (t) => {
    const desk = await server(t);
    await askTwice(desk, ['A', 'B'], { stream, api: 'chat' });
    assert.deepEqual(linesOf(desk.requests.at(-1)), [
      'user: What is tea?',
      'assistant: One moment. | look_up[A] {"word":"tea"} | look_up[B] {"word":"coffee"}',
      'tool[A]: result 0',
      'tool[B]: result 1',
    ]);
    assertNoRefusals(desk);
  });
}

test('calls whose ids were changed go back under the new ones, and pair', async (t) => {
  const desk = await server(t);
  await askTwice(desk, ['call_1', 'call_2']);
  const ids = inputOf(desk).flatMap(({ call_id }) => (call_id === undefined ? [] : [call_id]));
  assert.deepEqual(ids, ['call_1', 'call_2', 'call_1', 'call_2']);
  assert.deepEqual(typesOf(inputOf(desk).slice(1, 2)), ['reasoning']);
  assertNoRefusals(desk);
});

test('results stand beside their calls where a server wants it so', async (t) => {
  const desk = await server(t);
  await askTwice(desk, ['A', 'B'], { provider: 'deepseek' });
  assert.deepEqual(typesOf(inputOf(desk)).slice(3), [
    'function_call',
    'function_call_output',
    'function_call',
    'function_call_output',
  ]);
  assertNoRefusals(desk);
});

test('reasoning that the server cannot read is left out, and the reply comes', async (t) => {
  const desk = await strictServer(t, {
    respond: ({ turn }) => (turn === 0 ? thought : 'A drink.'),
    fault: 'invalid_encrypted_content',
  });
  await askTwice(desk, ['A', 'B']);
  assert.deepEqual(
    desk.requests.map(({ body }) => JSON.stringify(body).includes('"reasoning","id"')),
    [false, true, false],
  );
});

for (const [who, error] of [
  ['Azure', { message: 'The encrypted content gAAA...wXBV could not be verified.', code: null }],
  [
    "Copilot's proxy",
    {
      message:
        'The encrypted content for item rs_1 could not be verified. Reason: Encrypted content item_id did not match the target item id.',
      code: 'invalid_request_error',
    },
  ],
  [
    'LiteLLM',
    {
      message:
        'litellm.BadRequestError: AzureException - {\n  "error": {\n    "message": "The encrypted content gAAA...ehIc could not be verified.",\n    "code": "invalid_encrypted_content"\n  }\n}',
      code: '400',
    },
  ],
  ['another', { message: 'Encrypted content could not be decrypted or parsed.' }],
] as const) {
  test(`reasoning that the server cannot read is left out, as ${who} says it`, async (t) => {
    const desk = await strictServer(t, {
      respond: ({ turn }) => (turn === 0 ? thought : 'A drink.'),
      fault: ({ body }) =>
        JSON.stringify(body).includes('"reasoning","id"')
          ? { name: 'status', status: 400, body: { error } }
          : undefined,
    });
    await askTwice(desk, ['A', 'B']);
    assert.equal(desk.requests.length, 3);
  });
}

test('reasoning that a server sends unsealed is not sent back', async (t) => {
  const error = {
    message: 'Encrypted content is not supported with this model.',
    param: 'include',
  };
  const unsealing = await strictServer(t, {
    respond: ({ turn }) => (turn === 0 ? thought : 'A drink.'),
    fault: ({ body }) =>
      'include' in body ? { name: 'status', status: 400, body: { error } } : undefined,
  });
  await askTwice(unsealing, ['A', 'B']);
  assert.equal(typesOf(inputOf(unsealing)).includes('reasoning'), false);
  assertNoRefusals(unsealing);
});
