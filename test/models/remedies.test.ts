/** What a server does not take is left out or said in another way, once, and remembered. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { RunError } from '../../src/index.ts';
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

/** The options that are told of as lost, over two replies. */
async function lostOf(driver: Awaited<ReturnType<typeof driverOf>>): Promise<unknown[]> {
  const lost: RunError[] = [];
  const onLost = (error: RunError) => lost.push(error);
  await Promise.all([driver.ask(undefined, { onLost }), driver.ask(undefined, { onLost })]);
  await driver.ask(undefined, { onLost });
  for (const { message, details } of lost)
    assert.match(message, new RegExp(`"${details['option']}"`));
  return lost.map(({ code, details }) => [code, details['option']]);
}

for (const way of ways) {
  const isChat = way.api === 'chat';

  test(`${way.name}: an option of the author that is not taken is told of once`, async (t) => {
    const effort = isChat ? 'reasoning_effort' : 'reasoning';
    const fault = ['temperature', effort, 'parallel_tool_calls', 'stream'].map(
      (param) => ({ name: 'unsupported_parameter', param }) as const,
    );
    const options = { temperature: 0, reasoning: 'low', parallelToolCalls: true } as const;
    const told = (await lostOf(await driverOf(t, way, { fault }, options))).sort();
    const asked = [...(way.stream ? ['stream'] : []), 'temperature'];
    assert.deepEqual(
      told,
      ['parallelToolCalls', 'reasoning', ...asked].map((one) => ['model_request_refused', one]),
    );
  });

  test(`${way.name}: what the author did not set is not told of`, async (t) => {
    const param = isChat ? 'stream_options' : 'include';
    assert.deepEqual(await lostOf(await driverOf(t, way, refuses(param))), []);
  });

  test(`${way.name}: a bound on tokens is lost when it goes by no name`, async (t) => {
    const names = isChat ? ['max_completion_tokens', 'max_tokens'] : ['max_output_tokens'];
    for (const refused of [names, names.slice(1)]) {
      const fault = refused.map((param) => ({ name: 'unsupported_parameter', param }) as const);
      const driver = await driverOf(t, way, { fault }, { maxOutputTokens: 99 });
      const isLost = refused === names;
      assert.deepEqual(
        await lostOf(driver),
        isLost ? [['model_request_refused', 'maxOutputTokens']] : [],
      );
    }
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

eachOf(chat, 'reasoning that is lost beside tools is told of', async (t, way) => {
  const server = { refuseToolsWithReasoning: true };
  const told = await lostOf(await driverOf(t, way, server, { reasoning: 'high' }));
  assert.deepEqual(told, [['model_request_refused', 'reasoning']]);
  assert.deepEqual(await lostOf(await driverOf(t, way, server)), [], 'nobody asked for it');
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
