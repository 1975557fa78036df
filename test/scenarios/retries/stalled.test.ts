/** A run whose model cannot be had is kept, says so, and goes on when it can. */
import assert from 'node:assert/strict';
import { defineAgent, defineTeam, getUserInput, openai } from '../../../src/index.ts';
import type { Faults, Turn } from '../../../src/testing/index.ts';
import { type Desk, deskRuntime, status } from '../../kit/desk-that-fails.ts';
import { httpOf } from '../../kit/local-http.ts';
import { eager, effectsIn, stalledOf, until } from '../../kit/retries.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { contentOf, modelCalls } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

test('a server that asks for a day is given a day, over restarts, unless somebody asks', async (t) => {
  const desk: Desk = { fault: { name: 'rate_limit', retryAfter: '86400' } };
  const kit = await deskRuntime(t, desk);
  const before = Date.now();
  const run = await kit.runtime.start({ message: 'Hello' });
  const { retryAt } = stalledOf(run);
  assert.ok(retryAt && retryAt.getTime() >= before + 86_400_000);
  assert.equal(kit.model.requests.length, 1);
  desk.fault = undefined;
  const runtime = await kit.reopen();
  assert.deepEqual(stalledOf(await runtime.get(run.id)).retryAt, retryAt);
  assert.deepEqual(stalledOf(await runtime.get(run.id)), stalledOf(run));
  assert.equal(kit.model.requests.length, 1, 'a restart does not shorten what was asked for');
  assert.equal(contentOf(await runtime.resume(run.id, {})), 'Hello.');
});

test('a run whose model is gone goes on when the model is back and the run is resumed', async (t) => {
  const gone = await startStrictModel();
  const { url } = gone;
  await gone.close();
  // With a breaker that is open by then: whoever resumes a run asks all the same.
  const { runtime } = await deskRuntime(t, { fault: undefined, baseURL: url }, 5);
  const http = httpOf(runtime);
  const { body } = await http<StalledBody>('POST', '/chat', { message: 'Hello' });
  assert.deepEqual([body.status, body.is_paused], ['working', false]);
  assert.equal(body.stalled?.code, 'model_unavailable');
  assert.ok(
    Date.parse(`${body.stalled?.since}`) > 0 && Date.parse(`${body.stalled?.retry_at}`) > 0,
  );
  assert.equal(body.message, body.stalled?.message);
  const still = await http<StalledBody>('POST', '/resume', { run_id: body.run_id, answers: {} });
  assert.equal(still.body.stalled?.since, body.stalled?.since);
  const back = await startStrictModel({
    port: Number(new URL(url).port),
    agents: { Desk: ['Hello again.'] },
  });
  t.after(() => back.close());
  const end = await http<StalledBody>('POST', '/resume', { run_id: body.run_id, answers: {} });
  assert.equal(end.body.final_content, 'Hello again.');
  assert.equal(back.requests.length, 1);
});

interface StalledBody {
  readonly run_id: string;
  readonly status: string;
  readonly is_paused: boolean;
  readonly message?: string;
  readonly final_content?: string;
  readonly stalled?: { code: string; message: string; since: string; retry_at?: string };
}

test('a resumed run is stalled no more while it waits between its tries', async (t) => {
  const retries = { ...eager, tries: 2, firstWaitMs: 400 };
  const faults = [status(503), status(503), status(503)];
  const desk: Desk = {
    retries,
    get fault() {
      return faults.shift();
    },
  };
  const { runtime } = await deskRuntime(t, desk);
  const run = await runtime.start({ message: 'Hello' });
  stalledOf(run);
  assert.equal(contentOf(await runtime.resume(run.id, {})), 'Hello.');
});

test('a stalled run tries again by itself, and after a restart at once', async (t) => {
  const desk: Desk = { fault: status(503), retries: { ...eager, firstPauseMs: 1 } };
  const kit = await deskRuntime(t, desk);
  const run = await kit.runtime.start({ message: 'Hello' });
  await until(() => (kit.model.requests.length > 5 ? true : undefined));
  desk.fault = undefined;
  await until(async () =>
    (await kit.runtime.get(run.id)).status === 'completed' ? true : undefined,
  );
  const other: Desk = { fault: status(401) };
  const refused = await deskRuntime(t, other);
  const second = await refused.runtime.start({ message: 'Hello' });
  assert.equal(stalledOf(second).retryAt, undefined, 'a key does not mend by itself');
  other.fault = undefined;
  const runtime = await refused.reopen();
  await until(async () =>
    (await runtime.get(second.id)).status === 'completed' ? true : undefined,
  );
});

test('a stalled run can be cancelled, and nothing is sent for it any more', async (t) => {
  const desk: Desk = { fault: status(503) };
  const { runtime, model, db } = await deskRuntime(t, desk);
  const run = await runtime.start({ message: 'Hello' });
  stalledOf(run);
  desk.fault = undefined;
  assert.equal((await runtime.cancel(run.id)).status, 'cancelled');
  assert.equal((await runtime.resume(run.id, {})).status, 'cancelled');
  assert.equal(model.requests.length, 5);
  assert.deepEqual(
    effectsIn(db).map(({ status }) => status),
    ['cancelled'],
  );
});

test('a runtime that is closed while a try waits leaves it to the next one', async (t) => {
  const desk: Desk = { fault: { name: 'rate_limit', retryAfterMs: '30000' } };
  const kit = await deskRuntime(t, desk);
  const started = kit.runtime.start({ message: 'Hello' });
  started.catch(() => undefined);
  const waiting = await until(() => effectsIn(kit.db).find(({ wake_at: at }) => at !== null));
  assert.deepEqual([waiting.status, waiting.attempt, waiting.stall], ['pending', 1, null]);
  await kit.reopen();
  await assert.rejects(started, /closing/);
  assert.deepEqual(effectsIn(kit.db), [waiting], 'the time is kept');
  assert.equal(kit.model.requests.length, 1);
});

test("the time of a stalled run is nobody's work", async (t) => {
  const desk: Desk = { fault: status(503), limits: { workingMs: 3_000 } };
  const { runtime } = await deskRuntime(t, desk);
  const run = await runtime.start({ message: 'Hello' });
  const { since } = stalledOf(run);
  await until(() => (Date.now() - since.getTime() > 3_200 ? true : undefined));
  desk.fault = undefined;
  assert.equal(contentOf(await runtime.resume(run.id, {})), 'Hello.');
});

test('a stalled member leaves the others going on, and the person can answer them', async (t) => {
  let fault: Faults | undefined = status(503);
  const agents: Record<string, Turn[]> = {
    Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
    A: [() => (fault ? { text: 'A RESULT', fault } : 'A RESULT')],
    B: [[ask('g', 'city')], 'B RESULT'],
  };
  const kit = await testRuntime(
    t,
    agents,
    (baseURL) => {
      const model = () => openai('gpt-4o-mini', { baseURL, breaker: { failures: 100 } });
      const members = ['A', 'B'].map((name) =>
        defineAgent({
          name,
          role: 'r',
          model: model(),
          tools: name === 'B' ? [getUserInput()] : [],
        }),
      );
      return [defineTeam({ name: 'Desk', model: model(), members })];
    },
    { retries: eager },
  );
  const { runtime } = kit;
  const run = await runtime.start({ message: 'Trip' });
  stalledOf(run);
  assert.ok(run.status === 'working' && run.questions.length === 1);
  const [question] = run.questions;
  const answered = await runtime.resume(run.id, { [question?.id ?? '']: { city: 'Rome' } });
  stalledOf(answered);
  assert.ok(answered.status === 'working' && answered.questions.length === 0);
  assert.deepEqual([modelCalls(kit, 'A'), modelCalls(kit, 'B')], [5, 2]);
  fault = undefined;
  assert.equal(contentOf(await runtime.resume(run.id, {})), 'done');
  assert.deepEqual(
    [modelCalls(kit, 'A'), modelCalls(kit, 'B'), modelCalls(kit, 'Desk')],
    [6, 2, 2],
  );
});
