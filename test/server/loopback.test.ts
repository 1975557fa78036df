/** Where the server may be reached: on this machine without a token, anywhere with one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { type AppOptions, createApp } from '../../server/app.ts';
import { startApp } from '../kit/app.ts';
import { folderFor } from '../kit/folder.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { startStrictModel } from '../kit/strict-model.ts';

async function started(t: TestContext, env: Record<string, string> = {}) {
  const model = await startStrictModel();
  t.after(() => model.close());
  const app = await startApp({ db: folderFor(t)('runs.db'), model: model.url, env });
  t.after(() => app.kill());
  return app;
}

/** The status of a request with any headers, which fetch would not send. */
function status(url: string, method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{"message":"Hi"}' : undefined);
  });
}

const foreign: readonly Record<string, string>[] = [
  { host: 'evil.example' },
  { host: 'evil.example:80' },
  { host: 'localhost.evil.example' },
  { host: '127.0.0.1.evil.example' },
  { host: '127.0.0.1@evil.example' },
  { host: '192.168.0.7' },
  { host: '0.0.0.0' },
  { origin: 'https://evil.example' },
  { origin: 'http://localhost.evil.example' },
  { origin: 'http://localhost:5173' },
  { origin: 'http://127.0.0.1' },
  { origin: 'null' },
  { origin: '' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' },
];

/** Ours, and Node's own for what is no host at all. */
const refused = [403, 400];

test('without a token other sites and other names for this machine are refused', async (t) => {
  const { url } = await started(t);
  const json = { 'content-type': 'application/json' };
  for (const headers of foreign) {
    for (const path of ['/health', '/questions', '/runs/x/events']) {
      const told = await status(url + path, 'GET', headers);
      assert.ok(refused.includes(told), `${JSON.stringify(headers)}: ${told}`);
    }
    const sent = await status(`${url}/chat`, 'POST', { ...json, ...headers });
    assert.ok(refused.includes(sent), `${JSON.stringify(headers)}: ${sent}`);
  }
  const { port } = new URL(url);
  const own: readonly Record<string, string>[] = [
    {},
    { host: `localhost:${port}` },
    { host: `[::1]:${port}` },
    { origin: url },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  ];
  for (const headers of own) {
    assert.equal(await status(`${url}/questions`, 'GET', headers), 200, JSON.stringify(headers));
  }
});

test('an app without auth is as careful wherever it is mounted, and an auth of any kind decides itself', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const site = 'http://localhost:5173';
  const mounted = new Hono().route('/team', createApp(runtime, { cors: { origins: [site] } }));
  const ask = async (headers: Record<string, string>, app = mounted) => {
    const response = await app.request('/team/questions', { headers });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  for (const headers of foreign.filter(({ origin }) => origin !== site)) {
    const { status, text } = await ask({ host: '127.0.0.1:3000', ...headers });
    assert.equal(status, 403, JSON.stringify(headers));
    const { code, detail } = JSON.parse(text);
    assert.equal(code, 'origin_refused');
    assert.match(
      detail,
      headers['host'] ? /Give createApp\(\) an `auth`/ : /createApp\(\)'s `cors`/,
    );
  }
  assert.equal((await ask({})).status, 200);
  const named = await ask({ host: '127.0.0.1:3000', origin: site, 'sec-fetch-site': 'same-site' });
  assert.equal(named.status, 200, 'a site that is named may ask');
  assert.equal(named.headers.get('access-control-allow-origin'), site);
  assert.equal((await ask({ host: 'evil.example', origin: site })).status, 403);
  const guarded = new Hono().route('/team', createApp(runtime, { auth: () => ({}) }));
  assert.equal((await ask({ host: 'cadenza.example' }, guarded)).status, 200);
});

test('without an auth other machines and proxies are refused, whatever they call this one', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const asked = async (options: AppOptions, headers = {}, env?: object) => {
    const app = new Hono().route('/team', createApp(runtime, options));
    const sent = { headers: { host: 'localhost', ...headers } };
    const response = await app.request('/team/questions', sent, env);
    return [response.status, JSON.stringify(await response.json())] as const;
  };
  const from = (remoteAddress?: string) => ({ incoming: { socket: { remoteAddress } } });
  for (const own of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    assert.equal((await asked({}, {}, from(own)))[0], 200, own);
  }
  const others = [
    '203.0.113.5',
    '::ffff:192.168.0.7',
    '::ffff:1.127.0.0',
    'fe80::1',
    '::',
    undefined,
  ];
  for (const other of others) {
    for (const env of [from(other), { server: from(other) }]) {
      const [status, told] = await asked({}, {}, env);
      assert.equal(status, 403, other);
      assert.match(told, /"origin_refused".*comes from another one\. Give createApp\(\) an `auth`/);
    }
  }
  assert.equal((await asked({ auth: () => ({}) }, {}, from('203.0.113.5')))[0], 200);
  for (const header of ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Proto', 'X-Real-IP', 'Via']) {
    const [status, told] = await asked({}, { [header]: '203.0.113.5' }, from('127.0.0.1'));
    assert.equal(status, 403, header);
    assert.match(told, new RegExp(`a proxy passed this request on \\(${header}\\)`, 'i'));
    assert.equal((await asked({ auth: () => ({}) }, { [header]: '203.0.113.5' }))[0], 200);
  }
});

test('a socket without an address is nobody’s that an app without auth knows', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const server = createAdaptorServer({ fetch: createApp(runtime).fetch });
  const socketPath = folderFor(t)('socket');
  server.listen(socketPath);
  await once(server, 'listening');
  t.after(() => void server.close());
  const asked = get({ socketPath, path: '/runs', headers: { host: 'localhost' }, agent: false });
  const [response] = await once(asked, 'response');
  assert.equal(response.resume().statusCode, 403);
});

test('without a token no address is taken that others could reach', async (t) => {
  for (const HOST of ['0.0.0.0', '::', '192.168.0.7', 'example.com']) {
    await assert.rejects(
      started(t, { HOST }),
      /would let everybody in\. Set CADENZA_TOKEN to a secret/,
      HOST,
    );
  }
});

test('with a token every address may be taken, and nobody is let in without it', async (t) => {
  const CADENZA_TOKEN = 'a-token-of-this-test';
  const { url } = await started(t, { HOST: '0.0.0.0', CADENZA_TOKEN, CADENZA_METRICS: '1' });
  const here = url.replace('0.0.0.0', '127.0.0.1');
  const bearer = { authorization: `Bearer ${CADENZA_TOKEN}` };
  assert.equal(await status(`${here}/questions`, 'GET', {}), 401);
  assert.equal(await status(`${here}/questions`, 'GET', { authorization: 'Bearer x' }), 401);
  assert.equal(await status(`${here}/questions`, 'GET', bearer), 200);
  assert.equal(await status(`${here}/metrics`, 'GET', {}), 401);
  assert.equal(await status(`${here}/metrics`, 'GET', bearer), 200);
  const elsewhere = { ...bearer, host: 'cadenza.example' };
  assert.equal(await status(`${here}/questions`, 'GET', elsewhere), 200);
  assert.equal(await status(`${here}/health`, 'GET', {}), 200);
});

test('a token that could be guessed is refused at the start', async (t) => {
  const start = started(t, { CADENZA_TOKEN: 'short' });
  await assert.rejects(start, /A token has at least 16 characters/);
});
