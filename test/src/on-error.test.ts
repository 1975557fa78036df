/** What is told of an error inside a run: all of it to whoever asked for it, else no word that was said. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as z from 'zod';
import {
  createRuntime,
  defineAgent,
  defineTool,
  described,
  openai,
  type RuntimeOptions,
  sqliteStore,
} from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import { folderFor } from '../kit/folder.ts';
import { startStrictModel } from '../kit/strict-model.ts';

class CardDeclined extends Error {
  override readonly name = 'CardDeclined';
}

/** A run in which a tool fails, to its end; tells its id. */
async function failedTool(t: TestContext, options: Pick<RuntimeOptions, 'onError'>) {
  const model = await startStrictModel({
    agents: { Desk: [[call('pay', { card: 'CARD-SECRET' }, 'p')], 'done'] },
  });
  t.after(() => model.close());
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ card: z.string() }),
    execute: ({ card }) => {
      const cause = new Error(`KEY-SECRET\n    at KEY-SECRET`);
      throw new CardDeclined(`Declined: ${card}`, { cause });
    },
  });
  const desk = defineAgent({
    name: 'Desk',
    model: openai('gpt-4o-mini', { baseURL: model.url, apiKey: 'test' }),
    tools: [pay],
  });
  const store = sqliteStore(folderFor(t)('runs.db'));
  const runtime = await createRuntime({ teams: [desk], store, ...options });
  t.after(() => runtime.close());
  const run = await runtime.start({ message: 'Pay' });
  assert.equal(run.status, 'completed');
  return run.id;
}

test('what fails inside a run is printed in one line, without what was said', async (t) => {
  const print = t.mock.method(console, 'error', () => undefined);
  const runId = await failedTool(t, {});
  assert.equal(print.mock.callCount(), 1);
  const [prefix, line] = print.mock.calls[0]?.arguments ?? [];
  const { run_id, effect_id, error } = JSON.parse(line);
  assert.deepEqual([prefix, run_id, error.kind], ['cadenza:', runId, 'CardDeclined']);
  assert.ok(effect_id);
  assert.match(error.at[0], /on-error\.test\.ts:/);
  assert.match(error.cause.at[0], /on-error\.test\.ts:/);
  assert.doesNotMatch(line, /SECRET|\n/);
});

test('whoever asked to be told of errors gets them whole', async (t) => {
  const print = t.mock.method(console, 'error', () => undefined);
  const told: unknown[] = [];
  await failedTool(t, { onError: (error) => told.push(error) });
  const [error] = told;
  assert.ok(error instanceof CardDeclined);
  assert.equal(error.message, 'Declined: CARD-SECRET');
  assert.match(String(error.cause), /KEY-SECRET/);
  assert.equal(print.mock.callCount(), 0);
});

test('an error that is like no other is told of all the same', () => {
  const itself: Error = new TypeError('x');
  itself.cause = itself;
  const odd = Object.assign(new RangeError('x'), { message: Symbol('x'), stack: null });
  let told = described(itself);
  assert.equal(told['kind'], 'TypeError');
  for (let causes = 0; told['cause']; causes += 1) {
    assert.ok(causes < 10);
    told = Object(told['cause']);
  }
  assert.deepEqual(described(odd), { kind: 'RangeError', at: [] });
});
