/** What a server does not take is left out or said in another way, once, and remembered. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { driverOf, meaningOf, request, type Way, ways } from './ask.ts';

const reasoningTools =
  "Function tools with reasoning_effort are not supported for gpt-5 in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.";

const chat = ways.filter(({ api }) => api === 'chat');
const responses = ways.filter(({ api }) => api === 'responses');

/** The fields of the bodies that were accepted. */
async function fieldOf(
  driver: Awaited<ReturnType<typeof driverOf>>,
  field: string,
): Promise<unknown[]> {
  assert.equal((await driver.ask()).text, 'Tea is a drink.');
  assert.equal((await driver.ask()).text, 'Tea is a drink.');
  return driver.server.requests.map(({ body }) => Reflect.get(body, field));
}

const refuses = (param: string) => ({ fault: { name: 'unsupported_parameter', param } as const });

for (const way of ways) {
  test(`${way.name}: a parameter that is not supported is dropped once and remembered`, async (t) => {
    const driver = await driverOf(t, way, refuses('temperature'), { temperature: 0.5 });
    assert.deepEqual(await fieldOf(driver, 'temperature'), [0.5, undefined, undefined]);
  });

  test(`${way.name}: calls that run at once each leave out what is not supported`, async (t) => {
    const { ask, server } = await driverOf(t, way, refuses('temperature'), { temperature: 0.5 });
    const replies = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(
      replies.map(({ text }) => text),
      Array(3).fill('Tea is a drink.'),
    );
    await ask();
    const last: object = server.requests.at(-1)?.body ?? {};
    assert.equal('temperature' in last, false);
  });

  test(`${way.name}: several parameters that are not supported are dropped`, async (t) => {
    const tokens = way.api === 'chat' ? 'reasoning_effort' : 'reasoning';
    const fault = ['temperature', 'parallel_tool_calls', tokens].map(
      (param) => ({ name: 'unsupported_parameter', param }) as const,
    );
    const options = { temperature: 0, parallelToolCalls: false, reasoning: 'low' } as const;
    const { ask, server } = await driverOf(t, way, { fault }, options);
    assert.equal((await ask()).text, 'Tea is a drink.');
    assert.equal(server.requests.length, 4);
  });

  test(`${way.name}: a server that refuses streams is asked for one piece`, async (t) => {
    if (!way.stream) return;
    const driver = await driverOf(t, way, refuses('stream'));
    assert.deepEqual(await fieldOf(driver, 'stream'), [true, undefined, undefined]);
  });

  test(`${way.name}: what cannot be left out is not asked for again`, async (t) => {
    const { ask, server } = await driverOf(t, way, refuses('tools'));
    assert.deepEqual(await meaningOf(ask()), ['model_request_refused', false]);
    assert.equal(server.requests.length, 1);
  });

  test(`${way.name}: a parameter that is refused though it was left out is not looked for`, async (t) => {
    const error = { message: "Unsupported parameter: 'temperature'", param: 'temperature' };
    const fault = { name: 'status', status: 400, body: { error } } as const;
    const { ask, server } = await driverOf(t, way, { fault });
    assert.deepEqual(await meaningOf(ask()), ['model_request_refused', false]);
    assert.equal(server.requests.length, 1);
  });
}

/** Does the same for each way in turn. */
function eachOf(
  list: readonly Way[],
  what: string,
  check: (t: TestContext, way: Way) => Promise<void>,
) {
  for (const way of list) test(`${way.name}: ${what}`, (t) => check(t, way));
}

eachOf(chat, 'tools are asked for without reasoning where they must be', async (t, way) => {
  const driver = await driverOf(t, way, { refuseToolsWithReasoning: true });
  assert.deepEqual(await fieldOf(driver, 'reasoning_effort'), ['none', 'none']);
  assert.deepEqual(
    driver.server.refusals.map(({ message }) => message),
    [reasoningTools],
  );
  const { tools, ...toolless } = request;
  await driver.ask({ ...toolless, tools: [] });
  assert.equal(
    Reflect.get(driver.server.requests.at(-1)?.body ?? {}, 'reasoning_effort'),
    undefined,
  );
});

eachOf(
  chat,
  'instructions come from the developer where the system may not speak',
  async (t, way) => {
    const driver = await driverOf(t, way, { fault: 'no_system_role' });
    await driver.ask();
    await driver.ask();
    const roles = driver.server.requests.map(({ messages }) => messages[0]?.role);
    assert.deepEqual(roles, ['system', 'developer', 'developer']);
  },
);

eachOf(chat, 'the bound on tokens goes by its other name', async (t, way) => {
  const driver = await driverOf(t, way, refuses('max_completion_tokens'), { maxOutputTokens: 99 });
  assert.deepEqual(await fieldOf(driver, 'max_tokens'), [undefined, 99, 99]);
});

eachOf(responses, 'reasoning is not asked for where the model cannot seal it', async (t, way) => {
  const error = {
    message: 'Encrypted content is not supported with this model.',
    param: 'include',
  };
  const driver = await driverOf(t, way, {
    fault: ({ body }) =>
      'include' in body ? { name: 'status', status: 400, body: { error } } : undefined,
  });
  const asked = ['reasoning.encrypted_content'];
  assert.deepEqual(await fieldOf(driver, 'include'), [asked, undefined, undefined]);
});
