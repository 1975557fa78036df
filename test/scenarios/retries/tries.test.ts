/** How often a model call is tried, by what went wrong, and what comes after the last try. */
import assert from 'node:assert/strict';
import type { Faults } from '../../../src/testing/index.ts';
import { type Desk, deskRuntime, status } from '../../kit/desk-that-fails.ts';
import { eager, stalledOf, triesLogged, until } from '../../kit/retries.ts';
import { contentOf, failureOf } from '../../kit/team-run.ts';
import { test } from '../../kit/wires.ts';

for (const [what, fault, tries] of [
  ['overloaded', status(503), 5],
  ['that takes too long', status(408), 5],
  ['whose connection breaks', 'reset_before_headers', 3],
  ['whose reply breaks off', { name: 'cut', afterBytes: 200, how: 'reset' }, 3],
  ['whose reply just ends', { name: 'cut', afterBytes: 200 }, 3],
  ['that answers with half of a text', 'truncated_json', 3],
  ['in conflict', status(409), 2],
  ['that limits the rate', { name: 'rate_limit', retryAfterMs: '1' }, 5],
  ['that refuses the key', status(401), 1],
  ['that forbids', status(403), 1],
  ['whose account is empty', status(402), 1],
  ['whose quota is used up', 'insufficient_quota', 1],
] as const) {
  test(`a model ${what} is asked ${tries} times, and then the run is stalled`, async (t) => {
    const desk: Desk = { fault };
    const { runtime, model, db, reported } = await deskRuntime(t, desk);
    const run = await runtime.start({ message: 'Hello' });
    const { code, message, retryAt } = stalledOf(run);
    assert.ok(code.startsWith('model_'), code);
    assert.match(message, /^The model "gpt-4o-mini" .* resume it without answers/);
    assert.equal(retryAt === undefined, tries === 1, 'what only a person can change waits for one');
    assert.equal(model.requests.length, tries);
    assert.equal(reported.length, 1, 'what stalls a run is reported, its tries are not');
    const types = triesLogged(db).map(([type]) => type);
    assert.deepEqual(types, [...Array(tries - 1).fill('model.retrying'), 'model.stalled']);
    desk.fault = undefined;
    assert.equal(contentOf(await runtime.resume(run.id, {})), 'Hello.');
    assert.equal(model.requests.length, tries + 1);
  });
}

for (const [fault, code] of [
  [status(400), 'model_request_refused'],
  [status(404), 'model_request_refused'],
  [status(422), 'model_request_refused'],
  ['context_length', 'context_too_long'],
] as const) {
  test(`what no patience cures fails the run at once: ${JSON.stringify(fault)}`, async (t) => {
    const { runtime, model } = await deskRuntime(t, { fault });
    assert.equal(failureOf(await runtime.start({ message: 'Hello' })).code, code);
    assert.equal(model.requests.length, 1);
  });
}

test('a reply that is none is asked for three times, and then the run has failed', async (t) => {
  const { runtime, model } = await deskRuntime(t, { fault: 'html_200' });
  const failure = failureOf(await runtime.start({ message: 'Hello' }));
  assert.equal(failure.code, 'model_reply_unusable');
  assert.equal(model.requests.length, 3);
});

for (const [what, faults, asked] of [
  ['after two that were overloaded', [status(503), status(503), 'html_200'], 3],
  ['before three that were overloaded', ['html_200', 'html_200', ...Array(3).fill(status(503))], 5],
] as [string, Faults[], number][]) {
  test(`a try without a reply ${what} does not fail the run, which is stalled`, async (t) => {
    const left = [...faults];
    const desk = {
      get fault() {
        return left.shift();
      },
    };
    const kit = await deskRuntime(t, desk);
    const run = await kit.runtime.start({ message: 'Hello' });
    stalledOf(run);
    assert.equal(kit.model.requests.length, asked);
    // Each round stands for itself.
    left.push('html_200', 'html_200', 'html_200');
    const failure = failureOf(await kit.runtime.resume(run.id, {}));
    assert.equal(failure.code, 'model_reply_unusable');
    assert.equal(kit.model.requests.length, asked + 3);
  });
}

const brokenOff: Faults = { name: 'cut', afterBytes: 120, how: 'reset' };

test('a reply that breaks off in five rounds of tries in a row fails the run', async (t) => {
  const desk: Desk = { fault: brokenOff, retries: { ...eager, tries: 2, firstPauseMs: 1 } };
  const kit = await deskRuntime(t, desk);
  const run = await kit.runtime.start({ message: 'Hello', wait: false });
  const end = await until(async () => {
    const now = await kit.runtime.get(run.id);
    return now.status === 'working' ? undefined : now;
  });
  const { code, message } = failureOf(end);
  assert.match(code, /^model_(unavailable|reply_unusable)$/);
  assert.match(message, /broke off in 5 rounds of tries in a row, so it is not asked again\.$/);
  assert.equal(kit.model.requests.length, 10);
});

test('a model that says nothing is waited for, however often its replies broke off', async (t) => {
  const desk: Desk = { fault: brokenOff, retries: { ...eager, tries: 1 } };
  const { runtime, model } = await deskRuntime(t, desk);
  const run = await runtime.start({ message: 'Hello' });
  const again = async (fault: Faults) => {
    desk.fault = fault;
    stalledOf(await runtime.resume(run.id, {}));
  };
  for (let round = 0; round < 3; round += 1) await again(brokenOff);
  for (let round = 0; round < 6; round += 1) await again('reset_before_headers');
  for (let round = 0; round < 4; round += 1) await again(brokenOff);
  assert.equal(model.requests.length, 14);
  desk.fault = undefined;
  assert.equal(contentOf(await runtime.resume(run.id, {})), 'Hello.');
});

test('what an answer used that was no reply is counted', async (t) => {
  const { runtime } = await deskRuntime(t, {
    fault: 'no_choices',
    retries: { ...eager, tries: 2 },
  });
  const { usage } = await runtime.start({ message: 'Hello' });
  assert.equal(usage.modelCalls, 2);
  assert.ok(usage.inputTokens > 0);
});

test('the tries of a call can be bounded', async (t) => {
  const { runtime, model } = await deskRuntime(t, {
    fault: status(503),
    retries: { ...eager, tries: 2 },
  });
  stalledOf(await runtime.start({ message: 'Hello' }));
  assert.equal(model.requests.length, 2);
});

test('whoever follows a run hears of each try, and of the stall as its end for now', async (t) => {
  const desk: Desk = { fault: status(503), retries: { ...eager, tries: 2 } };
  const { runtime } = await deskRuntime(t, desk);
  const run = await runtime.start({ message: 'Hello', wait: false });
  const told: unknown[] = [];
  for await (const event of runtime.events(run.id, { until: 'settled' })) {
    if (event.type === 'model.retrying' || event.type === 'model.stalled') {
      const { type, attempt, failure, wakeAt } = event;
      told.push([type, attempt, failure.code, Number(wakeAt) > 0]);
    }
  }
  assert.deepEqual(told, [
    ['model.retrying', 1, 'model_unavailable', true],
    ['model.stalled', 2, 'model_unavailable', true],
  ]);
});
