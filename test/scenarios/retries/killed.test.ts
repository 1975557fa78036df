/**
 * A process that dies between two tries: the next one goes on where it was, and counts on.
 *
 * Starting processes takes nearly all the time, so on all wires but the first each test lets as few
 * die as show that its wire changes nothing; `CADENZA_FRESH=all` lets all of them die on every wire.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Faults } from '../../../src/testing/index.ts';
import { startApp } from '../../kit/app.ts';
import { folderFor } from '../../kit/folder.ts';
import { effectsIn, runIdIn, until } from '../../kit/retries.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { fetchRun, post } from '../../kit/wire.ts';
import { startsAfresh, test } from '../../kit/wires.ts';

const team = 'test/teams/desk.ts';

test('a process killed while a try waits: the next one makes it, at its time', async (t) => {
  const file = folderFor(t);
  let fault: Faults | undefined = { name: 'rate_limit', retryAfter: '3' };
  const times: number[] = [];
  const model = await startStrictModel({
    respond: () => {
      times.push(Date.now());
      return fault ? { text: 'done', fault } : 'done';
    },
  });
  t.after(() => model.close());
  const start = () => startApp({ team, db: file('runs.db'), model: model.url });
  const first = await start();
  const chat = post(first.url, '/chat', { message: 'Hello' }).catch(() => undefined);
  const waiting = await until(() => effectsIn(file('runs.db')).find((one) => one.wake_at !== null));
  await first.kill();
  await chat;
  assert.deepEqual([waiting.status, waiting.attempt, waiting.tries], ['pending', 1, 1]);
  fault = undefined;
  const second = await start();
  t.after(() => second.kill());
  const [effect] = await until(() => {
    const effects = effectsIn(file('runs.db'));
    return effects.every((one) => one.status === 'done') ? effects : undefined;
  });
  assert.equal(effect?.attempt, 2);
  assert.equal(times.length, 2, 'each try is sent once');
  assert.ok((times[1] ?? 0) >= (waiting.wake_at ?? 0), 'not before its time');
});

test('a process killed while it puts a try off loses nothing and sends nothing twice', async (t) => {
  const moments = ['begin', 'before commit', 'committed'].map((moment) => `postpone: ${moment}`);
  for (const moment of startsAfresh() ? moments : moments.slice(-1)) {
    const file = folderFor(t);
    const db = file('runs.db');
    const headers = { 'retry-after': '1' };
    const once: Faults = { name: 'status', status: 503, headers, times: 1 };
    const model = await startStrictModel({ respond: () => 'done', fault: once });
    t.after(() => model.close());
    const env = { DIE_AT: moment };
    const app = await startApp({ team, db, model: model.url, env, preload: 'test/kit/crash.ts' });
    post(app.url, '/chat', { message: 'Hello' }).catch(() => undefined);
    assert.equal((await app.ended).signal, 'SIGKILL', moment);
    const isWritten = moment === 'postpone: committed';
    const left = effectsIn(db).map(({ status, attempt }) => [status, attempt]);
    assert.deepEqual(left, [[isWritten ? 'pending' : 'running', 1]], moment);
    const next = await startApp({ team, db, model: model.url });
    t.after(() => next.kill());
    const ended = await until(async () => {
      const body = await fetchRun(next.url, runIdIn(db));
      return body.status === 'working' ? undefined : body;
    });
    assert.equal(ended.final_content, 'done', moment);
    assert.equal(model.requests.length, 2, moment);
    assert.deepEqual(
      effectsIn(db).map(({ status, attempt }) => [status, attempt]),
      [['done', 2]],
    );
  }
});

test('a process that has nothing else to do waits for the next try', async (t) => {
  const fault: Faults = { name: 'rate_limit', retryAfterMs: '500', times: 1 };
  const model = await startStrictModel({ respond: () => 'done', fault });
  t.after(() => model.close());
  const program = fileURLToPath(new URL('../../kit/one-run-process.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=cadenza-source',
    program,
    folderFor(t)('runs.db'),
    model.url,
  ]);
  assert.equal(stdout, 'completed\n');
});

test('however often the process dies, a call is tried no more often', async (t) => {
  const file = folderFor(t);
  const db = file('runs.db');
  const deaths = startsAfresh() ? 4 : 1;
  let headers: Record<string, string> = { 'retry-after': '1' };
  const model = await startStrictModel({
    respond: () => ({ text: 'done', fault: { name: 'status', status: 503, headers } }),
  });
  t.after(() => model.close());
  let app = await startApp({ team, db, model: model.url });
  post(app.url, '/chat', { message: 'Hello' }).catch(() => undefined);
  for (let attempt = 1; attempt <= deaths; attempt += 1) {
    const effect = await until(() =>
      effectsIn(db).find((one) => one.attempt === attempt && one.wake_at !== null),
    );
    assert.equal(effect.tries, attempt);
    await app.kill();
    if (attempt === deaths) headers = { 'retry-after-ms': '1' };
    app = await startApp({ team, db, model: model.url });
  }
  const { attempt, tries } = await until(() => effectsIn(db).find(({ stall }) => stall !== null));
  assert.deepEqual([attempt, tries], [5, 0]);
  const body = await fetchRun(app.url, runIdIn(db));
  assert.equal(body.status, 'working');
  assert.ok('stalled' in body && JSON.stringify(body.stalled).includes('model_unavailable'));
  await app.kill();
  assert.equal(model.requests.length, 5);
});
