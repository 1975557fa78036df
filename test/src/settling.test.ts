/** What a run is said to be between an answer and the step that takes it up. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRuntime, defineAgent, getUserInput, openai, sqliteStore } from '../../src/index.ts';
import type { Store } from '../../src/stores/store.ts';
import { folderFor } from '../kit/folder.ts';
import { openQuestions } from '../kit/runtime.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { ask } from '../kit/turns.ts';

/** A run that asks two questions, on a store of which one method may be replaced. */
async function twoQuestions(t: TestContext, replace: (store: Store) => Partial<Store>) {
  const model = await startStrictModel({
    agents: { Solo: [[ask('g1', 'city'), ask('g2', 'day')], 'done'] },
  });
  const store = sqliteStore(folderFor(t)('runs.db'));
  const agent = defineAgent({
    name: 'Solo',
    model: openai('gpt-4o-mini', { baseURL: model.url, apiKey: 'test' }),
    tools: [getUserInput()],
  });
  const runtime = await createRuntime({ teams: [agent], store: { ...store, ...replace(store) } });
  t.after(async () => {
    await runtime.close({ graceMs: 0 });
    await model.close();
  });
  const run = await runtime.start({ message: 'Trip' });
  const [city, day] = openQuestions(run).map(({ id }) => id);
  return { runtime, id: run.id, city: city ?? '', day: day ?? '' };
}

test('a run whose last answer waits for its step is at work, and asks nobody', async (t) => {
  let gate: Promise<void> = Promise.resolve();
  const { runtime, id, city, day } = await twoQuestions(t, (store) => ({
    step: async (runId, decide) => {
      await gate;
      return store.step(runId, decide);
    },
  }));
  const open = Promise.withResolvers<void>();
  gate = open.promise;
  const resumed = runtime.resume(id, { [city]: { city: 'Rome' }, [day]: { day: 'Monday' } });
  while ((await runtime.questions({ status: 'open' })).length > 0);
  const between = await runtime.get(id);
  open.resolve();
  assert.equal(between.status, 'working');
  assert.equal((await resumed).status, 'completed');
});

test('a run is not returned as paused when its last question was closed meanwhile', async (t) => {
  let closeOther: (() => Promise<unknown>) | undefined;
  let reads = 0;
  const { runtime, id, city, day } = await twoQuestions(t, (store) => ({
    questions: async (tenantId, runId) => {
      const close = closeOther;
      reads += 1;
      // The second reading is the one for the run that is returned.
      if (close && reads === 2) {
        closeOther = undefined;
        await close();
      }
      return store.questions(tenantId, runId);
    },
    answer: async (tenantId, runId, answers, by) => {
      const taken = await store.answer(tenantId, runId, answers, by);
      const [first] = answers;
      if (!first || first.questionId !== city) return taken;
      const event = { ...first.event, call: 'g2', questionId: day } as const;
      const other = { ...first, questionId: day, event };
      closeOther = () => store.answer(tenantId, runId, [other], by);
      reads = 1;
      return taken;
    },
  }));
  const run = await runtime.resume(id, { [city]: { city: 'Rome' } });
  assert.equal(closeOther, undefined, 'the other question was closed in between');
  assert.equal(run.status, 'completed');
});
