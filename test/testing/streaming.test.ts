/** Streams of both wires, as OpenAI's own client reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, type ModelServer, type TurnParts } from '../../src/testing/index.ts';
import { client, serverFor, user } from './requests.ts';

const MESSAGES = [{ role: 'user' as const, content: 'Coffee' }];

const TURNS: Record<string, TurnParts> = {
  'a text': { text: 'Grüße 🍵 und so weiter.' },
  'an empty text': { text: '' },
  'calls beside a text': {
    text: 'One moment.',
    reasoning: 'Tea it is.',
    calls: [call('look_up', { word: 'Tee 🍵' }, 'c1'), call('look_up', {}, 'c2')],
  },
  'a refusal': { refusal: 'I will not do that.' },
  'a reply that was cut off': { text: 'Wai', finishReason: 'length' },
};

const chatStream = (server: ModelServer, rest: object = {}) =>
  client(server).chat.completions.stream({ model: 'gpt-5', messages: MESSAGES, ...rest });

const responseStream = (server: ModelServer, rest: object = {}) =>
  client(server).responses.stream({ model: 'gpt-5', input: MESSAGES, store: false, ...rest });

for (const [title, turn] of Object.entries(TURNS)) {
  test(`${title} is the same on Chat Completions, streamed or not`, async (t) => {
    const server = await serverFor(t, { respond: () => turn });
    const whole = await client(server).chat.completions.create({
      model: 'gpt-5',
      messages: MESSAGES,
    });
    const stream = chatStream(server, { stream_options: { include_usage: true } });
    let chunks = 0;
    stream.on('chunk', () => chunks++);
    const streamed = await stream.finalChatCompletion();
    assert.ok(chunks >= 2);
    const [one, two] = [whole.choices[0], streamed.choices[0]];
    assert.equal(two?.finish_reason, one?.finish_reason);
    assert.equal(two?.message.content, one?.message.content);
    assert.equal(two?.message.refusal, one?.message.refusal);
    assert.deepEqual(said(two?.message.tool_calls ?? []), said(one?.message.tool_calls ?? []));
    assert.equal(streamed.usage?.completion_tokens, whole.usage?.completion_tokens);
  });

  test(`${title} is the same on Responses, streamed or not`, async (t) => {
    const server = await serverFor(t, { respond: () => turn });
    const rest = {
      include: ['reasoning.encrypted_content' as const],
      reasoning: { summary: 'auto' as const },
    };
    const whole = await client(server).responses.create({
      model: 'gpt-5',
      input: MESSAGES,
      store: false,
      ...rest,
    });
    const stream = responseStream(server, rest);
    const types: string[] = [];
    let next = 0;
    for await (const event of stream) {
      types.push(event.type);
      assert.equal(event.sequence_number, next++);
    }
    assert.deepEqual(types.slice(0, 2), ['response.created', 'response.in_progress']);
    assert.equal(types.at(-1), `response.${whole.status}`);
    const streamed = await stream.finalResponse();
    assert.deepEqual(said(streamed.output), said(whole.output));
    assert.equal(streamed.status, whole.status);
    assert.deepEqual(streamed.incomplete_details, whole.incomplete_details);
    assert.equal(streamed.usage?.output_tokens, whole.usage?.output_tokens);
  });
}

/** What an output says, without what is made anew for each reply. */
function said(output: readonly object[]): unknown {
  return JSON.parse(
    JSON.stringify(output, (key, value) =>
      (key === 'id' && /^(fc|rs|msg)_/.test(value)) ||
      key === 'encrypted_content' ||
      key.startsWith('parsed')
        ? undefined
        : value,
    ),
  );
}

test('the events of a Responses stream come in the order of the API', async (t) => {
  const server = await serverFor(t, {
    respond: () => ({ reasoning: 'Hm.', text: 'Wait', calls: [call('a', { b: 1 }, 'c1')] }),
  });
  const types: string[] = [];
  for await (const event of responseStream(server, { reasoning: { summary: 'auto' } })) {
    if (event.type !== types.at(-1)) types.push(event.type);
  }
  assert.deepEqual(
    types.map((type) => type.replace('response.', '')),
    [
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ],
  );
});

test('reasoning is sealed for good only when its item is done', async (t) => {
  const server = await serverFor(t, { respond: () => ({ reasoning: 'Hm.', text: 'Tea.' }) });
  const seals: unknown[] = [];
  const rest = { include: ['reasoning.encrypted_content'] };
  for await (const event of responseStream(server, rest)) {
    if ('item' in event && event.item.type === 'reasoning')
      seals.push(event.item.encrypted_content);
  }
  assert.equal(seals[0], '');
  assert.match(String(seals[1]), /^gAAAAA/);
});

test('usage is streamed on Chat Completions only where it is asked for', async (t) => {
  const server = await serverFor(t, { respond: () => 'Tea.' });
  const usages = async (rest: object) => {
    const stream = await client(server).chat.completions.create({
      model: 'gpt-5',
      messages: MESSAGES,
      stream: true,
      ...rest,
    });
    const seen: unknown[] = [];
    for await (const chunk of stream) seen.push(chunk.usage?.total_tokens ?? chunk.usage);
    return seen;
  };
  assert.ok((await usages({})).every((usage) => usage === undefined));
  const asked = await usages({ stream_options: { include_usage: true } });
  assert.equal(typeof asked.at(-1), 'number');
  assert.ok(asked.slice(0, -1).every((usage) => usage === null));
  assert.equal(server.requests.length, 2);
  assert.deepEqual(server.requests[0]?.messages, [user()]);
});

test('a long text comes in a bounded number of pieces', async (t) => {
  const text = '🍵 '.repeat(20_000);
  const server = await serverFor(t, { respond: () => text });
  let events = 0;
  let said = '';
  for await (const event of responseStream(server)) {
    events += 1;
    if (event.type === 'response.output_text.delta') said += event.delta;
  }
  assert.ok(said === text);
  assert.ok(events < 220, `${events} events`);
});
