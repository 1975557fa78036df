/** Which error decides where neither a model nor its fallback answers. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openai } from '../../src/index.ts';
import type { Faults } from '../../src/testing/index.ts';
import { failureOf, request, strictServer } from './ask.ts';

const status = (code: number) => ({ name: 'status', status: code }) as const;
const waits = (retryAfter: string) => ({ name: 'rate_limit', retryAfter }) as const;

/** The error of a model whose fallback fails, too. */
async function decisive(t: TestContext, fault: Faults, otherFault: Faults) {
  const { url } = await strictServer(t, { fault });
  const other = await strictServer(t, { fault: otherFault });
  const fallback = [openai('gpt-4o-mini', { baseURL: other.url, apiKey: 'test' })];
  const model = openai('gpt-5', { baseURL: url, apiKey: 'test', fallback });
  return failureOf(model.reply(request, { signal: new AbortController().signal }));
}

const tooLong = {
  name: 'status',
  status: 400,
  body: { error: { code: 'context_length_exceeded' } },
} as const;

for (const [what, refusal] of [
  ['does not take the request', status(400)],
  ['is not there', status(404)],
  ['finds the conversation too long', tooLong],
] as const) {
  test(`a model that may come back decides over a fallback that ${what}`, async (t) => {
    for (const fault of [status(503), status(401)]) {
      const { code, message } = await decisive(t, fault, refusal);
      assert.equal(code, 'model_unavailable');
      assert.match(message, /gpt-5/);
    }
  });
}

test('a fallback that refuses to go on decides', async (t) => {
  const { code } = await decisive(t, status(503), 'refusal');
  assert.equal(code, 'model_refused');
});

test('a fallback that may come back decides over a model whose key is wrong', async (t) => {
  assert.match((await decisive(t, status(401), status(503))).message, /gpt-4o-mini/);
});

test('of two models that may come back the one decides that can be asked sooner', async (t) => {
  for (const [fault, otherFault, decides] of [
    [status(503), waits('30'), /gpt-5/],
    [waits('30'), status(503), /gpt-4o-mini/],
    [waits('5'), waits('30'), /gpt-5/],
    [waits('3600'), waits('7200'), /gpt-5/],
    [waits('30'), waits('5'), /gpt-4o-mini/],
  ] as const) {
    assert.match((await decisive(t, fault, otherFault)).message, decides);
  }
});

test('a model that was asked decides over a fallback that is spared', async (t) => {
  const { url } = await strictServer(t, { fault: waits('30') });
  const spared = await strictServer(t, { fault: status(503) });
  const breaker = { failures: 1, coolDownMs: 1_000 };
  const fallback = [openai('gpt-4o-mini', { baseURL: spared.url, apiKey: 'test', breaker })];
  const model = openai('gpt-5', { baseURL: url, apiKey: 'test', fallback });
  const ask = () => model.reply(request, { signal: new AbortController().signal });
  assert.equal((await failureOf(ask())).details['fault'], 'overloaded');
  assert.equal((await failureOf(ask())).details['fault'], 'rate_limited');
});
