/** Reading a run once there is something to do about it, in answers that come in time. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from '../../server/app.ts';
import { whenSettled } from '../../server/prefer.ts';
import type { TenantRuntime } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { ask } from '../kit/contract.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { held } from '../kit/served.ts';
import { ask as askFor } from '../kit/turns.ts';

async function local(t: TestContext, Desk: readonly Turn[]) {
  const gate = Promise.withResolvers<void>();
  const kit = await pausingRuntime(t, { Desk }, { tools: { die: () => gate.promise } });
  const app = createApp(kit.runtime);
  const read = (id: string, prefer: string, signal?: AbortSignal) =>
    ask(app, 'GET', `/runs/${id}`, { headers: { prefer }, ...(signal ? { signal } : {}) });
  return { ...kit, runtime: kit.runtime, read, letGo: gate.resolve };
}

test('a run is told of when it pauses, and again when it ends', async (t) => {
  const [first, last] = [held([askFor('g', 'city')]), held('done')];
  const { runtime, read } = await local(t, [first.turn, last.turn]);
  const { id } = await runtime.start({ message: 'Trip', wait: false });
  const pausing = read(id, 'respond-async, wait=20');
  first.letGo();
  const paused = await pausing;
  assert.equal(paused.body.status, 'input_required');
  assert.equal(paused.headers.get('preference-applied'), 'wait=20');
  const answers = { [paused.body.questions[0].id]: { city: 'Rome' } };
  await runtime.resume(id, answers, { wait: false });
  const ending = read(id, 'wait=20');
  last.letGo();
  assert.equal((await ending).body.final_content, 'done');
  const over = await read(id, 'wait=86400');
  assert.equal(over.headers.get('preference-applied'), 'wait=60', 'nobody waits for so long');
});

test('a run that is still at work is told of in time, and one that is queued at once', async (t) => {
  const hold = held('done');
  const { runtime, read } = await local(t, [hold.turn]);
  const run = await runtime.start({ message: 'Trip', wait: false });
  await hold.asked;
  const now = await read(run.id, 'wait=0');
  assert.deepEqual([now.status, now.body.status], [200, 'working']);
  const same = { message: 'Trip', team: 'QueueDesk', sessionId: run.sessionId };
  const behind = await runtime.start({ ...same, wait: false });
  assert.equal((await read(behind.id, 'wait=20')).body.queued, true);
  const gone = new AbortController();
  const begun = performance.now();
  const unread = read(run.id, 'wait=20', gone.signal);
  await sleep(5);
  gone.abort();
  assert.equal((await unread).body.status, 'working');
  assert.ok(performance.now() - begun < 10_000, 'nothing waits for a client that left');
  hold.letGo();
});

test('a run that waits for more is not told of before it has done what it was answered', async (t) => {
  const turn = [call('pay', { amount: 900, to: 'Bob' }, 'p'), askFor('g', 'city')];
  const { runtime, letGo, written } = await local(t, [turn, 'done']);
  const before = await runtime.start({ message: 'Trip' });
  const answers = { [questionOf(before, 'p').id]: { approved: true } };
  await runtime.resume(before.id, answers, { wait: false });
  const reads = [before];
  // As whoever reads before the step that takes the answer.
  const get = async (id: string) => reads.shift() ?? (await runtime.get(id));
  const events = runtime.events.bind(runtime);
  const early = { get, events } as unknown as TenantRuntime;
  const settled = whenSettled(early, before.id, AbortSignal.timeout(20_000));
  while (written.length === 0) await sleep(5);
  letGo();
  const run = await settled;
  assert.equal(run.status, 'input_required');
  assert.equal(run.lastSeq, (await runtime.get(before.id)).lastSeq);
  assert.ok(run.lastSeq > before.lastSeq);
});

test('a run that goes on and on is told of in time all the same', async () => {
  let lastSeq = 0;
  const get = async () => {
    lastSeq += 1;
    return { status: lastSeq < 100 ? 'working' : 'completed', queued: false, lastSeq };
  };
  const busy = { get, events: async function* () {} } as unknown as TenantRuntime;
  const run = await whenSettled(busy, 'run_1', AbortSignal.abort());
  assert.deepEqual([run.status, lastSeq], ['working', 2]);
});
