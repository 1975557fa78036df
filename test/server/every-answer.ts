/** Requests that bring about every answer of the contract; each answer is held against it. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { type AppOptions, createApp } from '../../server/app.ts';
import type { Runtime } from '../../src/index.ts';
import { ask, routes } from '../kit/contract.ts';
import { httpOf } from '../kit/local-http.ts';
import { type PausingRuntime, questionOf } from '../kit/pauses.ts';
import { frontEndBodies } from './every-front-end.ts';
import { answerBy, json, tokenFor } from './every-key.ts';

/** A path of the contract with an id that nothing has. */
export const filled = (path: string) => path.replaceAll(/\{\w+\}/g, 'nothing');

const bodies: Readonly<Record<string, object>> = {
  '/chat': { message: 'Hello' },
  '/resume': { run_id: 'run_none', answers: {} },
  '/questions/{id}/assign': { assignee: 'ada' },
  ...frontEndBodies,
  '/answer': { token: 'nothing', answer: {} },
  '/answer/question': { token: 'nothing' },
};

export function bodyFor(path: string): RequestInit {
  const headers = { 'x-user': 'ada' };
  const body = bodies[path];
  return body ? { body: JSON.stringify(body), headers: { ...headers, ...json } } : { headers };
}

/** The routes, for whom the header `x-user` names. */
export function known(runtime: Runtime) {
  return createApp(runtime, {
    auth: ({ headers }) => ({ userId: headers.get('x-user') ?? 'eve' }),
  });
}

/** Routes that say the same whatever happens: nothing that they do fails. */
export const still = ['getHealth', 'getContract', 'getDocs', 'getDocsStyle'];

/** Another site asks, and the server fails inside, on every route; and there is nothing there. */
export async function refuseEverywhere(runtime: Runtime): Promise<void> {
  const guarded = createApp(runtime);
  const bug = () => {
    throw new Error('a bug');
  };
  const failing = createApp(new Proxy(runtime, { get: bug }));
  const strict = createApp(runtime, { auth: () => undefined });
  const empty = createApp(runtime, { auth: () => ({ userId: '' }) });
  const full = createApp(runtime, { requestsPerTenant: 0 });
  for (const { method, path, operation } of routes) {
    const { status } = await ask(guarded, method, filled(path), {
      ...bodyFor(path),
      headers: { ...json, host: '127.0.0.1', origin: 'https://evil.example' },
    });
    assert.equal(status, 403);
    const failed = await ask(failing, method, filled(path), bodyFor(path));
    assert.equal(failed.status, still.includes(operation.operationId) ? 200 : 500);
    for (const app of [strict, empty, full]) await ask(app, method, filled(path), bodyFor(path));
  }
  const plain = known(runtime);
  for (const { method, path } of routes) {
    if (path !== '/chat') await ask(plain, method, filled(path), bodyFor(path));
  }
}

export async function refuseBodies(runtime: Runtime): Promise<void> {
  const app = createApp(runtime);
  const large = JSON.stringify({ message: 'x'.repeat(17_000_000) });
  for (const { method, path } of routes) {
    if (method !== 'GET') await ask(app, method, filled(path), { body: large, headers: json });
    if (!(path in bodies)) continue;
    const send = (body: string, headers: Record<string, string>) =>
      ask(app, method, filled(path), { body, headers });
    assert.equal((await send('{', json)).status, 400);
    assert.equal((await send('{}', { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await send('{"colour":"red"}', json)).status, 422);
  }
  for (const path of [
    '/runs',
    '/runs/nothing/messages',
    '/runs/nothing/revisions',
    '/questions',
    '/teams/Desk/chart',
  ]) {
    assert.equal((await ask(app, 'GET', `${path}?colour=red`)).status, 422);
  }
  await ask(app, 'GET', '/runs?after=nothing');
  await ask(app, 'GET', '/questions?after=nothing');
  await ask(app, 'GET', '/teams/Desk/chart');
  await ask(app, 'GET', '/teams/Desk/chart?format=json&chart=tool_call');
  await ask(app, 'GET', '/charts/agent');
}

export async function runsAndQuestions(kit: PausingRuntime): Promise<void> {
  const http = httpOf(kit.runtime);
  const chat = await http('POST', '/chat', { message: 'Work' });
  const run = await kit.runtime.get(String(chat.body['run_id']));
  const [s, v, p, g1] = ['s', 'v', 'p', 'g1'].map((callId) => questionOf(run, callId).id);
  const resume = (answers: object) => http('POST', '/resume', { run_id: run.id, answers });
  await http('POST', '/questions/nothing/claim', undefined, 'ada');
  for (const what of ['claim', 'release']) await http('POST', `/questions/${s}/${what}`);
  for (const user of ['ada', 'bob']) {
    for (const what of ['claim', 'release', 'claim']) {
      await http('POST', `/questions/${s}/${what}`, undefined, user);
    }
  }
  await http('POST', `/questions/${s}/assign`, { assignee: 'bob' });
  await resume({ [`${p}`]: { approved: true } });
  await resume({ [`${s}`]: { approved: 'perhaps' } });
  await resume({ nothing: { approved: true } });
  await http('POST', '/resume', {
    run_id: run.id,
    approved_queries: [{ field_name: 'city', query: 'Rome' }],
  });
  await resume({ [`${s}`]: { approved: true } });
  await resume({ [`${s}`]: { approved: false } });
  for (const what of ['claim', 'release'])
    await http('POST', `/questions/${s}/${what}`, undefined, 'bob');
  await http('POST', `/questions/${s}/assign`, { assignee: 'bob' });
  while ((await kit.runtime.questions({ runId: run.id, status: 'expired' })).length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await resume({ [`${v}`]: { approved: true } });
  await kit.runtime.resume(
    run.id,
    { [`${p}`]: { approved: true, remember: true } },
    { userId: 'ada' },
  );
  const [kept] = await kit.runtime.rememberedApprovals(run.sessionId);
  await http('GET', `/sessions/${run.sessionId}/approvals`);
  await http('DELETE', `/approvals/${kept?.id}`);
  await http('GET', '/runs');
  for (const what of ['', '/messages', '/explain', '/revisions'])
    await http('GET', `/runs/${run.id}${what}`);
  for (const status of ['open', 'answered', 'expired'])
    await http('GET', `/questions?status=${status}`);
  assert.equal((await http('POST', `/runs/${run.id}/cancel`)).body['status'], 'cancelled');
  await resume({ [`${g1}`]: { city: 'Rome' } });
  await streams(kit.runtime, run.id);
}

/** Streams of a run that is over, and answers that do not wait. */
async function streams(runtime: Runtime, runId: string): Promise<void> {
  const app = known(runtime);
  const path = `/runs/${runId}/events`;
  const { lastSeq } = await runtime.get(runId);
  assert.match((await ask(app, 'GET', path)).text, /"type":"run\.cancelled"/);
  assert.equal((await ask(app, 'GET', `${path}?after=${lastSeq}`)).status, 204);
  assert.equal((await ask(app, 'GET', `${path}?after=x`)).status, 422);
  const beyond = await ask(app, 'GET', `${path}?after=${lastSeq + 1}`);
  assert.equal(beyond.body.code, 'event_unknown', 'an end that is not the one that the client saw');
  const headers = { ...json, prefer: 'respond-async' };
  const later = await ask(app, 'POST', '/chat', { ...bodyFor('/chat'), headers });
  assert.equal(later.status, 202);
  const body = JSON.stringify({ run_id: later.body.run_id, answers: {} });
  assert.equal((await ask(app, 'POST', '/resume', { body, headers })).status, 202);
}

/** What comes of waiting for a run that pauses or ends. */
export async function readSettled(runtime: Runtime, runId: string): Promise<string> {
  const headers = { prefer: 'wait=1' };
  const { status, body } = await ask(createApp(runtime), 'GET', `/runs/${runId}`, { headers });
  return body.code ?? `${status}`;
}

/** Messages of sessions whose run is not over, and what comes after its end. */
export async function sessions(kit: PausingRuntime): Promise<void> {
  const http = httpOf(kit.runtime);
  const chat = (session_id: string, team: string) =>
    http('POST', '/chat', { message: 'Work', session_id, team });
  await chat('ses_paused', 'Desk');
  await chat('ses_paused', 'Desk');
  const working = chat('ses_working', 'QueueDesk');
  while (!kit.written.includes('slow began'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await chat('ses_working', 'QueueDesk')).body['queued'], true);
  assert.equal((await chat('ses_working', 'Desk')).body['code'], 'run_busy');
  for (const { id } of await kit.runtime.list({ sessionId: 'ses_working' })) {
    await http('POST', `/runs/${id}/cancel`);
  }
  await working;
  await http('POST', '/chat', { message: '' });
  await http('POST', '/chat', { message: 'Work', team: 'nothing' });
  const options: AppOptions = { dependencies: ['nothing'] };
  await ask(createApp(kit.runtime, options), 'POST', '/chat', bodyFor('/chat'));
}

/** Another program writes the file for longer than the store waits. */
export async function lockedStore(kit: PausingRuntime): Promise<void> {
  const http = httpOf(kit.runtime);
  const { body } = await http('POST', '/chat', { message: 'Work' });
  const run = await kit.runtime.get(String(body['run_id']));
  const { id } = questionOf(run, 's');
  await kit.runtime.claim(questionOf(run, 'g1').id, 'ada');
  const token = await tokenFor(kit.runtime, questionOf(run, 's'));
  const other = new Database(kit.db);
  other.exec('BEGIN IMMEDIATE');
  try {
    const busy = [
      await http('POST', '/chat', { message: 'Work' }),
      await http('POST', '/resume', { run_id: run.id, answers: { [id]: { approved: true } } }),
      await http('POST', `/runs/${run.id}/cancel`),
      await http('POST', `/questions/${id}/assign`, { assignee: 'ada' }),
      await http('POST', `/questions/${id}/claim`, undefined, 'ada'),
      await http('POST', `/questions/${questionOf(run, 'g1').id}/release`, undefined, 'ada'),
      await http('DELETE', '/approvals/nothing'),
      await http('GET', '/ready'),
    ];
    assert.equal(await answerBy(kit.runtime, token, { approved: true }), 'store_busy');
    assert.equal(await readSettled(kit.runtime, run.id), 'store_busy');
    assert.deepEqual(
      busy.map(({ body: { code } }) => code),
      busy.map(() => 'store_busy'),
    );
    assert.ok(busy.every(({ body: { retryable } }) => retryable === true));
  } finally {
    other.exec('ROLLBACK');
    other.close();
  }
}
