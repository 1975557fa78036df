/** A model that keeps failing is spared: by all who ask it, for a while, and one call finds out. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRuntime, defineAgent, openai, sqliteStore } from '../../src/index.ts';
import type { BreakerOptions } from '../../src/models/breaker.ts';
import type { Faults } from '../../src/testing/index.ts';
import { stalledOf, until } from '../kit/retries.ts';
import { failureOf, request, strictServer } from './ask.ts';

async function failing(t: TestContext, breaker: BreakerOptions) {
  const now: { fault: Faults | undefined } = { fault: { name: 'status', status: 503 } };
  const server = await strictServer(t, {
    respond: () => (now.fault ? { text: 'Tea.', fault: now.fault } : 'Tea.'),
  });
  const model = (name = 'gpt-5', fallback: ReturnType<typeof openai>[] = []) =>
    openai(name, { baseURL: server.url, apiKey: 'test', breaker, fallback });
  const ask = (asked = model(), insists = false) =>
    asked.reply(request, { signal: new AbortController().signal, insists });
  const faults = async (times: number) => {
    const found: unknown[] = [];
    for (let i = 0; i < times; i += 1) found.push((await failureOf(ask())).details['fault']);
    return found;
  };
  return { now, server, model, ask, faults };
}

const hour = 3_600_000;

test('after five failures in a row a model is not asked, by whomever', async (t) => {
  const { server, model, ask, faults } = await failing(t, { coolDownMs: hour });
  assert.deepEqual(await faults(7), [
    ...Array(5).fill('overloaded'),
    ...Array(2).fill('breaker_open'),
  ]);
  assert.equal(server.requests.length, 5);
  const { details, message } = await failureOf(ask());
  assert.match(message, /for a while\. The last time: The model "gpt-5" answered 503\.$/);
  const wait = Number(details['retryAfterMs']);
  assert.ok(wait > hour / 2 && wait <= hour, `${wait}`);
  assert.equal((await failureOf(ask(model('another')))).details['fault'], 'overloaded');
});

test('an answer of any other kind tells that the model is there', async (t) => {
  const { now, faults, ask } = await failing(t, { failures: 2, coolDownMs: hour });
  await faults(1);
  now.fault = 'rate_limit';
  await failureOf(ask());
  now.fault = { name: 'status', status: 503 };
  assert.deepEqual(await faults(3), ['overloaded', 'overloaded', 'breaker_open']);
});

test('after the while one call finds out, and twice the while follows if it fails', async (t) => {
  const { now, server, ask, faults } = await failing(t, { failures: 1, coolDownMs: 400 });
  await faults(1);
  await sleep(450);
  const both = await Promise.all([failureOf(ask()), failureOf(ask())]);
  const found = both.map(({ details }) => details['fault']).sort();
  assert.deepEqual(found, ['breaker_open', 'overloaded']);
  assert.equal(server.requests.length, 2);
  const wait = Number((await failureOf(ask())).details['retryAfterMs']);
  assert.ok(wait > 400 && wait <= 800, `${wait}`);
  now.fault = undefined;
  await sleep(850);
  await ask();
  now.fault = { name: 'status', status: 503 };
  assert.deepEqual(await faults(1), ['overloaded']);
});

test('a call that finds out and is given up lets the next one find out', async (t) => {
  const { now, model, faults, ask } = await failing(t, { failures: 1, coolDownMs: 400 });
  await faults(1);
  await sleep(450);
  now.fault = 'stall';
  const stop = new AbortController();
  const given = model().reply(request, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('given up')), 20);
  await assert.rejects(given, /given up/);
  now.fault = undefined;
  assert.equal((await ask()).text, 'Tea.');
});

test('whoever insists is let through', async (t) => {
  const { now, ask, faults, model } = await failing(t, { failures: 1, coolDownMs: hour });
  assert.deepEqual(await faults(2), ['overloaded', 'breaker_open']);
  now.fault = undefined;
  assert.equal((await ask(model(), true)).text, 'Tea.');
  assert.equal((await ask()).text, 'Tea.');
});

test('another model answers at once while the first is spared', async (t) => {
  const { server, model, ask, faults } = await failing(t, { failures: 1, coolDownMs: hour });
  await faults(1);
  const other = await strictServer(t, { respond: () => 'Tea, says the other.' });
  const fallback = [openai('gpt-4o-mini', { baseURL: other.url, apiKey: 'test' })];
  assert.equal((await ask(model('gpt-5', fallback))).text, 'Tea, says the other.');
  assert.equal(server.requests.length, 1);
});

test('a model that may come back decides over another whose key is wrong', async (t) => {
  const { model, ask } = await failing(t, {});
  const other = await strictServer(t, { fault: { name: 'status', status: 401 } });
  const fallback = [openai('gpt-4o-mini', { baseURL: other.url, apiKey: 'test' })];
  assert.equal((await failureOf(ask(model('gpt-5', fallback)))).details['fault'], 'overloaded');
});

test('runs that were spared go on by themselves when the model is back', async (t) => {
  const { now, server, model } = await failing(t, { failures: 2, coolDownMs: 400 });
  const runtime = await createRuntime({
    teams: [defineAgent({ name: 'Desk', model: model() })],
    store: sqliteStore(':memory:'),
    retries: { firstWaitMs: 1 },
    onError: () => undefined,
  });
  t.after(() => runtime.close());
  const runs = await Promise.all(['One', 'Two'].map((message) => runtime.start({ message })));
  for (const run of runs) stalledOf(run);
  const sent = server.requests.length;
  assert.ok(sent <= 3, `${sent}`);
  now.fault = undefined;
  for (const { id } of runs) {
    await until(async () => ((await runtime.get(id)).status === 'completed' ? true : undefined));
  }
  assert.equal(server.requests.length, sent + 2);
});

test('what one run learned of a model, the others are spared', async (t) => {
  const { server, model } = await failing(t, { coolDownMs: hour });
  const runtime = await createRuntime({
    teams: [defineAgent({ name: 'Desk', model: model() })],
    store: sqliteStore(':memory:'),
    retries: { firstWaitMs: 1 },
    onError: () => undefined,
  });
  t.after(() => runtime.close());
  stalledOf(await runtime.start({ message: 'One' }));
  assert.equal(server.requests.length, 5);
  const { message, retryAt } = stalledOf(await runtime.start({ message: 'Two' }));
  assert.match(message, /failed several times in a row and is not asked for a while/);
  assert.ok(retryAt && retryAt.getTime() > Date.now() + hour / 2);
  assert.equal(server.requests.length, 5, 'nothing is sent for the second run');
});
