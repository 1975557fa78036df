/**
 * Secrets stay where they belong. Each thing that somebody says, and each secret, is a word that stands
 * nowhere else. The words are driven through all that answers, fails, and is told of; then logs, errors,
 * spans, metrics, webhooks and what is open to everybody are searched for them.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Hono } from 'hono';
import * as z from 'zod';
import { type AppOptions, bearerTokens, createApp } from '../../server/app.ts';
import { logError, logRequest } from '../../server/log.ts';
import { defineAgent, defineTool, getUserInput, openai } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { startReceiver } from '../kit/receiver.ts';
import { openQuestions, testRuntime } from '../kit/runtime.ts';
import { ask } from '../kit/turns.ts';
import { watched } from '../kit/watched.ts';

/** What is said of a run: its owner may read it, and nobody else. */
const said = {
  prompt: 'canary-prompt-0a1b2c3d',
  instructions: 'canary-instructions-0a1b2c3d',
  metadata: 'canary-metadata-0a1b2c3d',
  argument: 'canary-argument-0a1b2c3d',
  result: 'canary-result-0a1b2c3d',
  reply: 'canary-reply-0a1b2c3d',
  answer: 'canary-answer-0a1b2c3d',
  wrongAnswer: 'canary-wrong-answer-0a1b2c3d',
  body: 'canary-body-0a1b2c3d',
  url: 'canary-url-0a1b2c3d',
};

/** What nobody is ever told. */
const secret = {
  apiKey: 'canary-api-key-0a1b2c3d',
  toolError: 'canary-tool-error-0a1b2c3d',
  modelError: 'canary-model-error-0a1b2c3d',
  authError: 'canary-auth-error-0a1b2c3d',
  bearer: 'canary-bearer-0a1b2c3d',
  wrongBearer: 'canary-wrong-bearer-0a1b2c3d',
  metricsToken: 'canary-metrics-token-0a1b2c3d',
  webhookSecret: 'canary-webhook-secret-0a1b2c3d',
  idempotencyKey: 'canary-key-0a1b2c3d',
};

/** What a model's server says of a request: names, and words that may be anything. */
const refusal = {
  message: `${secret.modelError} ${secret.apiKey}`,
  code: `Not ${secret.modelError}`,
  type: 'invalid_request_error',
  param: 'messages[0].content',
};

const agents: Readonly<Record<string, readonly Turn[]>> = {
  Desk: [
    [call('look', { at: said.argument }, 'l'), call('leak', { card: said.argument }, 'k')],
    [ask('q', 'city')],
    said.reply,
  ],
  Broken: [{ status: 400, body: { error: refusal } }],
};

function teams(baseURL: string) {
  const model = openai('gpt-4o-mini', { baseURL, apiKey: secret.apiKey });
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    input: z.object({ at: z.string() }),
    execute: () => said.result,
  });
  const leak = defineTool({
    name: 'leak',
    description: 'Fails.',
    input: z.object({ card: z.string() }),
    execute: ({ card }) => {
      const cause = new Error(secret.toolError);
      const error = new Error(`${secret.toolError}: ${card}`, { cause });
      // Libraries call their errors what they like.
      throw Object.assign(error, { name: `No ${secret.toolError}`, code: `No ${card}` });
    },
  });
  const tools = [look, leak, getUserInput()];
  return [
    defineAgent({ name: 'Desk', model, instructions: [said.instructions], tools }),
    defineAgent({ name: 'Broken', model }),
  ];
}

/** Speaks to an app, and keeps every answer with what was asked. */
function speaking() {
  const answers: { what: string; status: number; text: string }[] = [];
  const send = async (
    app: Hono,
    what: string,
    body?: unknown,
    more: Record<string, string> = {},
  ) => {
    const [method = '', path = ''] = what.split(' ');
    const headers = new Headers({
      authorization: `Bearer ${secret.bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    });
    for (const [name, value] of Object.entries(more)) headers.set(name, value);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await app.request(path, { method, headers, ...(text ? { body: text } : {}) });
    const answer = { what, status: response.status, text: await response.text() };
    answers.push(answer);
    return answer;
  };
  return { answers, send };
}

async function served(t: TestContext) {
  const { log, collected } = watched(t);
  const receiver = await startReceiver(t);
  const tell: AppOptions = {
    onRequest: (request) => logRequest(log, request),
    onError: (error, where) => logError(log, error, where),
  };
  const { runtime } = await testRuntime(t, agents, teams, {
    onError: (error, where) => logError(log, error, where),
    webhooks: [{ url: receiver.url, secret: secret.webhookSecret, allowPrivate: true }],
  });
  const app = createApp(runtime, {
    auth: bearerTokens({ [secret.bearer]: { userId: 'ann', tenantId: 'acme' } }),
    metrics: { token: secret.metricsToken },
    ...tell,
  });
  const broken = createApp(runtime, {
    auth: () => Promise.reject(new Error(secret.authError)),
    onRequest: (request) => logRequest(log, request),
  });
  return { runtime, app, broken, receiver, collected };
}

const stream = { accept: 'text/event-stream' };

/** A run to its end, with all that may be refused on the way; tells the token of its question. */
async function driveRun(kit: Awaited<ReturnType<typeof served>>, send: Send): Promise<string> {
  const { app, runtime } = kit;
  const ann = runtime.as({ tenantId: 'acme', userId: 'ann' });
  const begin = { message: said.prompt, metadata: { note: said.metadata }, session_id: 'ses_1' };
  const key = { 'idempotency-key': secret.idempotencyKey };
  await send(app, 'POST /chat', begin, { ...stream, ...key });
  const [run] = await ann.list();
  assert.ok(run?.status === 'input_required');
  const [question] = openQuestions(run);
  const id = question?.id ?? '';
  const { token } = await ann.createAnswerToken(id);
  const bearing = { authorization: `Bearer ${token}` };
  const wrong = { city: { no: said.wrongAnswer } };
  await send(app, 'POST /resume', { run_id: run.id, answers: { [id]: wrong } }, key);
  await send(app, 'POST /resume', {
    run_id: run.id,
    answers: { [id]: { town: said.wrongAnswer } },
  });
  await send(app, 'POST /answer/question', {}, bearing);
  await send(app, 'POST /answer', { answer: wrong }, bearing);
  await send(app, 'POST /chat', { message: said.prompt, session_id: 'ses_1' });
  await send(app, 'POST /answer', { answer: { city: said.answer } }, bearing);
  await send(app, `GET /runs/${run.id}/events`);
  await send(app, 'POST /answer', { token, answer: { city: said.wrongAnswer } });
  const other = { run_id: run.id, answers: { [id]: { city: said.wrongAnswer } } };
  await send(app, 'POST /resume', other, stream);
  for (const what of ['', '/messages', '/events']) await send(app, `GET /runs/${run.id}${what}`);
  await send(app, 'GET /questions?status=answered');
  return token;
}

type Send = ReturnType<typeof speaking>['send'];

/** What is refused, what fails, and what is open to everybody. */
async function driveRest({ app, broken }: Awaited<ReturnType<typeof served>>, send: Send) {
  await send(app, 'POST /chat', { message: said.prompt, team: 'Broken' });
  await send(app, 'GET /runs');
  const content = said.prompt;
  const [agui, ai] = [
    { threadId: 't', runId: 'r', messages: [{ id: 'u', role: 'user', content }] },
    { id: 't2', messages: [{ id: 'u', role: 'user', parts: [{ type: 'text', text: content }] }] },
  ];
  await send(app, 'POST /agui/Broken', agui);
  await send(app, 'POST /ai/Broken', ai);
  const spoiled = ['{', `{"message":"${said.body}`, `{"message":["${said.body}"]}`];
  const values = [
    { message: '', team: said.body },
    { message: said.body, metadata: said.body },
  ];
  for (const path of ['/chat', '/resume', '/answer', '/agui/Desk', '/ai/Desk']) {
    for (const body of [...spoiled, ...values]) await send(app, `POST ${path}`, body);
    await send(app, `POST ${path}`, said.body, { 'content-type': 'text/plain' });
  }
  await send(app, `GET /runs?after=${said.body}`);
  await send(app, `PUT /nowhere/${said.url}?key=${said.url}`);
  const stranger = { authorization: `Bearer ${secret.wrongBearer}` };
  for (const path of ['/runs', '/metrics', '/health', '/ready', '/openapi.json', '/docs']) {
    await send(app, `GET ${path}`, undefined, stranger);
    await send(broken, `GET ${path}`);
  }
  await send(app, 'GET /metrics', undefined, { authorization: `Bearer ${secret.metricsToken}` });
}

test('no log, error, span, metric or webhook tells what was said, and nothing tells a secret', async (t) => {
  const kit = await served(t);
  const { answers, send } = speaking();
  const token = await driveRun(kit, send);
  await driveRest(kit, send);
  const secrets = [...Object.values(secret), token];
  const all = [...Object.values(said), ...secrets];
  const notices = await kit.receiver.arrived(3);
  const told: Record<string, readonly string[]> = {
    ...(await kit.collected()),
    webhooks: notices.map(({ headers, text }) => JSON.stringify(headers) + text),
  };
  for (const [where, texts] of Object.entries(told)) {
    if (where !== 'console') assert.ok(texts.length > 0, `something was told to ${where}`);
    for (const text of texts) {
      for (const one of all) assert.ok(!text.includes(one), `${one} in ${where}: ${text}`);
    }
  }
  const names = `"server":{"type":"${refusal.type}","param":"${refusal.param}"`;
  assert.ok(told['log']?.some((line) => line.includes(names)));
  const isOpen = /\/(health|ready|metrics|openapi\.json|docs)$/;
  for (const { what, status, text } of answers) {
    for (const one of secrets) assert.ok(!text.includes(one), `${one} in ${what}: ${text}`);
    if (status < 400 && !isOpen.test(what)) continue;
    for (const one of Object.values(said)) {
      const isEcho = one === said.url || what.includes(one);
      assert.ok(isEcho || !text.includes(one), `${one} in ${what} ${status}: ${text}`);
    }
  }
  checkDriven(answers);
});

/** The words did come by: their owner reads them, and what should be refused was. */
function checkDriven(answers: readonly { readonly status: number; readonly text: string }[]) {
  const taken = answers.filter(({ status }) => status < 300).map(({ text }) => text);
  for (const one of ['prompt', 'argument', 'result', 'reply', 'answer'] as const) {
    assert.ok(
      taken.some((text) => text.includes(said[one])),
      `the owner reads the ${one}`,
    );
  }
  const statuses = new Set(answers.map(({ status }) => status));
  for (const status of [200, 400, 401, 403, 404, 409, 415, 422, 500]) {
    assert.ok(statuses.has(status), `${status} was answered`);
  }
}
