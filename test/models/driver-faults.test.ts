/** What a driver makes of a server that misbehaves, on each wire, streaming and not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openai } from '../../src/index.ts';
import { call, type Fault, type Faults } from '../../src/testing/index.ts';
import { driverOf, failureOf, meaningOf, strictServer, ways } from './ask.ts';

const gone = ['model_unavailable', true] as const;
const unusable = ['model_reply_unusable', true] as const;
const final = (code: string) => [code, false] as const;

const status = (code: number): Fault => ({ name: 'status', status: code });

/** As OpenRouter says it, with the status of a key that may not do this. */
const flagged = {
  code: 403,
  message: 'openai/gpt-5 requires moderation. Your input was flagged for "violence".',
  metadata: { reasons: ['violence'], flagged_input: 'Tea', provider_name: 'OpenAI' },
};

/** What each fault means, whatever the way. */
const meanings: readonly (readonly [string, Faults, readonly [string, boolean]])[] = [
  ['a connection that is reset before the answer', 'reset_before_headers', gone],
  ['an answer that is reset', { name: 'cut', afterBytes: 40, how: 'reset' }, gone],
  ['an answer whose connection closes', { name: 'cut', afterBytes: 40, how: 'close' }, gone],
  ['an answer that is reset at once', { name: 'cut', afterBytes: 0, how: 'reset' }, gone],
  ['a body that ends in its middle', { name: 'cut', afterBytes: 40 }, unusable],
  ['a server that does not begin', 'stall', gone],
  ['a server that stops in the middle', { name: 'stall', afterBytes: 40 }, gone],
  ['a server that never ends', ['byte_by_byte', { name: 'drip', everyMs: 5 }], gone],
  ...[408, 409, 429, 500, 502, 503, 504].map(
    (code) => [`a status of ${code}`, status(code), gone] as const,
  ),
  ...[401, 402, 403].map(
    (code) => [`a status of ${code}`, status(code), final('model_unavailable')] as const,
  ),
  ...[400, 404, 413, 422].map(
    (code) => [`a status of ${code}`, status(code), final('model_request_refused')] as const,
  ),
  ['a quota that is used up', 'insufficient_quota', final('model_unavailable')],
  ['a conversation that is too long', 'context_length', final('context_too_long')],
  [
    'a prompt that a filter stops',
    { name: 'status', status: 400, body: { error: { code: 'content_filter', message: 'No.' } } },
    final('model_refused'),
  ],
  [
    'a prompt that a moderation flags',
    { name: 'status', status: 403, body: { error: flagged } },
    final('model_refused'),
  ],
  [
    'a prompt that a moderation flags, with status 200,',
    { name: 'status', status: 200, body: { error: flagged } },
    final('model_refused'),
  ],
  ['a web page with status 200', 'html_200', unusable],
  ['nothing with status 200', 'empty_200', unusable],
  ['an error with status 200', 'error_200', gone],
  ['an error in the middle', 'error_in_stream', gone],
  ['JSON that is cut off', 'truncated_json', unusable],
  ['a reply without content', 'no_choices', unusable],
  ['a refusal', 'refusal', final('model_refused')],
  ['a reply that a filter stops', 'content_filter', final('model_refused')],
];

/** As OpenRouter tells what its provider said. */
const providersOwn = (raw: unknown) => ({
  message: 'Provider returned error',
  code: 400,
  metadata: { raw, provider_name: 'Google' },
});

/** How servers say that a conversation is too long, with which status. */
const tooLong: readonly (readonly [number, unknown])[] = [
  [400, { code: 'context_length_exceeded', message: 'Your input exceeds the context window.' }],
  [400, { message: "This model's maximum context length is 4096 tokens. However, ..." }],
  [400, { message: 'The decoder prompt (length 9) is longer than the maximum model length of 8.' }],
  [400, { type: 'exceed_context_size_error', n_prompt_tokens: 9, n_ctx: 8, message: 'request' }],
  [500, { type: 'exceed_context_size_error', code: 500, message: 'too long' }],
  [400, { message: 'the request exceeds the available context size, try increasing it' }],
  [400, 'prompt too long; exceeded max context length by 17 tokens'],
  [400, 'The number of tokens to keep from the initial prompt is greater than the context length'],
  [400, { message: 'prompt is too long: 213462 tokens > 200000 maximum' }],
  [400, { message: 'The input token count (9) exceeds the maximum number of tokens allowed (8).' }],
  [400, { message: "This model's maximum prompt length is 8 but the request contains 9 tokens." }],
  [413, providersOwn('{"type":"error","error":{"message":"Prompt is too long"}}')],
  [400, providersOwn({ error: { message: 'Your input exceeds the context window.' } })],
];

/** For servers that leave it to the driver to give up; the others answer, however long it takes. */
const limits = { firstByteMs: 150, idleMs: 150, totalMs: 600 };
const givenUp = /does not begin|stops in the middle|never ends/;

for (const way of ways) {
  for (const [what, fault, meaning] of meanings) {
    test(`${way.name}: ${what} is ${meaning[0]}, ${meaning[1] ? 'for now' : 'for good'}`, async (t) => {
      const { server, ask } = await driverOf(t, way, { fault }, givenUp.test(what) ? limits : {});
      assert.deepEqual(await meaningOf(ask()), meaning);
      assert.equal(server.requests.length, 1, 'the request is sent once');
    });
  }

  test(`${way.name}: a conversation that is too long is one by whatever words`, async (t) => {
    for (const [code, error] of tooLong) {
      const fault = { name: 'status', status: code, body: { error } } as const;
      const { ask } = await driverOf(t, way, { fault });
      const meaning = await meaningOf(ask());
      assert.deepEqual(meaning, final('context_too_long'), JSON.stringify(error));
    }
    const error = { message: 'Rate limit: this prompt is too long for one minute.' };
    const { ask } = await driverOf(t, way, {
      fault: { name: 'status', status: 429, body: { error } },
    });
    assert.deepEqual(await meaningOf(ask()), gone, 'a limit of a minute is none of the model');
  });

  test(`${way.name}: what the server calls its error is kept, and its words are not`, async (t) => {
    const error = {
      message: 'Tea is not allowed.',
      code: 400,
      type: 'invalid_request_error',
      param: 'messages[0].content',
    };
    const detailsOf = async (body: unknown, id: string, code = 400) => {
      const headers = { 'x-request-id': id };
      const fault = { name: 'status', status: code, headers, body } as const;
      const { details } = await failureOf((await driverOf(t, way, { fault })).ask());
      return details['server'];
    };
    const { message, ...labels } = { ...error, code: '400', requestId: 'req_1a-2b' };
    assert.deepEqual(await detailsOf({ error }, 'req_1a-2b'), labels);
    const wordy = { code: 'What is tea?', type: 'x'.repeat(101), param: ['Tea'] };
    assert.equal(await detailsOf({ error: wordy }, 'Tea is tea.'), undefined);
    const inside = { ...error, headers: {}, code: 'slow_down' };
    const { requestId, ...known } = { ...labels, code: 'slow_down' };
    assert.deepEqual(await detailsOf({ error: inside }, 'req_1a-2b', 200), known);
  });

  test(`${way.name}: an error in the middle means what its code says`, async (t) => {
    for (const [code, ...meaning] of [
      ['rate_limit_exceeded', 'model_unavailable', 'rate_limited'],
      ['invalid_api_key', 'model_unavailable', 'key_refused'],
      ['authentication_error', 'model_unavailable', 'key_refused'],
      ['insufficient_quota', 'model_unavailable', 'account_empty'],
      ['model_not_found', 'model_request_refused', 'model_unknown'],
      ['context_length_exceeded', 'context_too_long', undefined],
      ['server_overloaded', 'model_unavailable', 'overloaded'],
      ['slow_down', 'model_unavailable', 'overloaded'],
      ['made_up', 'model_unavailable', 'overloaded'],
    ] as const) {
      const { ask } = await driverOf(t, way, { fault: { name: 'error_in_stream', code } });
      const error = await failureOf(ask());
      assert.deepEqual([error.code, error.details['fault']], meaning, code);
    }
  });

  test(`${way.name}: a reply that ended too early may come whole, a page never`, async (t) => {
    for (const [fault, meaning] of [
      [{ name: 'cut', afterBytes: 200 }, 'cut'],
      [{ name: 'cut', afterBytes: 200, how: 'close' }, 'cut'],
      ['truncated_json', 'cut'],
      ['empty_200', 'cut'],
      ['html_200', 'unusable'],
    ] as const) {
      const { ask } = await driverOf(t, way, { fault });
      assert.equal((await failureOf(ask())).details['fault'], meaning, JSON.stringify(fault));
    }
  });

  test(`${way.name}: a limit that was passed is named`, async (t) => {
    const stall = { name: 'stall', afterBytes: 40 } as const;
    const late = await driverOf(t, way, { fault: 'stall' }, { firstByteMs: 30 });
    assert.match((await failureOf(late.ask())).message, /did not begin to answer within 30 ms/);
    const halting = await driverOf(t, way, { fault: stall }, { idleMs: 30 });
    assert.match((await failureOf(halting.ask())).message, /said nothing more for 30 ms/);
    const slow = await driverOf(t, way, { fault: stall }, { totalMs: 30 });
    assert.match((await failureOf(slow.ask())).message, /did not finish within 30 ms/);
  });

  test(`${way.name}: a reply that is cut off at its limit says so`, async (t) => {
    const respond = () => [call('look_up', { word: 'tea' }, 'c1')];
    const { ask } = await driverOf(t, way, { respond, fault: 'max_output_tokens' });
    const { finish, calls } = await ask();
    assert.equal(finish, 'length');
    assert.deepEqual(calls, [{ id: 'c1', name: 'look_up', arguments: '{"word"' }]);
  });

  test(`${way.name}: a server that cannot be reached is unavailable for now`, async (t) => {
    const { server, ask } = await driverOf(t, way, {});
    await server.close();
    assert.deepEqual(await meaningOf(ask()), gone);
  });

  test(`${way.name}: another model answers when the first cannot`, async (t) => {
    const other = await strictServer(t, { respond: () => 'Tea, says the other.' });
    const { api, stream } = way;
    const fallback = [
      openai('local', { api, stream, baseURL: 'http://127.0.0.1:1/v1', apiKey: 'test' }),
      openai('gpt-4o-mini', { api, stream, baseURL: other.url, apiKey: 'test' }),
    ];
    const away = [status(503), 'insufficient_quota', 'html_200', status(402), status(404)] as const;
    for (const fault of away) {
      const { ask } = await driverOf(t, way, { fault }, { fallback });
      assert.equal((await ask()).text, 'Tea, says the other.');
    }
    const { ask } = await driverOf(t, way, { fault: status(400) }, { fallback });
    assert.deepEqual(await meaningOf(ask()), final('model_request_refused'));
    assert.equal(other.requests.length, away.length);
  });

  test(`${way.name}: a refusal comes with the model's own words, apart from the sentence`, async (t) => {
    const { ask } = await driverOf(t, way, { respond: () => ({ refusal: 'I will not.' }) });
    const { message, details } = await failureOf(ask());
    assert.equal(message, 'The model "gpt-5" refused to go on.');
    assert.equal(details['refusal'], 'I will not.');
  });
}

for (const way of ways.filter(({ stream }) => stream)) {
  test(`${way.name}: a server that is slow, but goes on, is heard out`, async (t) => {
    const fault = { name: 'drip', everyMs: 150 } as const;
    const { ask } = await driverOf(t, way, { fault }, { firstByteMs: 600, idleMs: 600 });
    const begun = Date.now();
    assert.equal((await ask()).text, 'Tea is a drink.');
    assert.ok(Date.now() - begun > 600, 'it took longer than any pause may');
  });
}

test('a response that failed is unavailable for now', async (t) => {
  for (const way of ways.filter(({ api }) => api === 'responses')) {
    const { ask } = await driverOf(t, way, { fault: 'response_failed' });
    assert.deepEqual(await meaningOf(ask()), gone);
  }
});
