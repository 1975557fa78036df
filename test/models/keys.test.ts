/** Which key goes with a request: a new one is taken without another process. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openai } from '../../src/index.ts';
import type { OpenAIOptions } from '../../src/models/options.ts';
import { failureOf, request, strictServer } from './ask.ts';

/** A model whose server takes one key, and the keys that it was sent. */
async function lockedModel(t: TestContext, taken: string, options: OpenAIOptions) {
  const keys: (string | undefined)[] = [];
  const server = await strictServer(t, {
    fault: () => (keys.at(-1) === taken ? undefined : { name: 'status', status: 401 }),
  });
  const sending: typeof fetch = (input, init) => {
    keys.push(new Headers(init?.headers).get('authorization')?.replace('Bearer ', ''));
    return fetch(input, init);
  };
  const model = openai('gpt-5', { baseURL: server.url, fetch: sending, ...options });
  const ask = () => model.reply(request, { signal: AbortSignal.timeout(9_000) });
  return { ask, keys };
}

test('a key of the environment that was refused is read again at the next try', async (t) => {
  const { OPENAI_API_KEY: before } = process.env;
  t.after(() => {
    delete process.env['OPENAI_API_KEY'];
    if (before !== undefined) process.env['OPENAI_API_KEY'] = before;
  });
  process.env['OPENAI_API_KEY'] = 'old';
  const { ask, keys } = await lockedModel(t, 'new', {});
  assert.equal((await failureOf(ask())).details['fault'], 'key_refused');
  process.env['OPENAI_API_KEY'] = 'new';
  assert.equal((await ask()).text, 'Tea is a drink.');
  process.env['OPENAI_API_KEY'] = 'newer';
  assert.equal((await ask()).text, 'Tea is a drink.', 'one that is taken is kept');
  assert.deepEqual(keys, ['old', 'new', 'new']);
});

test('a function that gives keys is asked before each request', async (t) => {
  let asked = 0;
  const apiKey = async () => `token-${++asked}`;
  const { ask, keys } = await lockedModel(t, 'token-2', { apiKey });
  assert.equal((await failureOf(ask())).details['fault'], 'key_refused');
  assert.equal((await ask()).text, 'Tea is a drink.');
  assert.deepEqual(keys, ['token-1', 'token-2']);
});

test('a function that gives no key is asked again, and nothing is sent meanwhile', async (t) => {
  const secret = 'SECRET';
  for (const gives of [
    () => Promise.reject(new TypeError(secret)),
    () => {
      throw new Error(secret);
    },
    async () => '',
    async () => 17 as unknown as string,
  ]) {
    const { ask, keys } = await lockedModel(t, 'any', { apiKey: gives });
    const { code, message, details } = await failureOf(ask());
    assert.equal(code, 'model_unavailable');
    assert.deepEqual(details, { retryable: true, fault: 'unreached' });
    assert.match(message, /^There is no key for the model "gpt-5" now: .* gave none\.$/);
    assert.deepEqual(keys, []);
  }
});
