/** Requests with a key: answered once, whoever repeats them and whatever happens in between. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { RequestError, type TenantRuntime } from '../../src/index.ts';
import { askingTeam, askingTurns } from '../kit/asking.ts';
import { testRuntime } from '../kit/runtime.ts';

const kitOf = (t: TestContext) => testRuntime(t, askingTurns, (url) => askingTeam(url));

const request = { route: 'POST /chat', key: 'key-12345', body: '{"message":"Pay"}' };

/** Starts a run, and answers with its id. */
const starts = async (runtime: TenantRuntime) => {
  const { id } = await runtime.start({ message: 'Pay' });
  return { text: id, isFinal: true };
};

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

function runsIn(file: string): unknown[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('SELECT id FROM run').pluck().all();
  } finally {
    db.close();
  }
}

test('a repetition gets the first answer, also after a restart', async (t) => {
  const kit = await kitOf(t);
  const first = await kit.runtime.once(request, starts);
  assert.equal(first.replayed, false);
  const again = { text: first.text, replayed: true };
  assert.deepEqual(await kit.runtime.once(request, starts), again);
  assert.deepEqual(await (await kit.reopen()).once(request, starts), again);
  assert.deepEqual(runsIn(kit.db), [first.text]);
});

test('a key stands for one request of one user on one route', async (t) => {
  const kit = await kitOf(t);
  const { text } = await kit.runtime.once(request, starts);
  const other = kit.runtime.once({ ...request, body: '{"message":"pay"}' }, starts);
  await assert.rejects(other, refusal('idempotency_key_reused'));
  const others = [
    kit.runtime.once({ ...request, route: 'POST /resume' }, starts),
    kit.runtime.as({ userId: 'ann' }).once(request, starts),
    kit.runtime.as({ tenantId: 'acme' }).once(request, starts),
  ];
  const texts = (await Promise.all(others)).map((one) => one.text);
  assert.equal(new Set([text, ...texts]).size, 4);
});

test('a key with another body is refused, also where no run was started', async (t) => {
  const kit = await kitOf(t);
  const says = (text: string) => async () => ({ text, isFinal: true });
  await kit.runtime.once(request, says('one'));
  const other = kit.runtime.once({ ...request, body: '{}' }, says('two'));
  await assert.rejects(other, refusal('idempotency_key_reused'));
  assert.equal((await kit.runtime.once(request, says('three'))).text, 'one');
});

test('who repeats a request that is not answered yet is told so', async (t) => {
  const kit = await kitOf(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = kit.runtime.once(request, async (runtime) => {
    await promise;
    return starts(runtime);
  });
  await assert.rejects(kit.runtime.once(request, starts), refusal('request_in_progress'));
  resolve();
  const { text } = await first;
  assert.equal((await kit.runtime.once(request, starts)).text, text);
});

test('an answer that may be another one in a moment is not kept', async (t) => {
  const kit = await kitOf(t);
  const busy = async () => ({ text: 'busy', isFinal: false });
  assert.equal((await kit.runtime.once(request, busy)).text, 'busy');
  const throws = kit.runtime.once(request, () => Promise.reject(new Error('broken')));
  await assert.rejects(throws, /broken/);
  const { replayed } = await kit.runtime.once(request, starts);
  assert.equal(replayed, false);
});

test('a run that was started before the answer was kept is the one that a repetition starts', async (t) => {
  const kit = await kitOf(t);
  const lost = kit.runtime.once(request, async (runtime) => {
    await runtime.start({ message: 'Pay' });
    throw new Error('cut short');
  });
  await assert.rejects(lost, /cut short/);
  const [runId] = runsIn(kit.db);
  const { text, replayed } = await (await kit.reopen()).once(request, starts);
  assert.deepEqual([text, replayed], [runId, false]);
  assert.equal(runsIn(kit.db).length, 1);
});

test('one request starts one run', async (t) => {
  const kit = await kitOf(t);
  const twice = kit.runtime.once(request, async (runtime) => {
    await runtime.start({ message: 'Pay' });
    return starts(runtime);
  });
  await assert.rejects(twice, refusal('idempotency_key_reused'));
  assert.equal(runsIn(kit.db).length, 1);
});

test('a key is kept for a day', async (t) => {
  const kit = await kitOf(t);
  const { text } = await kit.runtime.once(request, starts);
  const age = (ms: number) => {
    const db = new Database(kit.db);
    db.prepare('UPDATE keyed_request SET at = at - ?').run(ms);
    db.close();
  };
  age(86_000_000);
  assert.equal((await kit.runtime.once(request, starts)).text, text);
  age(400_000);
  assert.notEqual((await kit.runtime.once(request, starts)).text, text);
});

test('a key has 8 to 64 letters, digits, "_" and "-"', async (t) => {
  const kit = await kitOf(t);
  for (const key of [
    '',
    'short',
    'x'.repeat(65),
    'with space',
    'ümlaut-key',
    'key-12345\n',
    'a,key-1234',
  ]) {
    const refused = kit.runtime.once({ ...request, key }, starts);
    await assert.rejects(refused, refusal('idempotency_key_invalid'), key);
  }
  assert.deepEqual(runsIn(kit.db), []);
});
