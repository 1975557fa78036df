/** Bodies with more values than anybody means: refused before they cost anything, in few words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { createApp } from '../../server/app.ts';
import { ask } from '../kit/contract.ts';
import { pausingRuntime } from '../kit/pauses.ts';

const headers = { 'content-type': 'application/json' };

const zeros = (length: number) => `[${'0,'.repeat(length - 1)}0]`;

const keys = (length: number) =>
  `{${Array.from({ length }, (_, index) => `"k${index}":0`).join(',')}}`;

const list = zeros(99_000);
const longList = zeros(300_000);
const object = keys(60_000);

/** Values in their places, each more than a route can mean. */
const wide: readonly (readonly [path: string, body: string])[] = [
  ['/chat', list],
  ['/chat', object],
  ['/resume', `{"run_id":"none","approved_queries":${list}}`],
  ['/resume', `{"run_id":"none","answers":${longList}}`],
  ['/questions/q/assign', object],
  ['/answer', longList],
  ['/answer', `{"token":"x","answer":{},${object.slice(1)}`],
  ['/answer/question', `{"token":${list}}`],
  ['/agui/Desk', `{"threadId":"t","runId":"r","messages":${longList}}`],
  ['/agui/Desk', `{"threadId":"t","runId":"r","messages":[],"tools":${longList}}`],
  ['/ai/Desk', `{"id":"t","messages":${longList}}`],
  ['/ai/Desk', `{"id":"t","messages":[{"id":"m","role":"user","parts":${longList}}]}`],
  ['/ai/Desk', `{"id":"t","messages":[${'{"parts":[0,0,0]},'.repeat(9_000)}0]}`],
];

test('what is wide is refused in few words, whatever is wrong with it', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const app = createApp(runtime);
  for (const [path, body] of wide) {
    const { status, text } = await ask(app, 'POST', path, { body, headers });
    assert.ok(status === 413 || status === 422, `${path}: ${status}`);
    assert.ok(text.length < 20_000, `${path}: ${text.length} characters`);
  }
  assert.deepEqual(await runtime.list(), []);
});

test('a body has as many values as it may, and a history more', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const app = createApp(runtime);
  const send = (path: string, body: string) => ask(app, 'POST', path, { body, headers });
  const chat = (metadata: string) => `{"message":"x","team":"none","metadata":{"a":${metadata}}}`;
  assert.equal((await send('/chat', chat(zeros(40_000)))).body.code, 'team_unknown');
  const { status, body } = await send('/chat', chat(zeros(100_000)));
  assert.equal(status, 413);
  assert.match(body.detail, /at most 100000 values; this has 1000\d\d/);
  const commas = `{"message":"${'a, [b] {c} \\" '.repeat(7_000)}","team":"none"}`;
  assert.equal((await send('/chat', commas)).body.code, 'team_unknown', 'a text is one value');
  const agui = (state: string) => `{"threadId":"t","runId":"r","messages":[],"state":${state}}`;
  assert.match((await send('/agui/Desk', agui(zeros(400_000)))).text, /Nothing was said yet/);
  assert.equal((await send('/agui/Desk', agui(zeros(500_000)))).status, 413);
});

test('only the doors of front ends take a whole history, wherever the app is mounted', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const large = JSON.stringify({ message: 'x'.repeat(2 * 1_048_576) });
  for (const place of ['', '/ai', '/agui']) {
    const app = new Hono().route(place || '/', createApp(runtime));
    const status = async (path: string) => {
      const { status } = await app.request(place + path, { method: 'POST', body: large, headers });
      return status;
    };
    assert.equal(await status('/chat'), 413, `${place}/chat`);
    assert.equal(await status('/agui/Desk'), 422, `${place}/agui/Desk`);
    assert.equal(await status('/ai/Desk'), 422, `${place}/ai/Desk`);
  }
});
