/**
 * Asks every route for what nobody means, and holds each answer to what a server owes a stranger: a
 * refusal is a problem document that says 4xx and has written nothing; what is taken fits the contract;
 * no prototype changes, memory stays within bounds, and the server still answers.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import type { Hono } from 'hono';
import { bearerTokens, createApp } from '../../../server/app.ts';
import { checkAnswer, misfits, routeOf } from '../../kit/contract.ts';
import { dice } from './dice.ts';
import { type FuzzRequest, fuzzRequest } from './requests.ts';
import { startTarget } from './target.ts';

export interface FuzzOptions {
  readonly requests: number;
  /** The first request's; each next one has the next. */
  readonly seed: number;
}

/** Memory that may be held besides, once garbage is collected: caches, and code that got compiled. */
const heapMax = 64 * 1_048_576;

const secret = 'a-token-that-nobody-guesses';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Tells how often each status was answered. */
export async function fuzz(t: TestContext, { requests, seed }: FuzzOptions) {
  const reported: unknown[] = [];
  const told = t.mock.method(console, 'error', (...words: unknown[]) => reported.push(words));
  const target = await startTarget(t, reported);
  const [open, strict] = [
    createApp(target.runtime, { streams: { heartbeatMs: 5 } }),
    createApp(target.runtime, { auth: bearerTokens({ [secret]: {} }) }),
  ];
  const tables = tablesOf(t, target.db);
  const prototype = Object.getOwnPropertyNames(Object.prototype);
  const statuses = new Map<number, number>();
  let known = await target.settled();
  let before = tables.read();
  let base = Number.POSITIVE_INFINITY;
  for (let index = 0; index < requests; index += 1) {
    const chances = dice(seed + index);
    const asked = fuzzRequest(chances, known);
    try {
      const isStrict = chances.oneIn(10);
      const answer = await send(isStrict ? strict : open, asked);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      check(asked, answer, isStrict);
      const mayWrite = answer.status < 300 && answer.method !== 'GET';
      if (mayWrite) known = await target.settled();
      const after = tables.read(before, mayWrite);
      if (!mayWrite) assert.deepEqual(after.counts, before.counts, 'nothing was written');
      // A key is kept, and whether the file can be written is found out by writing.
      const isKept = asked.headers['idempotency-key'] || answer.path.startsWith('/ready');
      if (!mayWrite && !isKept) assert.equal(after.version, before.version, 'nothing was written');
      before = after;
      assert.deepEqual(reported, [], 'nothing failed inside');
    } catch (error) {
      throw new Error(`Request ${seed + index}: ${described(asked)}`, { cause: error });
    }
    if (index === Math.min(1_000, requests >> 1)) base = heap();
    if (index % 5_000 === 4_999) assert.ok(heap() < base + heapMax, 'memory is bounded');
  }
  assert.ok(heap() < base + heapMax, 'memory is bounded');
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), prototype);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.equal((await open.request('/health')).status, 200);
  told.mock.restore();
  return statuses;
}

interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function send(app: Hono, { method, path, headers, body }: FuzzRequest): Promise<Answer> {
  const request = new Request(`http://127.0.0.1${path}`, {
    method,
    headers,
    ...(body ? { body } : {}),
  });
  const response = await app.fetch(request);
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname + url.search,
    status: response.status,
    headers: response.headers,
    text: await textOf(response),
  };
}

/** Streams are left after their first piece. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return response.text();
  }
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  return '';
}

function check(asked: FuzzRequest, answer: Answer, isStrict: boolean): void {
  const { method, path, status, text, headers } = answer;
  assert.ok(status < 500, `${status}: ${text}`);
  const place = path.split('?')[0] ?? '';
  // Two dots lead up to the page, which is open to everybody and holds nothing of anybody.
  if (place === '/' && status === 200) {
    assert.match(headers.get('content-type') ?? '', /^text\/html/);
    return;
  }
  const isRoute = routeOf(method, place) !== undefined;
  if (isRoute) checkAnswer(method, path, { status, headers, text });
  else assert.deepEqual(misfits(JSON.parse(text), 'components', 'schemas', 'Problem'), []);
  if (status >= 400) assert.equal(JSON.parse(text).status, status);
  assert.doesNotMatch(text, /node_modules|\.ts:\d+|SQLITE_|SqliteError|ZodError/);
  if (status >= 400)
    assert.doesNotMatch(text, /Invalid (input|option)|Too (big|small)|Unrecognized/);
  if (status >= 300) return;
  const { responses, requestBody } = asked.route.operation;
  if (isStrict) assert.ok(!responses['401'], 'a stranger is let in');
  if (!requestBody || method === 'GET') return;
  const schema = ['paths', asked.route.path, method.toLowerCase(), 'requestBody', 'content'];
  const sent = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(asked.body));
  assert.deepEqual(
    misfits(sent, ...schema, 'application/json', 'schema'),
    [],
    'what is taken fits',
  );
}

/** How many rows there are, and whether anything was written at all. */
function tablesOf(t: TestContext, file: string) {
  const db = new Database(file, { readonly: true });
  t.after(() => db.close());
  const names = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'keyed_request'")
    .pluck()
    .all() as string[];
  const counts = db.prepare(
    `SELECT ${names.map((name) => `(SELECT count(*) FROM "${name}")`).join()}`,
  );
  const read = (before?: { readonly version: unknown; readonly counts: unknown }, anew = true) => {
    const version = db.pragma('data_version', { simple: true });
    const isSame = !anew && before?.version === version;
    return { version, counts: isSame ? before?.counts : counts.get() };
  };
  return { read };
}

function described({ method, path, headers, body }: FuzzRequest): string {
  const text = body ? new TextDecoder().decode(body) : '';
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(headers).slice(0, 400)} ${text.slice(0, 600)}`;
}
