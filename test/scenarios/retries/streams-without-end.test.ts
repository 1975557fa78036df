/** A stream that ends before its reply does is tried again, and stalls the run in the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Desk, deskRuntime } from '../../kit/desk-that-fails.ts';
import { eager, stalledOf, triesLogged } from '../../kit/retries.ts';
import { contentOf } from '../../kit/team-run.ts';

test('a model whose reply just ends is asked 3 times, and then the run is stalled', async (t) => {
  const desk: Desk = { fault: { name: 'cut', afterBytes: 200 } };
  const { runtime, model } = await deskRuntime(t, desk);
  const run = await runtime.start({ message: 'Hello' });
  assert.match(stalledOf(run).code, /^model_/);
  assert.equal(model.requests.length, 3);
  desk.fault = undefined;
  assert.equal(contentOf(await runtime.resume(run.id, {})), 'Hello.');
});

test('what an answer used that was no reply is counted, though the call is tried again', async (t) => {
  const desk: Desk = { fault: 'no_choices', retries: { ...eager, tries: 2 } };
  const { runtime, db } = await deskRuntime(t, desk);
  const run = await runtime.start({ message: 'Hello' });
  assert.equal(stalledOf(run).code, 'model_reply_unusable');
  assert.equal(triesLogged(db).length, 2);
  assert.equal(run.usage.modelCalls, 2);
});
