/** Runs that go on while as many are at work as may be: they wait for a place, and nothing is lost. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Runtime, StartOptions, TenantRuntime } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { rowsOf } from '../kit/changing.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { effectsIn, until } from '../kit/retries.ts';
import { openQuestions } from '../kit/runtime.ts';
import { held } from '../kit/served.ts';
import { ask } from '../kit/turns.ts';

type Options = NonNullable<Parameters<typeof pausingRuntime>[2]>;

/** Runs whose model, once they are answered, says nothing before it is let. */
async function gated(t: TestContext, options: Options, first: Turn = [ask('g', 'city')]) {
  const asked: string[] = [];
  const gates = new Map<string, () => void>();
  const last: Turn = async ({ messages }) => {
    const who = String(messages.find(({ role }) => role === 'user')?.content);
    const { promise, resolve } = Promise.withResolvers<void>();
    gates.set(who, resolve);
    asked.push(who);
    await promise;
    return `done ${who}`;
  };
  const kit = await pausingRuntime(t, { Desk: [first, last] }, options);
  const letGo = async (who: string) => (await until(() => gates.get(who)))();
  t.after(() => {
    for (const open of gates.values()) open();
  });
  return { kit, asked, letGo };
}

/** A run that waits for its answer. */
async function paused(runtime: TenantRuntime, message: string) {
  const run = await runtime.start({ message });
  const [question] = openQuestions(run);
  return { id: run.id, answers: { [question?.id ?? '']: { city: 'Rome' } } };
}

async function sentenceOf(runtime: TenantRuntime, runId: string): Promise<string> {
  return (await runtime.explain(runId)).sentence;
}

function heldBackIn(runtime: Runtime, count: number) {
  return until(async () => ((await runtime.figures()).heldBack === count ? true : undefined));
}

const waits = 'The run waits for its turn: as many runs are at work as may be.';

test('answered runs wait for a place, the first come first, and one tenant blocks no other', async (t) => {
  const { kit, asked, letGo } = await gated(t, { runsAtOnce: 2, runsPerTenant: 1 });
  const { runtime } = kit;
  const [acme, globex, initech] = ['acme', 'globex', 'initech'].map((tenantId) =>
    runtime.as({ tenantId }),
  );
  assert.ok(acme && globex && initech);
  const runs = [
    [acme, await paused(acme, 'A1')],
    [acme, await paused(acme, 'A2')],
    [acme, await paused(acme, 'A3')],
    [globex, await paused(globex, 'G1')],
    [initech, await paused(initech, 'I1')],
  ] as const;
  const ends = [];
  for (const [index, [tenant, { id, answers }]] of runs.entries()) {
    assert.equal((await tenant.resume(id, answers, { wait: false })).status, 'working');
    ends.push(tenant.resume(id, answers));
    await heldBackIn(runtime, [0, 1, 2, 2, 3][index] as number);
  }
  await until(() => (asked.length === 2 ? true : undefined));
  assert.deepEqual(asked, ['A1', 'G1']);
  assert.equal(await sentenceOf(acme, runs[1][1].id), waits);
  assert.match(await sentenceOf(globex, runs[3][1].id), /^The run is at work/);
  await assert.rejects(acme.start({ message: 'A4' }), { code: 'too_many_runs' });
  await letGo('G1');
  await until(() => (asked.length === 3 ? true : undefined));
  assert.deepEqual(asked.slice(2), ['I1'], 'it need not wait for the other tenant');
  for (const who of ['A1', 'A2', 'A3', 'I1']) await letGo(who);
  assert.deepEqual(
    (await Promise.all(ends)).map((run) => run.status === 'completed' && run.content),
    ['done A1', 'done A2', 'done A3', 'done G1', 'done I1'],
  );
  assert.deepEqual(asked, ['A1', 'G1', 'I1', 'A2', 'A3']);
  assert.equal((await runtime.figures()).heldBack, 0);
  await acme.start({ message: 'A4' });
});

test('runs that a restart takes up wait too, and those that waited before are among them', async (t) => {
  const { kit, asked, letGo } = await gated(t, { runsAtOnce: 1 });
  const runs = [await paused(kit.runtime, 'One'), await paused(kit.runtime, 'Two')];
  for (const { id, answers } of runs) await kit.runtime.resume(id, answers, { wait: false });
  await heldBackIn(kit.runtime, 1);
  const cut = kit.runtime.resume(runs[1]?.id ?? '', {});
  const refused = assert.rejects(cut, { code: 'runtime_closed' });
  const runtime = await kit.reopen();
  await refused;
  await heldBackIn(runtime, 1);
  await until(() => (asked.length === 2 ? true : undefined));
  assert.deepEqual(asked, ['One', 'One']);
  const closing = runtime.close();
  await letGo('One');
  await closing;
  const last = await kit.reopen();
  await letGo('Two');
  for (const { id } of runs) assert.equal((await last.resume(id, {})).status, 'completed');
  const attempts = effectsIn(kit.db).map(({ attempt }) => attempt);
  assert.deepEqual(attempts.sort(), [1, 1, 1, 2], 'what closes lets nobody in');
});

test('a run that waits for a place can be cancelled, and its time there is nobody’s work', async (t) => {
  const { kit, asked, letGo } = await gated(t, { runsAtOnce: 1 });
  const { runtime } = kit;
  const [one, two] = [await paused(runtime, 'One'), await paused(runtime, 'Two')];
  const began = Date.now();
  const three = await paused(runtime, 'Three');
  for (const run of [one, two, three]) await runtime.resume(run.id, run.answers, { wait: false });
  await heldBackIn(runtime, 2);
  assert.equal((await runtime.cancel(two.id)).status, 'cancelled');
  await heldBackIn(runtime, 1);
  const heldAt = Date.now();
  await sleep(250);
  const heldMs = Date.now() - heldAt;
  await letGo('One');
  await letGo('Three');
  assert.equal((await runtime.resume(three.id, {})).status, 'completed');
  const atMost = Date.now() - began - heldMs;
  assert.deepEqual(asked, ['One', 'Three']);
  const rows = rowsOf(kit.db)['run'] as { id: string; worked_ms: number }[];
  const worked = rows.find(({ id }) => id === three.id)?.worked_ms ?? Number.NaN;
  assert.ok(worked <= atMost + 20, `it worked for ${worked} ms, and could for ${atMost}`);
});

test('the deadlines of a run that waits for a place hold', async (t) => {
  const { kit, letGo } = await gated(
    t,
    { runsAtOnce: 1, tools: { deadlineMs: 300 } },
    ({ messages }) =>
      messages.some(({ content }) => content === 'Vote')
        ? [call('send', { to: 'Ann' }, 's'), call('vote', { topic: 'x' }, 'v')]
        : [ask('g', 'city')],
  );
  const { runtime } = kit;
  const other = await paused(runtime, 'One');
  const run = await runtime.start({ message: 'Vote' });
  await runtime.resume(other.id, other.answers, { wait: false });
  const send = openQuestions(run).find(({ toolCallId }) => toolCallId === 's');
  await runtime.resume(run.id, { [send?.id ?? '']: { approved: true } }, { wait: false });
  await heldBackIn(runtime, 1);
  for await (const { type } of runtime.events(run.id)) if (type === 'question.expired') break;
  assert.deepEqual(kit.written, []);
  assert.equal(await sentenceOf(runtime, run.id), waits);
  await letGo('One');
  await letGo('Vote');
  assert.equal((await runtime.resume(run.id, {})).status, 'completed');
  assert.deepEqual(kit.written, ['send Ann']);
});

test('a start that begins nothing gives its place back', async (t) => {
  const { asked, letGo, turn } = held('done');
  t.after(letGo);
  const { runtime } = await pausingRuntime(
    t,
    { Desk: [[ask('g', 'city')]], QueueDesk: [[ask('g', 'city')]], CancelDesk: [turn] },
    { runsAtOnce: 2 },
  );
  const said = { message: 'One', messageId: 'm1', sessionId: 's1' };
  const { id } = await runtime.start(said);
  await assert.rejects(runtime.start({ ...said, messageId: 'm2' }), { code: 'run_paused' });
  const slow = { message: 'Slow', messageId: 'm3', sessionId: 's2', team: 'CancelDesk' };
  const runs = [runtime.start(slow)];
  await asked;
  runs.push(runtime.start(slow));
  // Whether something is to begin is known a moment after it was asked for.
  const start = (options: StartOptions) =>
    until(() => runtime.start(options).catch(() => undefined));
  await start({ ...said, messageId: 'm4', team: 'QueueDesk', wait: false });
  assert.equal((await start({ message: 'Two' })).status, 'input_required');
  letGo();
  const [one, again] = await Promise.all(runs);
  assert.equal(one?.id, again?.id, 'the same message again');
  assert.equal((await runtime.cancel(id)).status, 'cancelled');
});
