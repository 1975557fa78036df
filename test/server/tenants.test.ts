/**
 * No route tells one tenant of another: whatever id of another tenant stands in a request, the answer
 * is that to an id which never was. The routes are the app's own, so a new one needs its line in the
 * matrix of `every-id.ts`.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Hono } from 'hono';
import { createApp } from '../../server/app.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { type Asked, type Ids, matrix, unknown } from './every-id.ts';

/** The routes of an app, without what stands before all of them. */
function routesOf(app: Hono): string[] {
  const all = app.routes.filter(({ method }) => method !== 'ALL');
  return [...new Set(all.map(({ method, path }) => `${method} ${path}`))].sort();
}

const pays: readonly Turn[] = [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'done'];

/** A tenant with an id of every kind, and an app that believes the headers of a request. */
async function served(t: TestContext) {
  // How often a model's words are logged is chance.
  const scripts = { Desk: pays, CancelDesk: [() => new Promise<never>(() => undefined)] };
  const kit = await pausingRuntime(t, scripts, { deltas: false });
  const ann = kit.runtime.as({ tenantId: 'acme', userId: 'ann' });
  const first = await ann.start({ message: 'Pay', sessionId: 'ses_acme' });
  const spent = await ann.createAnswerToken(questionOf(first, 'p').id);
  await kit.runtime.answerByToken(spent.token, { approved: true, remember: true });
  await ann.resume(first.id, {});
  const [approval] = await ann.rememberedApprovals('ses_acme');
  const other = await ann.start({ message: 'Pay', sessionId: 'ses_open' });
  const busy = { message: 'Wait', sessionId: 'ses_busy', team: 'CancelDesk', wait: false };
  await ann.start(busy);
  const ids = {
    run: other.id,
    question: questionOf(other, 'p').id,
    session: 'ses_acme',
    open: 'ses_open',
    busy: busy.sessionId,
    approval: approval?.id ?? '',
    token: spent.token,
  };
  const app = createApp(kit.runtime, {
    auth: ({ headers }) => ({ userId: 'u', tenantId: headers.get('x-tenant') ?? 'default' }),
  });
  return { kit, ann, app, ids, run: other };
}

/** What was answered, with ids and times of its own left out. */
async function answerTo(app: Hono, tenant: string, route: string, asked: Asked, ids: Ids) {
  const { path, body } = asked;
  const response = await app.request(path, {
    method: route.split(' ')[0] ?? '',
    headers: {
      'x-tenant': tenant,
      'x-request-id': 'req_of_test',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // Its own run is followed as long as it lives.
  const isEndless = /\/(events|stream)$/.test(route) && response.status === 200;
  if (isEndless) await response.body?.cancel();
  const text = Object.entries(ids).reduce(
    (said, [kind, id]) => said.replaceAll(id, `<${kind}>`),
    isEndless ? '' : await response.text(),
  );
  return {
    status: response.status,
    headers: [...response.headers],
    body: text
      .replaceAll(/(run|q)_[0-9a-f]{24}[\w:./-]*/g, '<new>')
      .replaceAll(/"timestamp":\d+/g, '')
      .replaceAll(/"arguments_hash":"\w+"/g, '')
      .replaceAll(/"20\d\d-[^"]*Z"/g, '"<time>"'),
  };
}

test('every route has its line in the matrix', async (t) => {
  const { app } = await served(t);
  assert.deepEqual(Object.keys(matrix).sort(), routesOf(app));
});

for (const [route, requests] of Object.entries(matrix)) {
  if (requests(unknown).length === 0) continue;
  test(`${route} answers to another tenant's id as to one that never was`, async (t) => {
    const { app, ann, ids, run } = await served(t);
    const remembered = await ann.rememberedApprovals('ses_acme');
    for (const tenant of ['globex', 'default']) {
      const [foreign, none] = [requests(ids), requests(unknown)];
      for (const [index, asked] of foreign.entries()) {
        const never = none[index] ?? asked;
        const expected = await answerTo(app, tenant, route, never, unknown);
        assert.equal(expected.status, asked.status, expected.body);
        assert.deepEqual(await answerTo(app, tenant, route, asked, ids), expected, asked.path);
      }
    }
    assert.deepEqual(await ann.get(run.id), run, 'the run is as it was');
    assert.deepEqual(await ann.rememberedApprovals('ses_acme'), remembered);
  });

  test(`${route} answers its own tenant otherwise`, async (t) => {
    const { app, ids } = await served(t);
    const answers = [];
    for (const asked of requests(ids)) answers.push(await answerTo(app, 'acme', route, asked, ids));
    const others = [];
    for (const asked of requests(ids))
      others.push(await answerTo(app, 'globex', route, asked, ids));
    if (route.includes('/answer')) assert.deepEqual(answers, others, 'a spent token is nobody’s');
    else assert.notDeepEqual(answers, others);
  });
}
