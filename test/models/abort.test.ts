/** A caller that aborts is told its own reason, at whatever moment, and no request follows. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openai, RunError } from '../../src/index.ts';
import type { Fault, Faults } from '../../src/testing/index.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { driverOf, request, type Way, ways } from './ask.ts';

class Stopped extends Error {}

const status: Fault = { name: 'status', status: 500 };

/** Asserts that a call rejects with the very reason, soon after it was given. */
async function assertStopped(call: Promise<unknown>, reason: unknown): Promise<void> {
  const rejected = call.then(
    () => assert.fail('There was a reply.'),
    (error: unknown) => error,
  );
  const late = delay(2_000, 'not within two seconds', { ref: false });
  assert.equal(await Promise.race([rejected, late]), reason);
}

async function stoppedWhile(t: TestContext, way: Way, fault: Faults): Promise<void> {
  const { server, ask } = await driverOf(t, way, { fault });
  const caller = new AbortController();
  const reason = new Stopped();
  const asking = ask(request, { signal: caller.signal });
  while (server.requests.length === 0) await delay(2);
  await delay(20);
  caller.abort(reason);
  await assertStopped(asking, reason);
  await delay(30);
  assert.equal(server.requests.length, 1, 'nothing is asked again');
}

for (const way of ways) {
  test(`${way.name}: aborted before it is sent, a request is not sent`, async (t) => {
    const { server, ask } = await driverOf(t, way, {});
    const reason = new Stopped();
    await assertStopped(ask(request, { signal: AbortSignal.abort(reason) }), reason);
    const caller = new AbortController();
    const asking = ask(request, { signal: caller.signal });
    caller.abort(reason);
    await assertStopped(asking, reason);
    assert.deepEqual(server.requests, []);
  });

  test(`${way.name}: aborted while nothing comes, it rejects with the reason`, (t) =>
    stoppedWhile(t, way, 'stall'));

  test(`${way.name}: aborted after the headers, it rejects with the reason`, (t) =>
    stoppedWhile(t, way, { name: 'stall', afterBytes: 0 }));

  test(`${way.name}: aborted in the middle, it rejects with the reason`, (t) =>
    stoppedWhile(t, way, { name: 'stall', afterBytes: 40 }));

  test(`${way.name}: aborted while the answer drips, it rejects with the reason`, (t) =>
    stoppedWhile(t, way, ['byte_by_byte', { name: 'drip', everyMs: 5 }]));

  test(`${way.name}: aborted when the answer was an error, no other model is asked`, async (t) => {
    const other = await startStrictModel({ respond: () => 'Too late.' });
    t.after(() => other.close());
    const { api, stream } = way;
    const fallback = [openai('other', { api, stream, baseURL: other.url, apiKey: 'test' })];
    const { ask } = await driverOf(t, way, { fault: 'stall' }, { fallback });
    const caller = new AbortController();
    const reason = new RunError('model_unavailable', 'The caller says so.');
    const asking = ask(request, { signal: caller.signal });
    setTimeout(() => caller.abort(reason), 30);
    await assertStopped(asking, reason);
    assert.deepEqual(other.requests, []);
    const failing = await driverOf(t, way, { fault: status }, { fallback });
    assert.equal((await failing.ask()).text, 'Too late.', 'the other one would have answered');
  });
}

for (const way of ways.filter(({ stream }) => stream)) {
  test(`${way.name}: aborted with each piece of a text, it rejects with the reason`, async (t) => {
    const { ask } = await driverOf(t, way, {});
    let pieces = 0;
    const count = () => {
      pieces += 1;
    };
    await ask(request, { onDelta: count });
    assert.ok(pieces > 1);
    for (let last = 1; last <= pieces; last += 1) {
      const caller = new AbortController();
      const reason = new Stopped();
      let heard = 0;
      const onDelta = () => {
        heard += 1;
        if (heard === last) caller.abort(reason);
      };
      await assertStopped(ask(request, { signal: caller.signal, onDelta }), reason);
    }
  });
}
