/** Answers that go wrong, each as a client sees it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { call, type Fault, type Faults, type Wire } from '../../src/testing/index.ts';
import { eventsIn, rawPost } from './raw-client.ts';
import { body, post, send, serverFor, system, user } from './requests.ts';
import { item, responsesBody } from './responses-requests.ts';

const WIRES: readonly Wire[] = ['chat', 'responses'];
const asking = (wire: Wire, rest: object = {}) =>
  wire === 'chat' ? body([user()], rest) : responsesBody([item.user()], rest);

async function answerTo(t: TestContext, fault: Faults, wire: Wire = 'chat', rest: object = {}) {
  const server = await serverFor(t, { fault, respond: () => 'Good morning.' });
  const response = await send(server, asking(wire, rest), wire);
  const text = await response.text();
  assert.equal(server.requests.length, 1);
  assert.deepEqual(server.refusals, []);
  return { status: response.status, headers: response.headers, text };
}

const errorIn = (text: string) => JSON.parse(text).error;

for (const retryAfter of ['86400', '-5', 'soon', 'Fri, 31 Dec 2100 23:59:59 GMT', '0.5']) {
  test(`rate_limit sends the Retry-After "${retryAfter}" as it is`, async (t) => {
    const limit: Fault = { name: 'rate_limit', retryAfter, retryAfterMs: '1500' };
    const { status, headers, text } = await answerTo(t, limit);
    assert.equal(status, 429);
    assert.equal(headers.get('retry-after'), retryAfter);
    assert.equal(headers.get('retry-after-ms'), '1500');
    assert.equal(errorIn(text).code, 'rate_limit_exceeded');
  });
}

test('rate_limit by its name alone sends no header, and a quota has its own code', async (t) => {
  const { status, headers } = await answerTo(t, 'rate_limit', 'responses');
  assert.deepEqual([status, headers.get('retry-after')], [429, null]);
  const quota = await answerTo(t, 'insufficient_quota');
  assert.deepEqual([quota.status, errorIn(quota.text).code], [429, 'insufficient_quota']);
});

for (const [status, code] of [
  [401, 'invalid_api_key'],
  [403, 'unsupported_country_region_territory'],
  [404, 'model_not_found'],
  [408, null],
  [409, null],
  [413, null],
  [422, null],
  [500, null],
  [503, null],
] as const) {
  test(`status answers ${status} in the form of the API`, async (t) => {
    const answer = await answerTo(t, {
      name: 'status',
      status,
      headers: { 'x-should-retry': 'false' },
    });
    assert.equal(answer.status, status);
    assert.equal(errorIn(answer.text).code, code);
    assert.equal(answer.headers.get('x-should-retry'), 'false');
  });
}

test('status answers 502 and 504 as a gateway does, and any body that is given', async (t) => {
  for (const status of [502, 504]) {
    const { headers, text } = await answerTo(t, { name: 'status', status });
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    assert.match(text, /^<!DOCTYPE html>/);
  }
  const given = await answerTo(t, { name: 'status', status: 418, body: { tea: true } });
  assert.deepEqual([given.status, JSON.parse(given.text)], [418, { tea: true }]);
});

for (const wire of WIRES) {
  test(`on ${wire}, a 200 carries a page, an error, nothing, or half of its JSON`, async (t) => {
    const page = await answerTo(t, 'html_200', wire, { stream: true });
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.equal(errorIn((await answerTo(t, 'error_200', wire)).text).type, 'server_error');
    const nothing = await answerTo(t, 'empty_200', wire);
    assert.deepEqual([nothing.status, nothing.text], [200, '']);
    const half = await answerTo(t, 'truncated_json', wire);
    assert.equal(half.headers.get('content-type'), 'application/json');
    assert.throws(() => JSON.parse(half.text), SyntaxError);
    const inStream = await answerTo(t, 'truncated_json', wire, { stream: true });
    assert.throws(() => eventsIn(inStream.text), SyntaxError);
    const empty = JSON.parse((await answerTo(t, 'no_choices', wire)).text);
    assert.deepEqual(wire === 'chat' ? empty.choices : empty.output, []);
  });

  test(`on ${wire}, a reply is filtered, refused, or cut off at its limit`, async (t) => {
    const said = async (fault: Fault) => JSON.parse((await answerTo(t, fault, wire)).text);
    const [filtered, refused, cut] = [
      await said('content_filter'),
      await said('refusal'),
      await said('max_output_tokens'),
    ];
    if (wire === 'chat') {
      assert.equal(filtered.choices[0].finish_reason, 'content_filter');
      assert.match(refused.choices[0].message.refusal, /^I'm sorry/);
      assert.equal(cut.choices[0].finish_reason, 'length');
      assert.equal(cut.choices[0].message.content, 'Good m');
      return;
    }
    assert.deepEqual(filtered.incomplete_details, { reason: 'content_filter' });
    assert.equal(refused.output[0].content[0].type, 'refusal');
    assert.deepEqual(cut.incomplete_details, { reason: 'max_output_tokens' });
    assert.equal(cut.output[0].status, 'incomplete');
  });

  test(`on ${wire}, a conversation is too long for every model or for a small one`, async (t) => {
    const { status, text } = await answerTo(t, 'context_length', wire);
    assert.deepEqual([status, errorIn(text).code], [400, 'context_length_exceeded']);
    const limit: Fault = { name: 'context_length', tokensMax: 100 };
    assert.equal((await answerTo(t, limit, wire)).status, 200);
    assert.equal((await answerTo(t, limit, wire, { user: 'x'.repeat(500) })).status, 400);
  });

  test(`on ${wire}, an error comes in the middle of a stream, or with 200`, async (t) => {
    const fault: Fault = {
      name: 'error_in_stream',
      afterEvents: 3,
      code: 'busy',
      message: 'Busy.',
    };
    const { status, text } = await answerTo(t, fault, wire, { stream: true });
    const events = eventsIn(text);
    assert.deepEqual([status, events.length], [200, 4]);
    const last = events.at(-1);
    assert.equal((wire === 'chat' ? last.error : last).code, 'busy');
    if (wire === 'responses') assert.deepEqual([last.type, last.sequence_number], ['error', 3]);
    assert.equal(errorIn((await answerTo(t, fault, wire)).text).message, 'Busy.');
  });
}

test('an error of a Responses stream can be nested, and a response can fail', async (t) => {
  const nested: Fault = { name: 'error_in_stream', nested: true };
  const { text } = await answerTo(t, nested, 'responses', { stream: true });
  assert.equal(eventsIn(text).at(-1).error.code, 'server_error');
  const failed = await answerTo(t, 'response_failed', 'responses', { stream: true });
  const last = eventsIn(failed.text).at(-1);
  assert.deepEqual([last.type, last.response.error.code], ['response.failed', 'server_error']);
  const closed = await answerTo(t, 'output_empty', 'responses', { stream: true });
  assert.deepEqual(eventsIn(closed.text).at(-1).response.output, []);
});

test('what a model does not support is refused only where it is sent', async (t) => {
  const fault: Faults = [{ name: 'unsupported_parameter', param: 'temperature' }, 'no_system_role'];
  const server = await serverFor(t, { fault, respond: () => 'Good.' });
  const warm = await post(server, body([user()], { temperature: 0 }));
  assert.equal(warm.status, 400);
  assert.deepEqual(warm.answer.error, {
    message: "Unsupported parameter: 'temperature' is not supported with this model.",
    type: 'invalid_request_error',
    param: 'temperature',
    code: 'unsupported_parameter',
  });
  const instructed = await post(server, body([system('Desk'), user()]));
  assert.equal(instructed.answer.error.code, 'unsupported_value');
  assert.equal((await post(server, body([system('Desk', 'developer'), user()]))).status, 200);
});

test('sealed reasoning is refused where it is sent', async (t) => {
  const server = await serverFor(t, {
    fault: 'invalid_encrypted_content',
    respond: () => ({ reasoning: 'Hm.', calls: [call('a', {}, 'c1')] }),
  });
  const sealed = { include: ['reasoning.encrypted_content'] };
  const first = await post(server, responsesBody([item.user()], sealed), 'responses');
  assert.equal(first.status, 200);
  const whole = [item.user(), ...first.answer.output, item.output('c1')];
  const second = await post(server, responsesBody(whole), 'responses');
  assert.equal(second.answer.error.code, 'invalid_encrypted_content');
});

test('a fault with times strikes so often and then never again', async (t) => {
  const fault: Fault = { name: 'status', status: 503, times: 2 };
  const server = await serverFor(t, {
    fault,
    agents: { Desk: [{ text: 'Good.', fault: { name: 'rate_limit', times: 1 } }] },
  });
  const other = await serverFor(t, { fault, agents: { Desk: ['Good.'] } });
  const ask = async (which: typeof server) =>
    (await send(which, body([system('Desk'), user()]))).status;
  const statuses = [await ask(server), await ask(server), await ask(server), await ask(server)];
  assert.deepEqual(statuses, [503, 503, 429, 200]);
  assert.equal(await ask(other), 503);
});

test('a fault can be a function of the request', async (t) => {
  const server = await serverFor(t, {
    respond: () => 'Good.',
    fault: ({ agent }) => (agent === 'Desk' ? { name: 'status', status: 500 } : undefined),
  });
  assert.equal((await send(server, body([system('Desk'), user()]))).status, 500);
  assert.equal((await send(server, body([system('Other'), user()]))).status, 200);
});

test('a turn that is a raw answer has the headers that it is given', async (t) => {
  const server = await serverFor(t, {
    respond: () => ({ status: 429, headers: { 'retry-after': '7' } }),
  });
  assert.equal((await rawPost(server, body([user()]))).headers.get('retry-after'), '7');
});
