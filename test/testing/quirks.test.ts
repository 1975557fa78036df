/** What providers do differently, each quirk as a client sees it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { call, type Faults, QUIRKS, type TurnParts } from '../../src/testing/index.ts';
import { eventsIn, rawPost } from './raw-client.ts';
import { body, client, post, serverFor, user } from './requests.ts';
import { postResponses, responsesBody } from './responses-requests.ts';

const TURN: TurnParts = {
  text: 'Tee 🍵',
  calls: [call('look_up', { word: 'Grüße' }, 'c1'), call('list', {}, 'c2')],
};
const ARGUMENTS = ['{"word":"Grüße"}', '{}'];

interface Delta {
  index?: number;
  id?: string;
  type?: string;
  function?: { name?: string; arguments?: unknown };
}

/** A streamed reply on Chat Completions with a fault: its text, its events, its call deltas. */
async function streamed(t: TestContext, fault: Faults, turn: TurnParts = TURN) {
  const server = await serverFor(t, { fault, respond: () => turn });
  const stream = { stream: true, stream_options: { include_usage: true } };
  const answer = await rawPost(server, body([user()], stream));
  const events = eventsIn(answer.text);
  const choices = events.flatMap((event) => event.choices ?? []);
  const deltas: Delta[] = choices.flatMap((choice) => choice.delta.tool_calls ?? []);
  const reasons: unknown[] = choices.map((choice) => choice.finish_reason);
  return { ...answer, events, choices, deltas, reasons };
}

async function whole(t: TestContext, fault: Faults, turn: TurnParts = TURN) {
  const server = await serverFor(t, { fault, respond: () => turn });
  return (await post(server, body([user()]))).answer;
}

const joined = (deltas: readonly Delta[]) =>
  deltas.map((delta) => delta.function?.arguments ?? '').join('');

test('without a quirk, a call is told by its index after its first delta', async (t) => {
  const { deltas, events, reasons } = await streamed(t, []);
  const first = deltas.filter((delta) => delta.index === 0);
  assert.deepEqual(first[0], {
    index: 0,
    id: 'c1',
    type: 'function',
    function: { name: 'look_up', arguments: '' },
  });
  assert.ok(first.slice(1).every((delta) => delta.id === undefined && !delta.function?.name));
  assert.ok(first.length >= 3);
  assert.deepEqual(
    [0, 1].map((index) => joined(deltas.filter((d) => d.index === index))),
    ARGUMENTS,
  );
  assert.equal(reasons.at(-1), 'tool_calls');
  assert.equal(events.at(-1), '[DONE]');
  assert.deepEqual(events[0].choices[0].delta, { role: 'assistant', content: '', refusal: null });
});

test('index_zero gives every call the index 0, and no_index none', async (t) => {
  const zero = (await streamed(t, 'index_zero')).deltas;
  assert.ok(zero.every((delta) => delta.index === 0));
  assert.deepEqual(
    zero.flatMap((delta) => delta.id ?? []),
    ['c1', 'c2'],
  );
  const none = (await streamed(t, 'no_index')).deltas;
  assert.ok(none.length > 3 && none.every((delta) => !('index' in delta)));
});

test('id_late sends the id with the second delta, and no_id never', async (t) => {
  const { deltas } = await streamed(t, 'id_late');
  const ofFirst = deltas.filter((delta) => delta.index === 0);
  assert.deepEqual(
    ofFirst.slice(0, 2).map((delta) => delta.id),
    [undefined, 'c1'],
  );
  assert.ok((await streamed(t, 'no_id')).deltas.every((delta) => !('id' in delta)));
  const { message } = (await whole(t, 'no_id')).choices[0];
  assert.ok(message.tool_calls.every((made: object) => !('id' in made)));
});

test('name_late sends the name after the arguments', async (t) => {
  const { deltas } = await streamed(t, 'name_late');
  const ofFirst = deltas.filter((delta) => delta.index === 0);
  assert.deepEqual(ofFirst.at(-1), { index: 0, function: { name: 'look_up' } });
  assert.ok(ofFirst.slice(0, -1).every((delta) => delta.function?.name === undefined));
  assert.equal(joined(ofFirst), ARGUMENTS[0]);
});

test('id_repeated sends the id and the name with every delta', async (t) => {
  const { deltas } = await streamed(t, 'id_repeated');
  const ofFirst = deltas.filter((delta) => delta.index === 0);
  assert.ok(ofFirst.length >= 3);
  assert.ok(ofFirst.every(({ id, function: made }) => id === 'c1' && made?.name === 'look_up'));
});

test('tail_on_other_index sends the end of a call under its id and another index', async (t) => {
  const { deltas } = await streamed(t, 'tail_on_other_index');
  const ofFirst = deltas.filter((delta) => delta.index === 0 || delta.id === 'c1');
  assert.deepEqual([ofFirst.at(-1)?.index, ofFirst.at(-1)?.id], [1, 'c1']);
  assert.equal(joined(ofFirst), ARGUMENTS[0]);
});

test('calls come whole, interleaved, as objects, or with empty arguments', async (t) => {
  assert.deepEqual(
    (await streamed(t, 'calls_whole')).deltas.map((delta) => delta.function?.arguments),
    ARGUMENTS,
  );
  const mixed = (await streamed(t, 'calls_interleaved')).deltas;
  assert.deepEqual(
    mixed.slice(0, 4).map((delta) => delta.index),
    [0, 1, 0, 1],
  );
  const objects = (await streamed(t, 'arguments_object')).deltas;
  assert.deepEqual(objects[0]?.function?.arguments, { word: 'Grüße' });
  const empty = (await streamed(t, 'arguments_empty')).deltas;
  assert.deepEqual(joined(empty), ARGUMENTS[0]);
  const { message } = (await whole(t, ['arguments_empty', 'arguments_object'])).choices[0];
  const made = message.tool_calls.map((each: Delta) => each.function?.arguments);
  assert.deepEqual(made, [{ word: 'Grüße' }, '']);
});

test('a message without a role, and reasons that do not tell of the calls', async (t) => {
  assert.ok((await streamed(t, 'no_role')).choices.every(({ delta }) => !('role' in delta)));
  assert.equal((await streamed(t, 'finish_stop')).reasons.at(-1), 'stop');
  assert.ok((await streamed(t, 'finish_null')).reasons.every((reason) => reason === null));
  const answer = await whole(t, ['no_role', 'finish_stop']);
  assert.equal('role' in answer.choices[0].message, false);
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal((await whole(t, 'finish_null')).choices[0].finish_reason, null);
});

test('length_as_tool_calls cuts the last call and does not say so', async (t) => {
  const turn = { calls: [call('look_up', { word: 'tea' }, 'c1')] };
  const { deltas, reasons } = await streamed(t, 'length_as_tool_calls', turn);
  assert.equal(joined(deltas), '{"word"');
  assert.equal(reasons.at(-1), 'tool_calls');
});

test('usage is missing or null for ever', async (t) => {
  const usages = ({ events }: { events: { usage?: unknown }[] }) =>
    events.filter((event) => typeof event === 'object' && 'usage' in event);
  assert.deepEqual(usages(await streamed(t, 'no_usage')), []);
  const nulls = usages(await streamed(t, 'usage_null'));
  assert.ok(nulls.length > 0 && nulls.every((event) => event.usage === null));
  assert.equal('usage' in (await whole(t, 'no_usage')), false);
  const server = await serverFor(t, { fault: 'usage_null', respond: () => 'Tea.' });
  assert.equal((await postResponses(server, responsesBody('Tea?'))).answer.usage, null);
});

test('a stream has chunks without choices, comments, odd lines, and no end', async (t) => {
  const empty = (await streamed(t, 'empty_choices')).events;
  assert.deepEqual(empty[0].choices, []);
  assert.ok(empty.filter((event) => event.choices?.length === 0).length > 5);
  const { text } = await streamed(t, 'comments');
  assert.match(text, /^: keep-alive\n\n\ndata: \{/);
  const odd = await streamed(t, ['crlf', 'no_space', 'no_done']);
  assert.match(odd.text, /^data:\{/);
  assert.doesNotMatch(odd.text, /[^\r]\n|\[DONE\]/);
  assert.equal(odd.ending, 'end');
});

test('the bytes of an answer come in one chunk, one by one, or inside of characters', async (t) => {
  const { chunks, text } = await streamed(t, []);
  assert.ok(chunks.length > 8);
  const strip = (raw: string) => raw.replace(/"(id|created)":("chatcmpl-\w+"|\d+)/g, '');
  const one = await streamed(t, 'one_chunk');
  assert.equal(one.chunks.length, 1);
  assert.equal(strip(one.text), strip(text));
  const bytes = await streamed(t, 'byte_by_byte');
  assert.ok(bytes.chunks.length > 1000 && bytes.chunks.every((chunk) => chunk.length === 1));
  assert.equal(strip(bytes.text), strip(text));
  const split = await streamed(t, 'split_characters');
  assert.equal(strip(split.text), strip(text));
  assert.ok(split.chunks.filter((chunk) => (chunk.at(-1) ?? 0) >= 0xc0).length >= 3);
});

const ENDLESS = new Set<string>(['finish_null']);

for (const quirk of QUIRKS) {
  test(`${quirk} leaves a text of Responses as it is`, async (t) => {
    const server = await serverFor(t, { fault: quirk, respond: () => TURN });
    const input = [{ role: 'user' as const, content: 'Tea?' }];
    const request = { model: 'gpt-5', input, store: false, stream: true as const };
    let said = '';
    let last = '';
    for await (const event of await client(server).responses.create(request)) {
      if (event.type === 'response.output_text.delta') said += event.delta;
      last = event.type;
    }
    assert.equal(said, 'Tee 🍵');
    assert.equal(last === 'response.completed', !ENDLESS.has(quirk));
  });
}
