/** What tenants have in common though nothing is shared: ids in requests about runs of one's own, and keys. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../server/app.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';

const pays: readonly Turn[] = [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'done'];

async function served(t: TestContext) {
  const kit = await pausingRuntime(t, { Desk: pays });
  const app = createApp(kit.runtime, {
    auth: ({ headers }) => ({
      userId: headers.get('x-user') ?? 'u',
      tenantId: headers.get('x-tenant') ?? 'acme',
    }),
  });
  const asked = async (method: string, path: string, who: object, body?: object) => {
    const response = await app.request(path, {
      method,
      headers: { ...who, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };
  return { kit, asked };
}

const globex = { 'x-tenant': 'globex', 'x-request-id': 'req_of_test' };
const acme = { ...globex, 'x-tenant': 'acme' };

test("another tenant's question in a run of one's own is one that never was", async (t) => {
  const { kit, asked } = await served(t);
  const ann = kit.runtime.as({ tenantId: 'acme' });
  const foreign = await ann.start({ message: 'Pay', sessionId: 'ses_1' });
  const own = await kit.runtime
    .as({ tenantId: 'globex' })
    .start({ message: 'Pay', sessionId: 'ses_1' });
  const never = 'q_000000000000000000000000_1_0';
  const requests = (id: string) =>
    [
      ['/resume', { run_id: own.id, answers: { [id]: { approved: true } } }],
      ['/resume', { run_id: own.id, answers: { [id]: null } }],
      [
        '/resume',
        {
          run_id: own.id,
          approved_queries: [{ field_name: 'approved', query: true, question_id: id }],
        },
      ],
      [
        '/agui/Desk',
        {
          threadId: 'ses_1',
          runId: 'r1',
          messages: [],
          resume: [{ interruptId: id, status: 'resolved', payload: { approved: true } }],
        },
      ],
    ] as const;
  const theirs = questionOf(foreign, 'p').id;
  for (const [index, [path, body]] of requests(theirs).entries()) {
    const expected = await asked('POST', path, globex, requests(never)[index]?.[1]);
    const answered = await asked('POST', path, globex, body);
    assert.match(expected.text, /question_not_(open|found)/, path);
    const told = answered.text.replaceAll(theirs, never);
    const at = /"timestamp":\d+/g;
    assert.equal(told.replaceAll(at, ''), expected.text.replaceAll(at, ''), path);
    assert.equal(answered.status, expected.status);
  }
  assert.deepEqual(await ann.get(foreign.id), foreign);
  assert.equal(kit.written.length, 0, 'nobody was paid');
});

test('the same key of two tenants is two keys', async (t) => {
  const { kit, asked } = await served(t);
  const key = { 'idempotency-key': 'key-of-both' };
  const [chat, other] = [{ message: 'Pay' }, { message: 'Pay more' }];
  const first = await asked('POST', '/chat', { ...acme, ...key }, chat);
  for (const [tenant, body] of [
    [globex, chat],
    [{ 'x-tenant': 'initech' }, other],
  ] as const) {
    const theirs = await asked('POST', '/chat', { ...tenant, ...key }, body);
    assert.equal(theirs.status, 200);
    assert.equal(theirs.headers.get('idempotency-replayed'), null);
    assert.notEqual(JSON.parse(theirs.text).run_id, JSON.parse(first.text).run_id);
    const again = await asked('POST', '/chat', { ...tenant, ...key }, body);
    assert.deepEqual(
      [again.text, again.headers.get('idempotency-replayed')],
      [theirs.text, 'true'],
    );
  }
  const again = await asked('POST', '/chat', { ...acme, ...key }, chat);
  assert.equal(again.text, first.text);
  const path = `/runs/${JSON.parse(first.text).run_id}/cancel`;
  const cancelled = await asked('POST', path, { ...acme, ...key });
  assert.equal(cancelled.status, 200);
  const foreign = await asked('POST', path, { ...globex, ...key });
  assert.deepEqual([foreign.status, foreign.headers.get('idempotency-replayed')], [404, null]);
  for (const [tenantId, runs] of [
    ['acme', 1],
    ['globex', 1],
    ['initech', 1],
  ] as const) {
    assert.equal((await kit.runtime.as({ tenantId }).list()).length, runs, tenantId);
  }
});

test('the users of one tenant share its runs', async (t) => {
  const { kit, asked } = await served(t);
  const run = await kit.runtime.as({ tenantId: 'acme', userId: 'ann' }).start({ message: 'Pay' });
  const bob = { ...acme, 'x-user': 'bob' };
  assert.equal((await asked('GET', `/runs/${run.id}`, bob)).status, 200);
  assert.match((await asked('GET', '/runs', bob)).text, new RegExp(run.id));
  assert.equal((await asked('POST', `/runs/${run.id}/cancel`, bob)).status, 200);
});
