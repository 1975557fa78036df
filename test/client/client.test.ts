/** The client over real HTTP: what it sends, what it gives back, and what it is made of. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { serve } from '@hono/node-server';
import { CadenzaProblem, type ClientOptions, createClient, type RunBody } from 'cadenza/client';
import { Hono } from 'hono';
import { createApp } from '../../server/app.ts';
import { call } from '../../src/testing/index.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { ask } from '../kit/turns.ts';

const agents = {
  Desk: [[call('give', { amount: 1 }, 'g'), ask('a', 'city')], 'done'],
  QueueDesk: ['hello'],
};

/** A server below a prefix, a client of it for "ada", and the headers of every request. */
async function served(t: TestContext, options: Partial<ClientOptions> = {}) {
  const kit = await pausingRuntime(t, agents);
  const seen: Headers[] = [];
  const app = new Hono()
    .use(async (c, next) => {
      seen.push(c.req.raw.headers);
      await next();
    })
    .route(
      '/cadenza',
      createApp(kit.runtime, {
        auth: ({ headers }) => ({ userId: headers.get('x-user') ?? 'eve' }),
      }),
    );
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const baseURL = `http://127.0.0.1:${port}/cadenza/`;
  const client = createClient({ baseURL, headers: { 'x-user': 'ada' }, ...options });
  return { client, kit, seen };
}

function paused(run: RunBody) {
  if (run.status !== 'input_required') throw new Error(`The run is ${run.status}.`);
  return run;
}

test('a run is started, answered in both forms, and read, and every body has its type', async (t) => {
  const { client } = await served(t);
  const run = paused(await client.start({ message: 'Trip', session_id: 'ses_1' }));
  const give = run.questions.find(({ tool_call_id }) => tool_call_id === 'g');
  const half = paused(await client.resume(run.run_id, { [give?.id ?? '']: { note: 'x' } }));
  assert.equal(half.queries.length, 1);
  const end = await client.resume(run.run_id, [{ field_name: 'city', query: 'Rome' }]);
  assert.equal(end.status === 'completed' && end.final_content, 'done');
  assert.deepEqual(await client.get(run.run_id), end);
  await client.start({ message: 'Hi', team: 'QueueDesk' });
  const { runs, next } = await client.list({ limit: 1 });
  assert.deepEqual([runs.length, runs[0]?.team], [1, 'QueueDesk']);
  const more = await client.list({ limit: 1, after: next ?? '' });
  assert.deepEqual(more.runs, [end]);
  const { teams } = await client.teams();
  assert.deepEqual(
    teams.map(({ name, members }) => [name, members.length]),
    [
      ['Desk', 3],
      ['QueueDesk', 3],
      ['CancelDesk', 3],
    ],
  );
  const { agents: talk } = await client.messages(run.run_id, { agent: '' });
  assert.deepEqual(
    talk.map(({ agent, messages }) => [agent, messages.length]),
    [['Desk', 3]],
  );
  const { revision, actors } = await client.explain(run.run_id);
  assert.deepEqual(
    actors.map(({ kind, sentence }) => [kind, sentence]),
    [['agent', '"Desk" has reported.']],
  );
  const page = await client.revisions(run.run_id, { after: revision - 3, limit: 2 });
  assert.deepEqual(
    [...page.revisions.map((one) => one.revision), page.next],
    [revision - 2, revision - 1, revision - 1],
  );
  assert.equal((await client.chart('tool_call')).nodes[1]?.id, 'routing');
});

test('questions are listed, given, claimed and released, and a run is cancelled', async (t) => {
  const { client } = await served(t);
  const run = paused(await client.start({ message: 'Trip' }));
  const { questions } = await client.questions({ run_id: run.run_id });
  assert.deepEqual(questions, run.questions);
  const id = questions[0]?.id ?? '';
  assert.equal((await client.assign(id, 'bob')).assignee, 'bob');
  assert.equal((await client.assign(id, null)).assignee, undefined);
  assert.equal((await client.claim(id)).claimed_by, 'ada');
  assert.equal((await client.release(id)).claimed_by, undefined);
  assert.equal((await client.cancel(run.run_id)).status, 'cancelled');
  assert.deepEqual((await client.questions()).questions, []);
});

test('what the server refuses is thrown with its code, its values, and whether to try again', async (t) => {
  const { client, kit } = await served(t);
  const problem = async (promise: Promise<unknown>) => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof CadenzaProblem, String(error));
    return error;
  };
  const unknown = await problem(client.get('a/b?c'));
  assert.deepEqual(
    [unknown.status, unknown.code, unknown.retryable],
    [404, 'run_not_found', false],
  );
  assert.match(unknown.message, /"a\/b\?c"/, 'an id is no path');
  const run = paused(await client.start({ message: 'Trip' }));
  const wrong = await problem(client.resume(run.run_id, { [run.questions[0]?.id ?? '']: {} }));
  assert.equal(wrong.code, 'answer_invalid');
  assert.match(wrong.errors[0]?.pointer ?? '', /^\/answers\/q_/);
  await kit.runtime.close({ graceMs: 0 });
  const closed = await problem(client.list());
  assert.deepEqual([closed.code, closed.retryable], ['runtime_closed', true]);
  const answers = (status: number) =>
    createClient({ baseURL: '/x', fetch: async () => new Response('<html>', { status }) });
  const proxy = await problem(answers(502).list());
  assert.deepEqual([proxy.code, proxy.status, proxy.retryable], ['answer_unreadable', 502, true]);
  assert.equal((await problem(answers(404).list())).retryable, false);
});

test('keys, preferences and headers are sent, headers anew each time, and a signal gives up', async (t) => {
  let asked = 0;
  const { client, seen } = await served(t, {
    headers: async () => {
      asked += 1;
      return { 'x-user': `user-${asked}` };
    },
  });
  const run = await client.start(
    { message: 'Trip' },
    { idempotencyKey: 'key-of-chat', wait: false },
  );
  await client.cancel(run.run_id, { idempotencyKey: 'key-of-cancel' });
  const sent = (name: string) => seen.map((headers) => headers.get(name));
  assert.deepEqual(sent('idempotency-key'), ['key-of-chat', 'key-of-cancel']);
  assert.deepEqual(sent('prefer'), ['respond-async', null]);
  assert.deepEqual(sent('x-user'), ['user-1', 'user-2']);
  const reason = new Error('enough');
  await assert.rejects(client.list({}, { signal: AbortSignal.abort(reason) }), reason);
});

/** A fetch whose streams break after so many bytes, each time. */
function breaking(bytes: number): typeof fetch {
  return async (...request) => {
    const response = await fetch(...request);
    if (response.headers.get('content-type') !== 'text/event-stream') return response;
    let left = bytes;
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= chunk.length;
        if (left < 0) controller.error(new TypeError('terminated'));
      },
    });
    return new Response(response.body?.pipeThrough(cut), response);
  };
}

test('a run is followed from its start over its pause to its end, however often it breaks off', async (t) => {
  const { client } = await served(t, { fetch: breaking(3_000) });
  const { run_id } = await client.start({ message: 'Trip' }, { wait: false });
  const types: string[] = [];
  const seqs: number[] = [];
  for await (const event of client.events(run_id)) {
    types.push(event.type);
    seqs.push(event.seq);
    if (event.type !== 'run.paused') continue;
    const { questions } = paused(await client.get(run_id));
    const answers = questions.map(({ id, tool_call_id }) => {
      return [id, tool_call_id === 'g' ? { note: 'x' } : { city: 'Rome' }];
    });
    await client.resume(run_id, Object.fromEntries(answers), { wait: false });
  }
  assert.deepEqual([types[0], types.at(-1)], ['run.started', 'run.completed']);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => index + 1),
  );
  const { last_seq } = await client.get(run_id);
  assert.equal(seqs.length, last_seq);
});

test('the client brings nothing along: at run time it imports its own files only', () => {
  const folder = new URL('../../client/', import.meta.url);
  const files = readdirSync(folder);
  assert.ok(files.length > 3);
  for (const file of files) {
    const code = stripTypeScriptTypes(readFileSync(new URL(file, folder), 'utf8'));
    for (const [, from] of code.matchAll(/\bfrom '([^']+)'|\bimport\s*\(?'[^']*'/g)) {
      assert.match(from ?? '', /^\.\/[\w-]+\.ts$/, `${file} imports ${from}`);
    }
    assert.doesNotMatch(code, /\b(process|Buffer|require|node:)\b/, file);
  }
});
