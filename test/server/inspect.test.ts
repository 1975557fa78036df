/** What Stately's inspector is told of runs: read with its own receiver. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { WebSocket } from 'ws';
import { startInspection } from '../../server/inspect/inspect.ts';
import { createRuntime, machineJson, openai, type Runtime, sqliteStore } from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import { startApp } from '../kit/app.ts';
import { until } from '../kit/asking.ts';
import { folderFor } from '../kit/folder.ts';
import { questionOf } from '../kit/pauses.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { ask, delegate } from '../kit/turns.ts';
import { post } from '../kit/wire.ts';
import { pausingTeam } from '../teams/pauses.ts';

const secrets = ['Sesame', 'Rosebud', 'Xanadu', 'Kane', 'Thatcher'];

const agents = {
  Desk: [[delegate('c1', 'A', 'Rosebud'), call('send', { to: 'Xanadu' }, 's')], 'Kane'],
  A: [[ask('g', 'city')], 'Kane'],
};

/** The messages of the relay at a url, from now on. */
function receive(t: TestContext, url: string): StatelyInspectionEvent[] {
  const seen: StatelyInspectionEvent[] = [];
  const receiver = createWebSocketReceiver({ server: url.replace('http', 'ws') });
  const { unsubscribe } = receiver.subscribe((message) => seen.push(message));
  t.after(unsubscribe);
  return seen;
}

async function desk(t: TestContext) {
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel({ agents });
  const open = async () => {
    const inspection = await startInspection(0, (error) => assert.fail(String(error)));
    const team = pausingTeam(openai('gpt-4o-mini', { baseURL: model.url, apiKey: 'test' }), {
      write: () => undefined,
    });
    const runtime = await createRuntime({
      teams: [team],
      store: inspection.watched(sqliteStore(db)),
    });
    await inspection.begin(runtime, db);
    return { inspection, runtime };
  };
  let now = await open();
  const close = async () => {
    now.inspection.close();
    await now.runtime.close({ graceMs: 0 });
  };
  t.after(async () => {
    await close();
    await model.close();
  });
  return {
    now: () => now,
    reopen: async () => {
      await close();
      now = await open();
      return now;
    },
  };
}

/** The last state of each actor, by its name. */
function states(seen: readonly StatelyInspectionEvent[]): Record<string, unknown> {
  const last: Record<string, unknown> = {};
  for (const message of seen) {
    if (message.type === '@xstate.event') continue;
    last[message.sessionId] = Object(message.snapshot).value;
  }
  return last;
}

/** What the runtime itself says, in the same form. */
async function standing(runtime: Runtime, runId: string): Promise<Record<string, unknown>> {
  const { actors } = await runtime.explain(runId);
  return Object.fromEntries(
    actors.map(({ path, state }) => [
      path === '' ? runId : `${runId}/${path}`,
      state.includes('.') ? { [`${state.split('.')[0]}`]: state.split('.')[1] } : state,
    ]),
  );
}

function definitions(seen: readonly StatelyInspectionEvent[]): Record<string, unknown> {
  return Object.fromEntries(
    seen.flatMap((one) =>
      one.type === '@xstate.actor' ? [[one.sessionId, JSON.parse(one.definition ?? 'null')]] : [],
    ),
  );
}

test('the inspector is shown the definitions, events and states of a run, and no contents', async (t) => {
  const kit = await desk(t);
  const { inspection, runtime } = kit.now();
  const seen = receive(t, inspection.url);
  const run = await runtime.start({ message: 'Sesame' });
  const at = (path: string) => `${run.id}/${path}`;
  await until(t, () => at('c1:A/g') in states(seen));
  assert.deepEqual(states(seen), await standing(runtime, run.id));
  const [agent, toolCall] = [machineJson('agent'), machineJson('toolCall')];
  assert.deepEqual(definitions(seen), {
    [run.id]: agent,
    [at('c1')]: toolCall,
    [at('c1:A')]: agent,
    [at('c1:A/g')]: toolCall,
    [at('s')]: toolCall,
  });
  const actors = seen.flatMap((one) =>
    one.type === '@xstate.actor' ? [[one.name, one.sessionId, one.parentId, one.rootId]] : [],
  );
  assert.deepEqual(actors, [
    [`Desk ${run.id}`, run.id, undefined, run.id],
    ['delegate_task_to_member', at('c1'), run.id, run.id],
    ['Desk/A', at('c1:A'), at('c1'), run.id],
    ['send', at('s'), run.id, run.id],
    ['get_user_input', at('c1:A/g'), at('c1:A'), run.id],
  ]);
  await runtime.resume(run.id, {
    [questionOf(run, 'g').id]: { city: 'Thatcher' },
    [questionOf(run, 's').id]: { approved: true },
  });
  await until(t, () => states(seen)[run.id] === 'done');
  assert.equal(states(seen)[at('c1:A')], 'done');
  assert.equal(states(seen)[at('s')], 'answered');
  const events = seen.flatMap((one) => (one.type === '@xstate.event' ? [one.event] : []));
  assert.ok(events.some(({ type }) => type === 'user.answered'));
  for (const event of events) assert.deepEqual(Object.keys(event), ['type']);
  const text = JSON.stringify(seen);
  for (const secret of secrets) assert.ok(!text.includes(secret), `"${secret}" left the runtime`);
});

test('a restored run is shown in its restored state, under the names that it had', async (t) => {
  const kit = await desk(t);
  const run = await kit.now().runtime.start({ message: 'Sesame' });
  const { inspection, runtime } = await kit.reopen();
  const seen = receive(t, inspection.url);
  const expected = await standing(runtime, run.id);
  await until(t, () => Object.keys(states(seen)).length === Object.keys(expected).length);
  assert.deepEqual(states(seen), expected);
  assert.deepEqual(states(seen)[run.id], { answeringCalls: 'awaitingUserInput' });
  await runtime.resume(run.id, { [questionOf(run, 's').id]: { approved: false } });
  await until(t, () => states(seen)[`${run.id}/s`] === 'answered');
  const late = receive(t, inspection.url);
  await until(t, () => Object.keys(states(late)).length === Object.keys(expected).length);
  assert.deepEqual(states(late), states(seen), 'who comes late sees the same');
});

test('runs of every tenant are shown, before a restart and after it', async (t) => {
  const kit = await desk(t);
  const acme = kit.now().runtime.as({ tenantId: 'acme' });
  const before = receive(t, kit.now().inspection.url);
  const run = await acme.start({ message: 'Sesame' });
  await until(t, () => `${run.id}/c1:A/g` in states(before));
  const { inspection, runtime } = await kit.reopen();
  const seen = receive(t, inspection.url);
  await until(t, () => `${run.id}/c1:A/g` in states(seen));
  await runtime.as({ tenantId: 'acme' }).cancel(run.id);
  await until(t, () => states(seen)[run.id] === 'cancelled');
});

test('a page of another site is refused, and the own page asks for nothing but the inspector', async (t) => {
  const kit = await desk(t);
  const { url } = kit.now().inspection;
  assert.match(url, /^http:\/\/127\.0\.0\.1:/);
  const foreign = new WebSocket(url.replace('http', 'ws'), { origin: 'https://evil.example' });
  const [error] = await once(foreign, 'error');
  assert.match(String(error), /401/);
  const page = await (await fetch(url)).text();
  assert.deepEqual(
    page.match(/https:\/\/[\w.]+/g)?.filter((one) => one !== 'https://stately.ai'),
    [],
  );
});

test('npm start -- --inspect shows the runs of the server', async (t) => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const model = await startStrictModel({ agents });
  t.after(() => model.close());
  const app = await startApp({
    team: 'test/teams/pauses.ts',
    db: folderFor(t)('runs.db'),
    model: model.url,
    args: ['--inspect'],
    env: { INSPECT_PORT: String(port) },
  });
  t.after(() => app.stop());
  const { body } = await post(app.url, '/chat', { message: 'Sesame' });
  const seen = receive(t, `http://127.0.0.1:${port}`);
  await until(t, () => `${body.run_id}/c1:A/g` in states(seen));
  assert.deepEqual(states(seen)[body.run_id], { answeringCalls: 'awaitingUserInput' });
});

test('a flag that there is not is refused with how to start', async (t) => {
  const start = startApp({
    db: folderFor(t)('runs.db'),
    model: 'http://127.0.0.1:9',
    args: ['--inspekt'],
  });
  await assert.rejects(
    start,
    /Unknown option '--inspekt'.*npm start -- \[team\.ts\] \[--inspect\]/s,
  );
});
