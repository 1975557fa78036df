/** What models say while they say it: logged as it comes, and never for an attempt that is dead. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createRuntime,
  defineAgent,
  getUserInput,
  type LogEvent,
  openai,
  type Store,
  sqliteStore,
} from '../../src/index.ts';
import { logOf, untilEvent } from '../kit/events.ts';
import { folderFor } from '../kit/folder.ts';
import { testRuntime } from '../kit/runtime.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { ask } from '../kit/turns.ts';

const text = 'One word after the other. '.repeat(12);

const slowly = { name: 'drip', everyMs: 30 } as const;

const speaker = (baseURL: string) => [
  defineAgent({
    name: 'Desk',
    model: openai('gpt-4o-mini', { baseURL, apiKey: 'test' }),
    tools: [getUserInput()],
  }),
];

function said(events: readonly LogEvent[]): string {
  return events.map((event) => (event.type === 'text.delta' ? event.text : '')).join('');
}

/** The events of each type, as positions in the log. */
function positions(events: readonly LogEvent[], ...types: LogEvent['type'][]): number[] {
  return events.flatMap(({ type, seq }) => (types.includes(type) ? [seq] : []));
}

function assertDense(events: readonly LogEvent[]): void {
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
}

test('a reply is in the log while it is said, and none of it after the reply', async (t) => {
  const agents = { Desk: [{ calls: [ask('g', 'city')], text, fault: slowly }, 'done'] };
  const { runtime } = await testRuntime(t, agents, speaker);
  const run = await runtime.start({ message: 'Trip' });
  const events = await logOf(runtime, run.id);
  assertDense(events);
  const deltas = positions(events, 'text.delta', 'arguments.delta');
  assert.ok(deltas.length > 2, `${deltas.length} deltas`);
  assert.ok(text.startsWith(said(events)) && said(events).length > 20);
  const [called = 0] = positions(events, 'model.called');
  const [replied = 0] = positions(events, 'model.replied');
  assert.ok(deltas.every((seq) => called < seq && seq < replied));
  const reply = events[replied - 1];
  assert.ok(reply?.type === 'model.replied');
  assert.equal(reply.text, text);
  assert.equal(reply.calls[0]?.arguments, ask('g', 'city').arguments);
  const pieces = events.flatMap((one) => (one.type === 'arguments.delta' ? one : []));
  assert.ok(pieces.every(({ index }) => index === 0));
  assert.ok(reply.calls[0]?.arguments.startsWith(pieces.map((one) => one.text).join('')));
});

test('a runtime that wants no deltas logs none', async (t) => {
  const agents = { Desk: [{ text, fault: slowly }] };
  const { runtime } = await testRuntime(t, agents, speaker, { deltas: false });
  const run = await runtime.start({ message: 'Trip' });
  const events = await logOf(runtime, run.id);
  assert.deepEqual(positions(events, 'text.delta'), []);
  assert.equal(events.at(-1)?.type, 'run.completed');
});

test('nothing is said any more once the run is cancelled', async (t) => {
  const agents = { Desk: [{ text: text.repeat(10), fault: slowly }] };
  const { runtime } = await testRuntime(t, agents, speaker);
  const run = await runtime.start({ message: 'Trip', wait: false });
  await untilEvent(runtime, run.id, 'text.delta');
  await runtime.cancel(run.id);
  const events = await logOf(runtime, run.id);
  await sleep(300);
  assert.deepEqual(await logOf(runtime, run.id), events);
  assert.equal(events.at(-1)?.type, 'run.cancelled');
  assertDense(events);
});

test('a stream that was cut is taken back before the next one is said', async (t) => {
  const cut = { name: 'cut', afterBytes: 5_000, how: 'reset', times: 1 } as const;
  const agents = { Desk: [{ text, fault: [slowly, cut] }] };
  const { runtime } = await testRuntime(t, agents, speaker);
  const run = await runtime.start({ message: 'Trip' });
  assert.equal(run.status, 'completed');
  const events = await logOf(runtime, run.id);
  assertDense(events);
  const [restarted = 0, ...others] = positions(events, 'model.restarted');
  assert.deepEqual(others, []);
  assert.ok(said(events.slice(0, restarted)).length > 0);
  assert.ok(said(events.slice(restarted)).length > 0);
  assert.ok(text.startsWith(said(events.slice(restarted))));
});

test('what another model says takes back what the first one said', async (t) => {
  const cut = { name: 'cut', afterBytes: 5_000, how: 'reset' } as const;
  const broken = await startStrictModel({
    agents: { Desk: [{ text: 'no '.repeat(99), fault: [slowly, cut] }] },
  });
  t.after(() => broken.close());
  const teams = (baseURL: string) => {
    const fallback = [openai('b', { baseURL, apiKey: 'test' })];
    const model = openai('a', { baseURL: broken.url, apiKey: 'test', fallback });
    return [defineAgent({ name: 'Desk', model })];
  };
  const { runtime } = await testRuntime(t, { Desk: [{ text, fault: slowly }] }, teams);
  const run = await runtime.start({ message: 'Trip' });
  const events = await logOf(runtime, run.id);
  const [restarted = 0] = positions(events, 'model.restarted');
  assert.ok(said(events.slice(0, restarted)).startsWith('no '));
  assert.ok(text.startsWith(said(events.slice(restarted))) && restarted > 0);
});

test('the attempt after a restart first takes back what the dead one said', async (t) => {
  const agents = { Desk: [{ text, fault: slowly }] };
  const kit = await testRuntime(t, agents, speaker);
  const run = await kit.runtime.start({ message: 'Trip', wait: false });
  await untilEvent(kit.runtime, run.id, 'text.delta');
  const later = await kit.reopen();
  await untilEvent(later, run.id, 'run.completed');
  const events = await logOf(later, run.id);
  assertDense(events);
  assert.equal(positions(events, 'model.called').length, 1);
  const [restarted = 0, ...others] = positions(events, 'model.restarted');
  assert.deepEqual(others, []);
  assert.ok(said(events.slice(0, restarted)).length > 0);
  assert.ok(text.startsWith(said(events.slice(restarted))));
});

test('a log that cannot be written does not fail the model call', async (t) => {
  const model = await startStrictModel({ agents: { Desk: [{ text, fault: slowly }] } });
  const store: Store = {
    ...sqliteStore(folderFor(t)('runs.db')),
    appendLog: () => Promise.reject(new Error('no room')),
  };
  const reported: unknown[] = [];
  const runtime = await createRuntime({
    teams: speaker(model.url),
    store,
    onError: (error) => reported.push(error),
  });
  t.after(async () => {
    await runtime.close();
    await model.close();
  });
  const run = await runtime.start({ message: 'Trip' });
  assert.equal(run.status === 'completed' && run.content, text);
  assert.deepEqual(reported.map(String), ['Error: no room']);
});

test('a call that was ended, or begun again, adds nothing to the log', async (t) => {
  const agents = { Desk: [{ text, fault: slowly }] };
  const model = await startStrictModel({ agents });
  const inner = sqliteStore(folderFor(t)('runs.db'));
  const late: Parameters<Store['appendLog']>[0][number][] = [];
  const store: Store = {
    ...inner,
    appendLog: async (said) => {
      late.push(...said);
      const older = said.map(({ effect, log }) => ({ effect: { ...effect, attempt: 0 }, log }));
      await inner.appendLog(older);
    },
  };
  const runtime = await createRuntime({ teams: speaker(model.url), store });
  t.after(async () => {
    await runtime.close();
    await model.close();
  });
  const run = await runtime.start({ message: 'Trip' });
  assert.ok(late.length > 2);
  await inner.appendLog(late);
  const events = await logOf(runtime, run.id);
  assertDense(events);
  assert.equal(said(events), '');
  assert.equal(run.lastSeq, events.length);
});
