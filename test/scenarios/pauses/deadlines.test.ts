/** Deadlines: absolute, kept over restarts, and with one winner between an answer and the clock. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import {
  createRuntime,
  openai,
  RequestError,
  type Runtime,
  sqliteStore,
} from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { folderFor } from '../../kit/folder.ts';
import { type FreshClient, freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { openCalls, pausingRuntime, questionOf, resultsIn } from '../../kit/pauses.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { pausingTeam } from '../../teams/pauses.ts';

const vote = call('vote', { topic: 'tea' }, 'v');
const guess = call('guess', { topic: 'tea' }, 'g');
const must = call('must', { topic: 'tea' }, 'm');
const send = call('send', { to: 'Ada' }, 's');

const declined = 'Nobody answered in time, so this was declined.';

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

/** Puts every deadline into the past, while no process runs. */
async function pastDeadlines({ end, db }: FreshClient) {
  await end();
  const file = new Database(db);
  file.exec('UPDATE question SET expires_at = opened_at WHERE expires_at IS NOT NULL');
  file.close();
}

test('questions expire while no process runs, and each does what its deadline says', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    agents: { Desk: [[delegate('c1', 'A')], 'done'], A: [[vote, guess], 'A RESULT'] },
  });
  const run = await client.chat('Vote');
  const [v, g] = run.questions ?? [];
  assert.deepEqual([v?.on_expiry, g?.on_expiry], ['decline', { answer: { number: 7 } }]);
  const again = await client.resume(run.run_id, {});
  assert.equal(again.questions?.[0]?.expires_at, v?.expires_at, 'a restart prolongs nothing');
  await pastDeadlines(client);
  const end = await client.resume(run.run_id, {});
  assert.equal(end.final_content, 'done');
  assert.deepEqual(resultsIn(lastRequest(client.model, 'A')), { v: declined, g: 'guessed 7' });
  assert.deepEqual(client.witness(), ['guess tea 7']);
  const answers = { [v?.id ?? '']: { approved: true } };
  const late = await client.post('/resume', { run_id: run.run_id, answers });
  assert.deepEqual([late.status, late.body.code], [410, 'question_expired']);
});

test('a question that must be answered in time fails the run, and closes what else is open', async (t) => {
  const kit = await pausingRuntime(
    t,
    { Desk: [[delegate('c1', 'A'), send], 'done'], A: [[must], 'A RESULT'] },
    { tools: { deadlineMs: 50 } },
  );
  const run = await kit.runtime.start({ message: 'Must' });
  const end = await ended(kit.runtime, run.id);
  assert.ok(end.status === 'failed');
  assert.equal(end.failure.code, 'question_expired');
  assert.match(end.failure.message, /"Desk\/A" about "must" in time/);
  const asked = await kit.runtime.questions({ runId: run.id });
  const late = (callId: string) => {
    const id = asked.find(({ toolCallId }) => toolCallId === callId)?.id ?? '';
    return kit.runtime.resume(run.id, { [id]: { approved: true } });
  };
  await assert.rejects(late('m'), refusal('question_expired'));
  await assert.rejects(late('s'), refusal('run_finished'));
  assert.deepEqual(kit.written, []);
});

/** Waits for a run's end, which its log ends with. */
async function ended(runtime: Runtime, runId: string) {
  let last = '';
  for await (const { type } of runtime.events(runId)) last = type;
  assert.match(last, /^run\.(completed|failed)$/);
  return runtime.get(runId);
}

/** A run whose clock the test moves; its timer never goes off. */
async function atRest(t: TestContext) {
  const now = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now });
  const kit = await pausingRuntime(
    t,
    { Desk: [[vote, guess, send], 'done'] },
    { tools: { deadlineMs: 60_000 } },
  );
  const run = await kit.runtime.start({ message: 'Vote' });
  const setTime = (ms: number) => t.mock.timers.setTime(now + ms);
  return { kit, run, setTime };
}

test('an answer in the last millisecond is taken', async (t) => {
  const { kit, run, setTime } = await atRest(t);
  setTime(59_999);
  await kit.runtime.resume(run.id, { [questionOf(run, 'v').id]: { approved: true } });
  assert.deepEqual(kit.written, ['vote tea']);
});

test('an answer at the deadline is too late, even before the clock was looked at', async (t) => {
  const { kit, run, setTime } = await atRest(t);
  setTime(60_000);
  const answers = { [questionOf(run, 'v').id]: { approved: true } };
  await assert.rejects(kit.runtime.resume(run.id, answers), refusal('question_expired'));
  const rest = await kit.runtime.resume(run.id, {});
  assert.deepEqual(openCalls(rest), ['s'], 'both questions expired');
  assert.deepEqual(kit.written, ['guess tea 7']);
  for (const [callId, same] of [
    ['g', { number: 7 }],
    ['g', null],
    ['v', null],
  ] as const) {
    await assert.rejects(
      kit.runtime.resume(run.id, { [questionOf(run, callId).id]: same }),
      refusal('question_expired'),
      "what the deadline brought about was nobody's answer",
    );
  }
  await kit.runtime.resume(run.id, { [questionOf(run, 's').id]: { approved: true } });
  assert.deepEqual(kit.results(), { v: declined, g: 'guessed 7', s: 'sent to Ada' });
});

test('of several answers, one that is too late refuses them all', async (t) => {
  const { kit, run, setTime } = await atRest(t);
  setTime(60_000);
  const approved = { approved: true };
  const answers = { [questionOf(run, 's').id]: approved, [questionOf(run, 'v').id]: approved };
  await assert.rejects(kit.runtime.resume(run.id, answers), refusal('question_expired'));
  assert.deepEqual(openCalls(await kit.runtime.get(run.id)), ['s']);
});

test('when answers and the clock race, each question has one winner', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [[guess], 'done'] }, { tools: { deadlineMs: 300 } });
  const runs = await Promise.all(
    Array.from({ length: 24 }, () => kit.runtime.start({ message: 'Guess' })),
  );
  const answered = await Promise.all(
    runs.map(async (run, n) => {
      const [question] = await kit.runtime.questions({ runId: run.id });
      const { id = '', expiresAt } = question ?? {};
      await sleep(Math.max(0, Number(expiresAt) - Date.now() - 6 + (n % 12)));
      return kit.runtime.resume(run.id, { [id]: { number: 100 } }).then(
        () => true,
        (error: unknown) => {
          assert.ok(refusal('question_expired')(error), String(error));
          return false;
        },
      );
    }),
  );
  await Promise.all(runs.map((run) => ended(kit.runtime, run.id)));
  const count = (line: string) => kit.written.filter((one) => one === line).length;
  assert.equal(count('guess tea 100'), answered.filter((won) => won).length);
  assert.equal(count('guess tea 7'), answered.filter((won) => !won).length);
});

test('a deadline is met though the store was busy at that moment', async (t) => {
  const model = await startStrictModel({ agents: { Desk: [[vote], 'done'] } });
  t.after(() => model.close());
  const real = sqliteStore(folderFor(t)('runs.db'));
  let busy = 0;
  const expire: typeof real.expire = async (...given) => {
    busy += 1;
    if (busy === 1) throw new RequestError('store_busy', 'Try again.');
    return real.expire(...given);
  };
  const team = pausingTeam(openai('gpt-4o-mini', { baseURL: model.url, apiKey: 'test' }), {
    write: () => undefined,
    deadlineMs: 100,
  });
  const store = { ...real, expire };
  const runtime = await createRuntime({ teams: [team], store, onError: () => undefined });
  t.after(() => runtime.close());
  const run = await runtime.start({ message: 'Vote' });
  assert.equal((await ended(runtime, run.id)).status, 'completed');
  assert.equal(busy, 2);
});
