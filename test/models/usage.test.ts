/** What an answer used and cost: as the provider counts it, and only what can be believed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DefinitionError, type ModelUse, openai } from '../../src/index.ts';
import { driverOf, failureOf, request, strictServer, ways } from './ask.ts';
import { eventStreamType, modelPlaying } from './streams/replay.ts';
import { written } from './streams/stream.ts';

const usage = { promptTokens: 1_000, cachedTokens: 400, completionTokens: 50, reasoningTokens: 20 };
const counted = {
  inputTokens: 1_000,
  cachedInputTokens: 400,
  outputTokens: 50,
  reasoningTokens: 20,
};
const price = { inputPerMillion: 0.25, cachedInputPerMillion: 0.025, outputPerMillion: 2 };

for (const way of ways) {
  test(`a reply brings its tokens, its model and its cost: ${way.name}`, async (t) => {
    const respond = () => ({ text: 'Tea.', usage });
    const { ask } = await driverOf(t, way, { respond }, { price });
    const reply = await ask();
    assert.deepEqual(reply.usage, counted);
    assert.equal(reply.model, 'gpt-5');
    // 600 x 0.25 + 400 x 0.025 + 50 x 2
    assert.equal(reply.costMicros, 260);
  });

  test(`a cost is unknown without a price, and where nothing was counted: ${way.name}`, async (t) => {
    const unpriced = await driverOf(t, way, {});
    assert.equal('costMicros' in (await unpriced.ask()), false);
    const uncounted = await driverOf(t, way, { fault: 'no_usage' }, { price });
    const reply = await uncounted.ask();
    assert.deepEqual(reply.usage, { inputTokens: 0, outputTokens: 0 });
    assert.equal('costMicros' in reply, false);
  });

  test(`an answer that is thrown away is told with what it used: ${way.name}`, async (t) => {
    const respond = () => ({ text: 'Half', finishReason: 'content_filter', usage });
    const { ask } = await driverOf(t, way, { respond }, { price });
    const discarded: ModelUse[] = [];
    const failure = await failureOf(ask(undefined, { onDiscarded: (use) => discarded.push(use) }));
    assert.equal(failure.code, 'model_refused');
    assert.deepEqual(discarded, [{ model: 'gpt-5', usage: counted, costMicros: 260 }]);
  });

  test(`so is an answer without a reply in it: ${way.name}`, async (t) => {
    const respond = () => ({ text: 'Tea.', usage });
    const { ask } = await driverOf(t, way, { respond, fault: 'no_choices' }, { price });
    const discarded: ModelUse[] = [];
    await failureOf(ask(undefined, { onDiscarded: (use) => discarded.push(use) }));
    assert.deepEqual(discarded, [{ model: 'gpt-5', usage: counted, costMicros: 260 }]);
  });

  test(`a reply of another model has that model's name and price: ${way.name}`, async (t) => {
    const other = await strictServer(t, { respond: () => ({ text: 'Tea.', usage }) });
    const fallback = openai('gpt-4o-mini', {
      ...{ api: way.api, stream: way.stream, baseURL: other.url, apiKey: 'test' },
      price: { inputPerMillion: 1, outputPerMillion: 1 },
    });
    const down = { fault: { name: 'status', status: 503 } } as const;
    const { ask } = await driverOf(t, way, down, { price, fallback: [fallback] });
    const { model, costMicros } = await ask();
    assert.deepEqual([model, costMicros], ['gpt-4o-mini', 1_050]);
  });
}

for (const way of ways.filter(({ stream }) => !stream)) {
  test(`what an answer of another shape says that it used is told: ${way.name}`, async (t) => {
    const counts = { prompt_tokens: 9, input_tokens: 9, completion_tokens: 5, output_tokens: 5 };
    const { ask } = await driverOf(t, way, { respond: () => ({ body: { usage: counts } }) });
    const discarded: ModelUse[] = [];
    await failureOf(ask(undefined, { onDiscarded: (use) => discarded.push(use) }));
    assert.deepEqual(discarded, [{ model: 'gpt-5', usage: { inputTokens: 9, outputTokens: 5 } }]);
  });
}

test('a stream that breaks off after its usage came is told with it', async () => {
  const counts = { prompt_tokens: 9, completion_tokens: 5 };
  const choices = [{ index: 0, delta: { content: 'Half' }, finish_reason: null }];
  const bytes = written([{ choices, usage: counts }]);
  for (const ending of ['end', 'reset'] as const) {
    const stream = { name: '', api: 'chat', bytes, ends: 'model_unavailable' } as const;
    const model = modelPlaying(stream, () => ({ type: eventStreamType, pieces: [bytes], ending }));
    const discarded: ModelUse[] = [];
    const { signal } = new AbortController();
    const onDiscarded = (use: ModelUse) => discarded.push(use);
    await failureOf(model.reply(request, { signal, onDiscarded }));
    assert.deepEqual(discarded, [{ model: 'm', usage: { inputTokens: 9, outputTokens: 5 } }]);
  }
});

/** Counts that no provider can mean, and what is believed of them. */
const odd: readonly [what: string, told: object, believed: object][] = [
  ['negative', { prompt_tokens: -1, completion_tokens: 5 }, { inputTokens: 0, outputTokens: 5 }],
  ['fractions', { prompt_tokens: 1.5, completion_tokens: 5 }, { inputTokens: 0, outputTokens: 5 }],
  ['text', { prompt_tokens: '9', completion_tokens: 5 }, { inputTokens: 0, outputTokens: 5 }],
  [
    'too large',
    { prompt_tokens: 1e300, completion_tokens: 5 },
    { inputTokens: 0, outputTokens: 5 },
  ],
  [
    'a part beyond its whole',
    {
      prompt_tokens: 9,
      prompt_tokens_details: { cached_tokens: 10 },
      completion_tokens: 5,
      completion_tokens_details: { reasoning_tokens: 6 },
    },
    { inputTokens: 9, cachedInputTokens: 9, outputTokens: 5, reasoningTokens: 5 },
  ],
  [
    'details that are none',
    {
      prompt_tokens: 9,
      prompt_tokens_details: 7,
      completion_tokens: 5,
      completion_tokens_details: {},
    },
    { inputTokens: 9, outputTokens: 5 },
  ],
];

for (const [what, told, believed] of odd) {
  test(`counts that cannot be are not believed: ${what}`, async (t) => {
    const choices = [{ index: 0, finish_reason: 'stop', message: { content: 'Tea.' } }];
    const respond = () => ({ body: { choices, usage: told } });
    const { ask } = await driverOf(t, { api: 'chat', stream: false, name: '' }, { respond });
    assert.deepEqual((await ask()).usage, believed);
  });
}

test('a price that is no price is refused', () => {
  for (const inputPerMillion of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => openai('gpt-5', { price: { inputPerMillion, outputPerMillion: 1 } }),
      (error) => error instanceof DefinitionError && error.code === 'price_unusable',
    );
  }
});
