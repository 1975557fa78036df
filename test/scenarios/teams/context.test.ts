/** What a run is started with: for every tool at every depth, and the same after a pause. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import * as z from 'zod';
import { createApp } from '../../../server/app.ts';
import {
  defineAgent,
  defineTeam,
  defineTool,
  getUserInput,
  openai,
  RequestError,
} from '../../../src/index.ts';
import { call, type Turn } from '../../../src/testing/index.ts';
import { freshClient, lastRequest, questionBy } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, contentOf, modelCalls } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import type { WireBody } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';
import { sessionTeams } from '../../teams/sessions.ts';

const context = (id: string) => call('context', {}, id);

const agents = {
  Desk: [[delegate('c1', 'A'), context('l')], 'done'],
  A: [[context('m1')], [ask('g', 'city')], [context('m2')], 'A RESULT'],
} satisfies Record<string, readonly Turn[]>;

/** What each `context` call of an agent returned. */
function contexts(model: Parameters<typeof lastRequest>[0], agent: string): unknown[] {
  return lastRequest(model, agent).flatMap((line) => {
    const json = /^tool\[[lm]\d?\]: (.*)$/.exec(line)?.[1];
    return json === undefined ? [] : [JSON.parse(json)];
  });
}

test('every tool knows what its run was started with, also after a pause, whoever answers', async (t) => {
  const dependencies = { db: {}, mail: {}, other: {} };
  const kit = await testRuntime(t, agents, sessionTeams, { dependencies });
  const run = await kit.runtime.start({
    message: 'Trip',
    sessionId: 'ses_1',
    userId: 'ann',
    metadata: { tier: { gold: true }, tags: ['x', null] },
    dependencies: ['mail', 'db'],
  });
  const later = await kit.reopen();
  const answers = { [askedBy(run, 'A')]: { city: 'Rome' } };
  const end = await later.resume(run.id, answers, { userId: 'bob' });
  contentOf(end);
  const expected = {
    userId: 'ann',
    tenantId: 'default',
    metadata: { tier: { gold: true }, tags: ['x', null] },
    dependencies: ['mail', 'db'],
    sessionId: 'ses_1',
  };
  assert.deepEqual(contexts(kit.model, 'A'), [expected, expected]);
  assert.deepEqual(contexts(kit.model, 'Desk'), [expected]);
  assert.deepEqual([end.userId, end.metadata], ['ann', expected.metadata]);
});

test('the metadata of POST /chat reach a tool in another process than theirs', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/sessions.ts', agents });
  const metadata = { tier: 'gold' };
  const { body: run } = await client.post('/chat', { message: 'Trip', session_id: 's', metadata });
  await client.resume(run.run_id, { [questionBy(run, 'A')]: { city: 'Rome' } });
  const expected = { tenantId: 'default', metadata, dependencies: [], sessionId: 's' };
  assert.deepEqual(contexts(client.model, 'A'), [expected, expected]);
});

test('a mounted server says who starts a run, and with which dependencies', async (t) => {
  const kit = await testRuntime(t, agents, sessionTeams, { dependencies: { db: {}, mail: {} } });
  const send = async (path: string, user: string, body: unknown) => {
    const auth = ({ headers }: Request) => ({
      userId: headers.get('x-user') ?? '',
      tenantId: 'acme',
    });
    const app = createApp(kit.runtime, { auth, dependencies: ['db'] });
    const headers = { 'content-type': 'application/json', 'x-user': user };
    const response = await app.request(path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return (await response.json()) as WireBody;
  };
  const run = await send('/chat', 'ann', { message: 'Trip', session_id: 's' });
  await kit.reopen();
  const answers = { [questionBy(run, 'A')]: { city: 'Rome' } };
  const end = await send('/resume', 'bob', { run_id: run.run_id, answers });
  assert.equal(end.final_content, 'done');
  const who = { userId: 'ann', tenantId: 'acme' };
  const expected = { ...who, metadata: {}, dependencies: ['db'], sessionId: 's' };
  assert.deepEqual(contexts(kit.model, 'A'), [expected, expected]);
});

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

/** A team whose member writes into the dependency `db` after a pause. */
async function writingTeam(t: TestContext, first: Turn = [delegate('c1', 'A')]) {
  const written: string[] = [];
  const options: { dependencies: Record<string, unknown> } = { dependencies: { db: written } };
  const write = defineTool({
    name: 'write',
    description: 'Writes.',
    input: z.object({}),
    execute: (_, { dependencies }) => (dependencies['db'] as string[]).push('row'),
  });
  const script = {
    Desk: [first, 'done'],
    A: [[ask('g', 'city')], [call('write', {}, 'w')], 'A RESULT'],
  };
  const kit = await testRuntime(
    t,
    script,
    (baseURL) => {
      const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
      const member = defineAgent({ name: 'A', role: 'r', model, tools: [getUserInput(), write] });
      return [defineTeam({ name: 'Desk', model, members: [member] })];
    },
    {
      get dependencies() {
        return options.dependencies;
      },
    },
  );
  const start = { message: 'Trip', sessionId: 'ses_1', dependencies: ['db'] };
  return { kit, options, written, start };
}

test('a dependency that is missing after a restart is said before anything runs', async (t) => {
  const { kit, options, written, start } = await writingTeam(t);
  const run = await kit.runtime.start(start);
  const answers = { [askedBy(run, 'A')]: { city: 'Rome' } };
  const calls = kit.model.requests.length;
  options.dependencies = {};
  const without = await kit.reopen();
  await assert.rejects(without.resume(run.id, answers), {
    code: 'dependency_missing',
    message: `Run "${run.id}" uses the dependency "db", which this runtime was not given. The run is unchanged: create the runtime with it, and ask again.`,
  });
  const response = await createApp(without).request('/resume', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ run_id: run.id, answers }),
  });
  assert.equal(response.status, 503);
  assert.deepEqual(await without.get(run.id), run, 'the question is open as it was');
  assert.equal(kit.model.requests.length, calls);
  options.dependencies = { db: written };
  const back = await kit.reopen();
  contentOf(await back.resume(run.id, answers));
  assert.deepEqual(written, ['row']);
});

test('interrupted work waits for its dependency, and whoever waits for it is told', async (t) => {
  const began = Promise.withResolvers<void>();
  const slow: Turn = () => {
    began.resolve();
    return modelCalls({ model: kit.model }, 'Desk') === 1
      ? { text: 'never read', delayMs: 10_000 }
      : 'by myself';
  };
  const { kit, options, written, start } = await writingTeam(t, slow);
  const interrupted = assert.rejects(kit.runtime.start(start), refusal('runtime_closed'));
  await began.promise;
  options.dependencies = {};
  const without = await kit.reopen();
  await interrupted;
  const next = { message: 'Next', sessionId: 'ses_1' };
  const busy = await without.start(next).catch((error: RequestError) => error.message);
  const runId = /run_\w+/.exec(String(busy))?.[0] ?? '';
  await assert.rejects(without.resume(runId, {}), refusal('dependency_missing'));
  assert.equal(kit.model.requests.length, 1);
  options.dependencies = { db: written };
  const back = await kit.reopen();
  assert.equal(contentOf(await back.resume(runId, {})), 'by myself');
});

test('a run that lacks its dependency can still be cancelled', async (t) => {
  const { kit, options, start } = await writingTeam(t);
  const run = await kit.runtime.start(start);
  options.dependencies = {};
  const without = await kit.reopen();
  assert.equal((await without.cancel(run.id)).status, 'cancelled');
});

test('what a run cannot be started with is refused in words, and nothing is written', async (t) => {
  const { kit } = await writingTeam(t);
  await assert.rejects(kit.runtime.start({ message: 'Trip', dependencies: ['db', 'toString'] }), {
    code: 'dependency_unknown',
    message: 'The runtime has no dependency "toString".',
  });
  await assert.rejects(kit.runtime.start({ message: 'Trip', metadata: { id: 2n } }), {
    code: 'message_invalid',
    message: 'The metadata cannot be written as JSON.',
  });
  const metadata = { text: 'x'.repeat(100_001) };
  await assert.rejects(
    kit.runtime.start({ message: 'Trip', metadata }),
    refusal('message_invalid'),
  );
  assert.equal(kit.model.requests.length, 0);
});
