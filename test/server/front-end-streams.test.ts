/** What front-end streams do when a reply is thrown away, and when nobody reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Projection as AguiProjection } from '../../server/agui/projection.ts';
import { Projection as AiProjection } from '../../server/ai/projection.ts';
import { createApp } from '../../server/app.ts';
import type { LogEvent } from '../../src/index.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { ask, delegate } from '../kit/turns.ts';
import { frontEndBodies } from './every-front-end.ts';

const usage = { inputTokens: 1, outputTokens: 1 };

/** The leader's reply breaks off once, and is said anew. */
const restarted = (
  [
    { type: 'run.started', message: 'Hi' },
    { type: 'model.called' },
    { type: 'text.delta', text: 'Hel' },
    { type: 'model.restarted' },
    { type: 'text.delta', text: 'Good ' },
    { type: 'model.used', kind: 'discarded', model: 'gpt-5', usage },
    { type: 'model.replied', text: 'Good day', calls: [], model: 'gpt-5', usage },
    { type: 'run.completed', content: 'Good day' },
  ] as const
).map((event, index) => {
  return { seq: index + 1, at: new Date(0), agent: 'Desk', path: '', ...event } as LogEvent;
});

test('AG-UI ends what is thrown away, says the reply whole, and sends the messages anew', () => {
  const run = { id: 'run_1', sessionId: 'ses_1', team: 'Desk' };
  const projection = new AguiProjection({
    run,
    runId: 'r',
    after: 0,
    offered: new Set(),
    isOld: false,
  });
  const events = restarted.flatMap((event) => projection.take(event));
  const text = events.flatMap((event) =>
    event.type === 'TEXT_MESSAGE_CONTENT' ? [[event.messageId, event.delta]] : [],
  );
  assert.deepEqual(text, [
    ['run_1/#1', 'Hel'],
    ['run_1/#1~2', 'Good '],
    ['run_1/#1~2', 'day'],
  ]);
  const ends = events.flatMap((event) =>
    event.type === 'TEXT_MESSAGE_END' ? [event.messageId] : [],
  );
  assert.deepEqual(ends, ['run_1/#1', 'run_1/#1~2']);
  assert.equal(projection.hasStale, true);
});

test('what was thrown away is counted, and nothing else is told of it', () => {
  const counted = { model_calls: 2, input_tokens: 2, output_tokens: 2 };
  const [last] = restarted.slice(-1);
  assert.ok(last);
  const run = { id: 'run_1', sessionId: 'ses_1', team: 'Desk' };
  const segment = { run, runId: 'r', after: 0, offered: new Set<string>(), isOld: false };
  const agui = new AguiProjection(segment);
  const told = restarted.map((event) => agui.take(event));
  assert.deepEqual(told[5], []);
  const end = agui.outcome(last);
  assert.ok(end?.type === 'RUN_FINISHED');
  assert.deepEqual(end.usage, [
    { model: 'gpt-5', inputTokens: 2, outputTokens: 2, totalTokens: 4 },
  ]);
  assert.deepEqual(Object(agui.snapshot()).snapshot.usage, counted);
  const ai = new AiProjection('run_1');
  assert.deepEqual(restarted.map((event) => ai.take(event))[5], []);
  const finish = ai.end(last)?.find(({ type }) => type === 'finish');
  assert.deepEqual(Object(finish)['messageMetadata'].usage, counted);
});

test('who joins in the middle of a reply gets it as a whole', () => {
  const run = { id: 'run_1', sessionId: 'ses_1', team: 'Desk' };
  const projection = new AguiProjection({
    run,
    runId: 'r',
    after: 4,
    offered: new Set(),
    isOld: false,
  });
  const events = restarted.flatMap((event) => projection.take(event));
  const text = events.flatMap((event) =>
    event.type === 'TEXT_MESSAGE_CONTENT' ? [event.delta] : [],
  );
  assert.deepEqual(text, ['Good day']);
});

test('the AI SDK takes back what is thrown away', () => {
  const projection = new AiProjection('run_1');
  const chunks = restarted.flatMap((event) => projection.take(event));
  const types = chunks.map(({ type }) => type).filter((type) => type !== 'data-state');
  assert.deepEqual(types, [
    'start-step',
    'text-start',
    'text-delta',
    'reset-step',
    'text-start',
    'text-delta',
    'text-delta',
    'text-end',
  ]);
});

test('a run goes on though nobody reads its stream', async (t) => {
  const { runtime } = await pausingRuntime(t, {
    Desk: [[delegate('c1', 'A')], 'done'],
    A: [[ask('g', 'city')], 'A RESULT'],
  });
  const app = createApp(runtime);
  for (const [path, input] of Object.entries(frontEndBodies)) {
    const { body } = await app.request(path.replace('{team}', 'Desk'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    });
    await body?.cancel();
  }
  while ((await runtime.list({ status: 'input_required' })).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
