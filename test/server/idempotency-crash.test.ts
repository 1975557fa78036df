/** Requests with an `Idempotency-Key` whose server dies: sent again they start no second run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { call, type Turn } from '../../src/testing/index.ts';
import { startApp } from '../kit/app.ts';
import { folderFor } from '../kit/folder.ts';
import { startStrictModel } from '../kit/strict-model.ts';

const pays: readonly Turn[] = [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'done'];

/** Sends a message with a key to a server of its own; undefined if it died before it answered. */
async function chatOnce(
  file: (name: string) => string,
  model: string,
  env: Record<string, string>,
) {
  const app = await startApp({
    team: 'test/teams/pauses.ts',
    db: file('runs.db'),
    model,
    env: { WITNESS: '/dev/null', ...env },
    preload: 'test/kit/crash.ts',
  });
  try {
    const response = await fetch(`${app.url}/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'key-crash-1' },
      body: JSON.stringify({ message: 'Pay' }),
    });
    return (await response.json()) as { run_id: string; status: string };
  } catch {
    return undefined;
  } finally {
    await app.kill();
  }
}

// Thirty servers are started: slow machines are slow, not wrong.
const timeout = 600_000;

test('a server that dies at any moment of a request starts no second run when it comes again', {
  timeout,
}, async (t) => {
  const model = await startStrictModel({ agents: { Desk: pays } });
  t.after(() => model.close());
  const calm = folderFor(t);
  await chatOnce(calm, model.url, { CRASH_TRACE: calm('trace') });
  const names = readFileSync(calm('trace'), 'utf8').trim().split('\n');
  const moments = names.filter((name) =>
    /(begin request|createRun|end request): (before commit|committed)$|step: committed$/.test(name),
  );
  assert.ok(moments.length >= 8, names.join('\n'));
  for (const moment of moments) {
    const file = folderFor(t);
    const lost = await chatOnce(file, model.url, { CRASH_AT: moment.split(' ')[0] ?? '' });
    assert.equal(lost, undefined, `it did not die at ${moment}`);
    const run = await chatOnce(file, model.url, {});
    assert.equal(run?.status, 'input_required', moment);
    const again = await chatOnce(file, model.url, {});
    assert.deepEqual(again, run, moment);
    const db = new Database(file('runs.db'), { readonly: true });
    assert.deepEqual(db.prepare('SELECT id FROM run').pluck().all(), [run.run_id], moment);
    db.close();
  }
  assert.deepEqual(model.refusals, []);
});
