/** Notices: written with what they tell of, and told at least once whatever happens in between. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { retryAfterMs } from '../../src/deliveries.ts';
import { DeliveryError, type Notice } from '../../src/index.ts';
import { askingRuntime, deliveriesIn, until } from '../kit/asking.ts';
import { startReceiver } from '../kit/receiver.ts';
import { openQuestions } from '../kit/runtime.ts';

/** Collects notices, and waits for them. */
function listener(t: TestContext) {
  const told: Notice[] = [];
  const hooks = {
    onQuestion: (notice: Notice) => void told.push(notice),
    onSettled: (notice: Notice) => void told.push(notice),
  };
  return { told, hooks, count: (count: number) => until(t, () => told.length >= count) };
}

const yes = { approved: true };

test('hooks are told of a question that opens, and of a run that pauses and ends', async (t) => {
  const { told, hooks, count } = listener(t);
  const { runtime } = await askingRuntime(t, { hooks });
  const run = await runtime.start({ message: 'Pay' });
  const [question] = openQuestions(run);
  await count(2);
  await runtime.resume(run.id, { [question?.id ?? '']: yes });
  await count(3);
  const opened = told.find(({ type }) => type === 'question.opened');
  assert.equal(opened?.type === 'question.opened' && opened.question.id, question?.id);
  assert.deepEqual(opened?.at, question?.openedAt);
  assert.deepEqual(
    told.flatMap((notice) =>
      notice.type === 'run.settled' ? [[notice.status, notice.run.id]] : [],
    ),
    [
      ['input_required', run.id],
      ['completed', run.id],
    ],
  );
  assert.equal(new Set(told.map(({ id }) => id)).size, 3);
  assert.ok(told.every(({ id }) => !id.includes('.')));
});

test('a hook is told of everything that many runs at once have to tell', async (t) => {
  const { told, hooks, count } = listener(t);
  const { runtime, db } = await askingRuntime(t, { hooks });
  await Promise.all(Array.from({ length: 30 }, () => runtime.start({ message: 'Pay' })));
  await count(60);
  await until(t, () => deliveriesIn(db).every(({ status }) => status === 'done'));
  assert.equal(new Set(told.map(({ id }) => id)).size, 60);
  assert.equal(told.length, 60, 'nothing fails, so nothing is told twice');
});

test('a runtime without hooks and webhooks keeps no notices', async (t) => {
  const { runtime, db } = await askingRuntime(t, { remindAfterMs: 10 });
  await runtime.start({ message: 'Pay' });
  assert.deepEqual(deliveriesIn(db), []);
});

test('a hook that fails twice is told again, by the same id', async (t) => {
  const ids: string[] = [];
  const told = Promise.withResolvers<void>();
  const { runtime, db, reported } = await askingRuntime(t, {
    hooks: {
      onQuestion: async ({ id }) => {
        ids.push(id);
        if (ids.length <= 2) throw new Error('not now');
        told.resolve();
      },
    },
  });
  await runtime.start({ message: 'Pay' });
  await told.promise;
  await sleep(20);
  assert.equal(ids.length, 3);
  assert.equal(new Set(ids).size, 1);
  assert.deepEqual(reported, []);
  const [row] = deliveriesIn(db);
  assert.deepEqual([row?.status, row?.attempt, row?.error], ['done', 3, null]);
});

test('a notice that never arrives is given up after ten attempts, and reported', async (t) => {
  let attempts = 0;
  const { runtime, db, reported } = await askingRuntime(t, {
    hooks: {
      onQuestion: () => {
        attempts += 1;
        throw new Error('never');
      },
    },
  });
  await runtime.start({ message: 'Pay' });
  await until(t, () => attempts === 1 && deliveriesIn(db)[0]?.status === 'pending');
  new Database(db).exec('UPDATE delivery SET attempt = 9').close();
  await until(t, () => reported.length > 0);
  const [error] = reported;
  assert.ok(error instanceof DeliveryError);
  assert.match(error.message, /did not reach "hook" in 10 attempts\. It is kept as dead/);
  assert.match(String(error.cause), /never/);
  assert.deepEqual([deliveriesIn(db)[0]?.status, attempts], ['dead', 2]);
});

test('attempts come later and later, an hour apart at most, and not all at once', () => {
  const waits = Array.from({ length: 9 }, (_, index) => retryAfterMs(index + 1, 0));
  assert.deepEqual(
    waits,
    [1, 4, 16, 64, 256, 1024, 3600, 3600, 3600].map((s) => s * 1_000),
  );
  assert.equal(retryAfterMs(3, 1), 8_000);
});

test('a question that stays open is reminded of once', async (t) => {
  const { told, hooks, count } = listener(t);
  const { onQuestion } = hooks;
  const { runtime, db } = await askingRuntime(t, { hooks: { onQuestion }, remindAfterMs: 150 });
  const run = await runtime.start({ message: 'Pay' });
  await count(1);
  assert.deepEqual(
    told.map(({ type }) => type),
    ['question.opened'],
  );
  await count(2);
  await sleep(250);
  assert.deepEqual(
    told.map(({ type }) => type),
    ['question.opened', 'question.reminder'],
  );
  const [question] = openQuestions(run);
  const reminder = told[1];
  assert.equal(Number(reminder?.at) - Number(question?.openedAt), 150);
  assert.equal(reminder?.type === 'question.reminder' && reminder.question.id, question?.id);
  assert.deepEqual(
    deliveriesIn(db).map(({ status }) => status),
    ['done', 'done'],
  );
});

test('a question that was answered is not reminded of', async (t) => {
  const { told, hooks } = listener(t);
  const { runtime, db } = await askingRuntime(t, {
    hooks: { onQuestion: hooks.onQuestion },
    remindAfterMs: 150,
  });
  const run = await runtime.start({ message: 'Pay' });
  await runtime.resume(run.id, { [openQuestions(run)[0]?.id ?? '']: yes });
  await sleep(300);
  assert.deepEqual(
    told.map(({ type }) => type),
    ['question.opened'],
  );
  assert.deepEqual(
    deliveriesIn(db).map(({ type, status }) => [type, status]),
    [
      ['question.opened', 'done'],
      ['question.reminder', 'skipped'],
    ],
  );
});

test('a reminder whose time comes while nothing runs is told after the start', async (t) => {
  const { hooks, told, count } = listener(t);
  const kit = await askingRuntime(t, {
    hooks: { onQuestion: hooks.onQuestion },
    remindAfterMs: 200,
  });
  await kit.runtime.start({ message: 'Pay' });
  await count(1);
  await kit.runtime.close();
  await sleep(250);
  assert.equal(told.length, 1);
  await kit.reopen();
  await count(2);
  assert.equal(told[1]?.type, 'question.reminder');
});

test('a notice that a closing runtime cut short is told by the next one', async (t) => {
  const ids: string[] = [];
  const again = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const kit = await askingRuntime(t, {
    hooks: {
      onQuestion: async ({ id }) => {
        ids.push(id);
        began.resolve();
        if (ids.length === 1) await new Promise(() => undefined);
        again.resolve();
      },
    },
  });
  await kit.runtime.start({ message: 'Pay' });
  await began.promise;
  await kit.reopen();
  await again.promise;
  assert.equal(ids[0], ids[1]);
  assert.deepEqual(kit.reported, []);
});

test('a slow receiver holds neither the run nor the other receivers', async (t) => {
  const slow = await startReceiver(t, () => undefined);
  const quick = await startReceiver(t);
  const { told, hooks, count } = listener(t);
  const secret = 'a secret of the tests';
  const { runtime, db } = await askingRuntime(t, {
    hooks,
    webhooks: [slow, quick].map(({ url }) => ({ url, secret, allowPrivate: true })),
  });
  const beganAt = Date.now();
  const run = await runtime.start({ message: 'Pay' });
  const end = await runtime.resume(run.id, { [openQuestions(run)[0]?.id ?? '']: yes });
  assert.equal(end.status, 'completed');
  await Promise.all([quick.arrived(3), count(3)]);
  assert.ok(Date.now() - beganAt < 5_000);
  assert.equal(told.length, 3);
  await slow.arrived(3);
  const sending = () => deliveriesIn(db).filter(({ status }) => status === 'sending');
  await until(t, () => sending().length === 3);
  assert.equal(new Set(sending().map(({ target }) => target)).size, 1);
  assert.ok(deliveriesIn(db).every(({ status }) => status === 'sending' || status === 'done'));
});

test('a run that ends without a step of its own is told of too', async (t) => {
  const { hooks, told, count } = listener(t);
  const kit = await askingRuntime(t, { hooks: { onSettled: hooks.onSettled } });
  const run = await kit.runtime.start({ message: 'Pay' });
  const db = new Database(kit.db);
  t.after(() => db.close());
  db.exec(`CREATE TRIGGER bug BEFORE UPDATE OF result ON tool_call
    BEGIN SELECT RAISE(ABORT, 'planted'); END`);
  const end = await kit.runtime.cancel(run.id).catch(() => kit.runtime.get(run.id));
  assert.equal(end.status, 'failed');
  await count(2);
  assert.deepEqual(
    told.map((notice) => notice.type === 'run.settled' && notice.status),
    ['input_required', 'failed'],
  );
});
