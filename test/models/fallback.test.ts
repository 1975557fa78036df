/** What is told of models that cannot be had: where another one answers, and where none does. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openai, type RunError } from '../../src/index.ts';
import type { Faults } from '../../src/testing/index.ts';
import { driverOf, failureOf, request, strictServer, type Way } from './ask.ts';

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

const way: Way = { api: 'chat', stream: true, name: '' };

/** A model that does what `fault` says, and two that stand in: one that is not there, one that answers. */
async function stoodInFor(t: TestContext, fault: () => Faults) {
  const other = await strictServer(t, { respond: () => 'Tea, says the other.' });
  const fallback = [
    openai('local', { baseURL: 'http://127.0.0.1:1/v1', apiKey: 'test' }),
    openai('gpt-4o-mini', { baseURL: other.url, apiKey: 'test' }),
  ];
  const respond = () => ({ text: 'Tea.', fault: fault() });
  const { ask } = await driverOf(t, way, { respond }, { fallback });
  const lost: RunError[] = [];
  return { lost, ask: () => ask(undefined, { onLost: (error) => lost.push(error) }) };
}

test('a reply of a model that stands in names those that could not be had, in order', async (t) => {
  const { ask } = await stoodInFor(t, () => status(503));
  assert.deepEqual((await ask()).insteadOf, [
    {
      model: 'gpt-5',
      failure: { code: 'model_unavailable', message: 'The model "gpt-5" answered 503.' },
    },
    {
      model: 'local',
      failure: {
        code: 'model_unavailable',
        message: 'The model "local" could not be reached, or was cut off.',
      },
    },
  ]);
});

test('a model that only a person can bring back is told of once, until it answers again', async (t) => {
  let fault: Faults = status(401);
  const { ask, lost } = await stoodInFor(t, () => fault);
  for (const [next, told] of [
    [status(401), 1],
    [status(401), 1],
    [status(503), 1],
    [status(404), 1],
    [[], 1],
    ['insufficient_quota', 2],
    [status(402), 2],
    [[], 2],
    [status(404), 3],
    [[], 3],
    [status(503), 3],
  ] as const) {
    fault = next;
    const { text, insteadOf } = await ask();
    assert.equal(text === 'Tea.', insteadOf === undefined);
    assert.equal(lost.length, told, JSON.stringify(next));
  }
  assert.deepEqual(
    lost.map(({ message, details }) => [message, details['fault']]),
    [
      ['The model "gpt-5" answered 401.', 'key_refused'],
      ['The model "gpt-5" answered 429: the account or its quota is used up.', 'account_empty'],
      ['The model "gpt-5" answered 404: there is no such model.', 'model_unknown'],
    ],
  );
});

test('a failure of all models tells of each', async (t) => {
  const { url } = await strictServer(t, { fault: status(401) });
  const fallback = ['one', 'two'].map((name) => openai(name, { baseURL: url, apiKey: 'test' }));
  const model = openai('gpt-5', { baseURL: url, apiKey: 'test', fallback });
  const { message } = await failureOf(model.reply(request, { signal: AbortSignal.timeout(9_000) }));
  assert.equal(
    message,
    'The model "two" answered 401. Another failed too: The model "gpt-5" answered 401. Another failed too: The model "one" answered 401.',
  );
});

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
      assert.match(message, /^The model "gpt-5" .* Another failed too: .*"gpt-4o-mini"/);
    }
  });
}

test('a fallback that refuses to go on decides', async (t) => {
  const { code, message } = await decisive(t, status(503), 'refusal');
  assert.equal(code, 'model_refused');
  assert.match(message, /^The model "gpt-4o-mini" refused .* Another .* "gpt-5" answered 503\.$/);
});

test('a fallback that may come back decides over a model whose key is wrong', async (t) => {
  assert.match((await decisive(t, status(401), status(503))).message, /^The model "gpt-4o-mini"/);
});

test('of two models that may come back the one decides that can be asked sooner', async (t) => {
  for (const [fault, otherFault, decides] of [
    [status(503), waits('30'), /^The model "gpt-5"/],
    [waits('30'), status(503), /^The model "gpt-4o-mini"/],
    [waits('5'), waits('30'), /^The model "gpt-5"/],
    [waits('3600'), waits('7200'), /^The model "gpt-5"/],
    [waits('30'), waits('5'), /^The model "gpt-4o-mini"/],
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
