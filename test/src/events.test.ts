/** Following a run: what was, then what comes, the same for every reader. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import {
  defineAgent,
  defineTeam,
  getUserInput,
  type LogEvent,
  openai,
  RequestError,
  type Runtime,
} from '../../src/index.ts';
import type { Turn } from '../../src/testing/index.ts';
import { logOf, untilEvent } from '../kit/events.ts';
import { openQuestions, testRuntime } from '../kit/runtime.ts';
import { ask, delegate } from '../kit/turns.ts';

const agents = {
  Desk: [[delegate('c1', 'A')], 'done'],
  A: [[ask('g', 'city'), ask('h', 'day')], 'A RESULT'],
} satisfies Record<string, readonly Turn[]>;

function desk(baseURL: string) {
  const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
  const member = defineAgent({ name: 'A', role: 'Asks.', model, tools: [getUserInput()] });
  return [defineTeam({ name: 'Desk', model, members: [member], whilePaused: 'queue' })];
}

const kitOf = (t: TestContext) => testRuntime(t, agents, desk);

async function read(events: AsyncIterable<LogEvent>): Promise<LogEvent[]> {
  const all: LogEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

async function answerAll(runtime: Runtime, runId: string) {
  const questions = openQuestions(await runtime.get(runId));
  const answers = questions.map(({ id, fields }) => [id, { [fields[0]?.name ?? '']: 'x' }]);
  return runtime.resume(runId, Object.fromEntries(answers));
}

test('a reader follows a run across its pause, and a late one is told the same', async (t) => {
  const { runtime } = await kitOf(t);
  const run = await runtime.start({ message: 'Trip', wait: false });
  assert.equal(run.status, 'working');
  assert.equal(run.lastSeq, 0);
  const live = read(runtime.events(run.id));
  await untilEvent(runtime, run.id, 'run.paused');
  await answerAll(runtime, run.id);
  const events = await live;
  assert.equal(events.at(-1)?.type, 'run.completed');
  assert.deepEqual(await read(runtime.events(run.id)), events);
  assert.deepEqual(await read(runtime.events(run.id, { after: 5 })), events.slice(5));
  assert.deepEqual(await read(runtime.events(run.id, { after: events.length })), []);
  const beyond = read(runtime.events(run.id, { after: events.length + 1 }));
  await assert.rejects(
    beyond,
    { code: 'event_unknown' },
    'it would wait for what is there already',
  );
  assert.equal((await runtime.get(run.id)).lastSeq, events.length);
});

test('an opened question and its calls tell enough to be shown', async (t) => {
  const { runtime } = await kitOf(t);
  const run = await runtime.start({ message: 'Trip' });
  const events = await logOf(runtime, run.id);
  const opened = events.flatMap((event) => (event.type === 'question.opened' ? event : []));
  assert.deepEqual(
    opened.map(({ question, agent, path }) => ({ ...question, askedBy: agent, path })),
    openQuestions(run).map((question) => {
      const { id, toolCallId, toolName, arguments: args, reason, prompt, fields } = question;
      const { askedBy, path } = question;
      return { id, toolCallId, toolName, arguments: args, reason, prompt, fields, askedBy, path };
    }),
  );
  const reply = events.find(({ type, agent }) => type === 'model.replied' && agent === 'Desk/A');
  assert.ok(reply?.type === 'model.replied');
  assert.deepEqual(
    reply.calls.map(({ id, path, name }) => [id, path, name]),
    [
      ['g', 'c1:A/g', 'get_user_input'],
      ['h', 'c1:A/h', 'get_user_input'],
    ],
  );
});

test('until it has settled, a reader is told what its answer brought, and the pause', async (t) => {
  const { runtime } = await kitOf(t);
  const { id } = await runtime.start({ message: 'Trip' });
  const [first, second] = openQuestions(await runtime.get(id));
  const answers = { [first?.id ?? '']: { city: 'Rome' } };
  const run = await runtime.resume(id, answers, { wait: false });
  const settled = { until: 'settled', after: run.lastSeq } as const;
  const types = async (after = run.lastSeq) =>
    (await read(runtime.events(id, { ...settled, after }))).map(({ type }) => type);
  assert.deepEqual(await types(), ['question.answered', 'call.answered', 'run.paused']);
  const again = await runtime.resume(id, answers, { wait: false });
  assert.deepEqual(await types(again.lastSeq), ['run.paused'], 'the same answer brings nothing');
  const last = await runtime.resume(id, { [second?.id ?? '']: { day: 'May' } }, { wait: false });
  const rest = await types(last.lastSeq);
  assert.deepEqual(
    [rest[0], rest[1], rest.at(-1)],
    ['question.answered', 'run.resumed', 'run.completed'],
  );
  const { lastSeq } = await runtime.get(id);
  assert.deepEqual(await types(lastSeq), ['run.completed']);
});

test('the pause of a run is found behind any number of migrations', async (t) => {
  const kit = await kitOf(t);
  const run = await kit.runtime.start({ message: 'Trip' });
  const migrated = 120;
  const db = new Database(kit.db);
  const add = db.prepare("INSERT INTO log VALUES (?, ?, ?, 'run.migrated', 'Desk', ?)");
  const data = JSON.stringify({ path: '', agents: {}, tools: {} });
  for (let n = 1; n <= migrated; n += 1) add.run(run.id, run.lastSeq + n, Date.now(), data);
  db.prepare('UPDATE run SET log_length = log_length + ?').run(migrated);
  db.close();
  const signal = AbortSignal.timeout(20_000);
  const settled = await read(kit.runtime.events(run.id, { until: 'settled', signal }));
  assert.deepEqual([settled.at(-1)?.type, settled.length], ['run.paused', run.lastSeq]);
});

test('a run that ends before it began has an end in its log', async (t) => {
  const { runtime } = await kitOf(t);
  const first = await runtime.start({ message: 'Trip' });
  const queued = await runtime.start({ message: 'Trip', sessionId: first.sessionId });
  const live = read(runtime.events(queued.id));
  const settled = read(runtime.events(queued.id, { until: 'settled' }));
  await runtime.cancel(queued.id);
  assert.deepEqual(
    (await live).map(({ seq, type }) => `${seq} ${type}`),
    ['1 run.cancelled'],
  );
  assert.deepEqual(await settled, await live);
  await runtime.cancel(first.id);
  const events = await logOf(runtime, first.id);
  const closed = events.slice(events.findIndex(({ type }) => type === 'run.paused') + 1);
  assert.deepEqual(
    closed.flatMap(({ type }) => (type === 'state.entered' ? [] : type)),
    [
      'question.cancelled',
      'call.answered',
      'question.cancelled',
      'call.answered',
      'member.ended',
      'call.answered',
      'run.cancelled',
    ],
  );
});

test('a reader ends with its signal, and with the runtime', async (t) => {
  const { runtime } = await kitOf(t);
  const run = await runtime.start({ message: 'Trip' });
  const stop = new AbortController();
  const aborted = read(runtime.events(run.id, { signal: stop.signal }));
  const closed = read(runtime.events(run.id));
  await untilEvent(runtime, run.id, 'run.paused');
  stop.abort();
  assert.equal((await aborted).at(-1)?.type, 'run.paused');
  await runtime.close();
  assert.deepEqual(await closed, await aborted);
});

test('there is nothing to follow of a run that is not there', async (t) => {
  const { runtime } = await kitOf(t);
  await assert.rejects(
    read(runtime.events('run_x')),
    (error) => error instanceof RequestError && error.code === 'run_not_found',
  );
});
