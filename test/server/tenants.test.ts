/**
 * No route tells one tenant of another: whatever id of another tenant stands in a request, the answer
 * is that to an id which never was. The routes are the app's own, so a new one needs its line here.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Hono } from 'hono';
import { createApp } from '../../server/app.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';

/** An id of every kind that a tenant has. */
interface Ids {
  readonly run: string;
  readonly question: string;
  readonly session: string;
  readonly approval: string;
  readonly token: string;
}

interface Asked {
  readonly path: string;
  readonly body?: unknown;
  /** What everybody is answered, whosever the id is. */
  readonly status: number;
}

const unknown: Ids = {
  run: 'run_000000000000000000000000',
  question: 'q_000000000000000000000000_1_0',
  session: 'ses_none',
  approval: 'ra_q_111111111111111111111111_1_0',
  token: 'x'.repeat(43),
};

const said = { id: 'u1', role: 'user', content: 'Pay' };

/** Requests by route, one for each place where an id may stand; none where none can. */
const matrix: Readonly<Record<string, (ids: Ids) => readonly Asked[]>> = {
  'GET /': () => [],
  'GET /assets/:name': () => [],
  'GET /health': () => [],
  'GET /ready': () => [],
  'GET /docs': () => [],
  'GET /docs.css': () => [],
  'GET /agui/capabilities': () => [],
  'GET /openapi.json': () => [],
  'GET /teams': () => [],
  'GET /teams/:name/chart': () => [],
  'GET /charts/:kind': () => [],
  'POST /chat': ({ session }) => [
    { path: '/chat', body: { message: 'Pay', session_id: session }, status: 200 },
  ],
  // A thread and a chat are sessions; what these doors refuse, they refuse in their streams.
  'POST /agui/:team': ({ session, question }) => [
    { path: '/agui/Desk', body: { threadId: session, runId: 'r1', messages: [said] }, status: 200 },
    {
      path: '/agui/Desk',
      body: {
        threadId: session,
        runId: 'r2',
        messages: [],
        resume: [{ interruptId: question, status: 'resolved', payload: { approved: true } }],
      },
      status: 200,
    },
  ],
  'POST /ai/:team': ({ session }) => [
    {
      path: '/ai/Desk',
      body: {
        id: session,
        messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Pay' }] }],
      },
      status: 200,
    },
  ],
  'POST /resume': ({ run, question }) => [
    { path: '/resume', body: { run_id: run, answers: {} }, status: 404 },
    {
      path: '/resume',
      body: { run_id: run, answers: { [question]: { approved: true } } },
      status: 404,
    },
    {
      path: '/resume',
      body: { run_id: run, approved_queries: [{ field_name: 'approved', query: true }] },
      status: 404,
    },
  ],
  'GET /runs': ({ run, session }) => [
    { path: `/runs?after=${run}`, status: 404 },
    { path: `/runs?session_id=${session}`, status: 200 },
  ],
  'GET /runs/:id': ({ run }) => [{ path: `/runs/${run}`, status: 404 }],
  'GET /runs/:id/messages': ({ run }) => [
    { path: `/runs/${run}/messages`, status: 404 },
    { path: `/runs/${run}/messages?agent=`, status: 404 },
  ],
  'GET /runs/:id/events': ({ run }) => [
    { path: `/runs/${run}/events`, status: 404 },
    { path: `/runs/${run}/events?after=3`, status: 404 },
  ],
  'GET /runs/:id/explain': ({ run }) => [{ path: `/runs/${run}/explain`, status: 404 }],
  'GET /runs/:id/revisions': ({ run }) => [
    { path: `/runs/${run}/revisions`, status: 404 },
    { path: `/runs/${run}/revisions?after=1&limit=1`, status: 404 },
  ],
  'POST /runs/:id/cancel': ({ run }) => [{ path: `/runs/${run}/cancel`, status: 404 }],
  'GET /questions': ({ run, question, session }) => [
    { path: `/questions?run_id=${run}`, status: 200 },
    { path: `/questions?session_id=${session}&status=open`, status: 200 },
    { path: `/questions?after=${question}`, status: 404 },
  ],
  'POST /questions/:id/assign': ({ question }) => [
    { path: `/questions/${question}/assign`, body: { assignee: 'eve' }, status: 404 },
  ],
  'POST /questions/:id/claim': ({ question }) => [
    { path: `/questions/${question}/claim`, status: 404 },
  ],
  'POST /questions/:id/release': ({ question }) => [
    { path: `/questions/${question}/release`, status: 404 },
  ],
  'GET /sessions/:id/approvals': ({ session }) => [
    { path: `/sessions/${session}/approvals`, status: 200 },
  ],
  'DELETE /approvals/:id': ({ approval }) => [{ path: `/approvals/${approval}`, status: 404 }],
  // Of these the token is the whole authentication: there is no foreign one, only spent and unknown.
  'POST /answer': ({ token }) => [
    { path: '/answer', body: { token, answer: { approved: true } }, status: 403 },
  ],
  'POST /answer/question': ({ token }) => [
    { path: '/answer/question', body: { token }, status: 403 },
  ],
};

/** The routes of an app, without what stands before all of them. */
function routesOf(app: Hono): string[] {
  const all = app.routes.filter(({ method }) => method !== 'ALL');
  return [...new Set(all.map(({ method, path }) => `${method} ${path}`))].sort();
}

const pays: readonly Turn[] = [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'done'];

/** A tenant with an id of every kind, and an app that believes the headers of a request. */
async function served(t: TestContext) {
  // How often a model's words are logged is chance.
  const kit = await pausingRuntime(t, { Desk: pays }, { deltas: false });
  const ann = kit.runtime.as({ tenantId: 'acme', userId: 'ann' });
  const first = await ann.start({ message: 'Pay', sessionId: 'ses_acme' });
  const spent = await ann.createAnswerToken(questionOf(first, 'p').id);
  await kit.runtime.answerByToken(spent.token, { approved: true, remember: true });
  await ann.resume(first.id, {});
  const [approval] = await ann.rememberedApprovals('ses_acme');
  const other = await ann.start({ message: 'Pay', sessionId: 'ses_open' });
  const ids = {
    run: other.id,
    question: questionOf(other, 'p').id,
    session: 'ses_acme',
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
  const isEndless = route.endsWith('/events') && response.status === 200;
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
