/** Calls whose time for another try has come while as many runs are at work as may be. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  createRuntime,
  defineAgent,
  type Model,
  type Run,
  RunError,
  type RuntimeOptions,
  sqliteStore,
} from '../../src/index.ts';
import { folderFor } from '../kit/folder.ts';
import { eager, until } from '../kit/retries.ts';

function stalledIn(run: Run) {
  return run.status === 'working' ? run.stalled : undefined;
}

/** A model that is down at first, and that answers `Slow` when it is let. */
function downAtFirst(t: TestContext) {
  const gate = Promise.withResolvers<void>();
  t.after(() => gate.resolve());
  const model = { isUp: false, insists: [] as unknown[], letGo: () => gate.resolve() };
  const reply: Model['reply'] = async ({ transcript }, { insists }) => {
    const [first] = transcript;
    if (first?.role === 'user' && first.text === 'Slow') await gate.promise;
    else model.insists.push(insists);
    if (!model.isUp) throw new RunError('model_unavailable', 'It is down.', { retryable: true });
    const usage = { inputTokens: 1, outputTokens: 1 };
    return { text: 'done', calls: [], finish: 'stop', usage };
  };
  const agent = defineAgent({ name: 'Desk', model: { name: 'm', reply } });
  const db = folderFor(t)('runs.db');
  let looked = 0;
  const open = async (retries: RuntimeOptions['retries']) => {
    const store = sqliteStore(db);
    const due: typeof store.due = async (...given) => {
      const found = await store.due(...given);
      looked += found.effects.length;
      return found;
    };
    const runtime = await createRuntime({
      teams: [agent],
      store: { ...store, due },
      runsAtOnce: 1,
      retries: { ...eager, tries: 1, ...retries },
      onError: () => undefined,
    });
    t.after(() => runtime.close({ graceMs: 0 }));
    return runtime;
  };
  return { model, open, looked: () => looked };
}

test('each of many calls that are due and wait for a place is looked at once', async (t) => {
  const { model, open, looked } = downAtFirst(t);
  const down = await open({});
  const runs = [];
  for (let run = 0; run < 20; run += 1) runs.push(await down.start({ message: 'Trip' }));
  await down.close();
  model.isUp = true;
  const up = await open({});
  const ends = await Promise.all(runs.map(({ id }) => up.resume(id, {})));
  assert.deepEqual(new Set(ends.map(({ status }) => status)), new Set(['completed']));
  assert.ok(looked() <= 2 * runs.length, `${looked()} times`);
});

test('a stalled run whose time has come is not stalled while it waits for a place, and may be insisted on', async (t) => {
  const { model, open } = downAtFirst(t);
  const runtime = await open({ firstPauseMs: 100, longestPauseMs: 100 });
  const { id } = await runtime.start({ message: 'Trip' });
  // Refused while the other run makes its next try.
  const begin = () => runtime.start({ message: 'Slow', wait: false }).catch(() => undefined);
  const slow = await until(begin);
  await until(async () => (await runtime.figures()).heldBack === 1 || undefined);
  const { sentence, stalled } = await runtime.explain(id);
  assert.equal(sentence, 'The run waits for its turn: as many runs are at work as may be.');
  assert.equal(stalled, false);
  model.isUp = true;
  const again = runtime.resume(id, {});
  await until(async () => stalledIn(await runtime.get(id)) === undefined || undefined);
  model.insists.length = 0;
  model.letGo();
  assert.equal((await again).status, 'completed');
  assert.deepEqual(model.insists, [true]);
  assert.equal((await runtime.resume(slow.id, {})).status, 'completed');
});
