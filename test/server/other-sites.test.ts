/** What pages of other sites can do to whoever is known by a cookie: read nothing, change nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../server/app.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { ask } from '../kit/turns.ts';

const site = 'https://app.example.com';
const host = 'cadenza.example.com';

const foreign: readonly Record<string, string>[] = [
  { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  { origin: 'https://evil.example' },
  { origin: `https://${host}:8443`, 'sec-fetch-site': 'same-site' },
  { origin: `https://${host}.evil.example` },
  { origin: 'null', 'sec-fetch-site': 'cross-site' },
  { origin: `capacitor://${host}` },
  { origin: '' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate' },
];

const own: readonly Record<string, string>[] = [
  {},
  { origin: `https://${host}`, 'sec-fetch-site': 'same-origin' },
  // Before it TLS ends, or nothing does.
  { origin: `https://${host}` },
  { origin: `http://${host}` },
  // A proxy changed Host, and the browser says that it is the same site all the same.
  { origin: `https://${host}`, 'sec-fetch-site': 'same-origin', host: '127.0.0.1:3000' },
  { origin: site, 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'none' },
];

test('no page of another site changes anything for whoever is known by a cookie', async (t) => {
  const { runtime } = await pausingRuntime(t, { Desk: [[ask('g', 'city')], 'done'] });
  const app = createApp(runtime, {
    auth: ({ headers }) => (headers.get('cookie') === 'sid=ann' ? { userId: 'ann' } : undefined),
    cors: { origins: [site] },
  });
  const asked = (method: string, path: string, headers: Record<string, string>) =>
    app.request(path, {
      method,
      headers: { host, cookie: 'sid=ann', 'content-type': 'text/plain', ...headers },
    });
  const run = await runtime.as({ userId: 'ann' }).start({ message: 'Hi' });
  const question = questionOf(run, 'g').id;
  const before = await runtime.get(run.id);
  for (const { method, path } of app.routes.filter((route) => route.method !== 'ALL')) {
    const here = path.replace('/runs/:id', `/runs/${run.id}`).replace(':id', question);
    if (method === 'GET') continue;
    for (const headers of foreign) {
      const response = await asked(method, here, headers);
      const what = `${method} ${here} ${JSON.stringify(headers)}`;
      assert.equal(response.status, 403, what);
      assert.match(await response.text(), /"code":"origin_refused"/, what);
    }
  }
  assert.deepEqual(await runtime.get(run.id), before);
  for (const headers of foreign) {
    const read = await asked('GET', '/runs', headers);
    assert.deepEqual([read.status, read.headers.get('access-control-allow-origin')], [200, null]);
  }
  for (const headers of own) {
    const claimed = await asked('POST', `/questions/${question}/claim`, headers);
    assert.equal(claimed.status, 200, JSON.stringify(headers));
  }
});
