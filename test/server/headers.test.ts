/** What every response says to a browser, and which other sites may read it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../server/app.ts';
import { pausingRuntime } from '../kit/pauses.ts';

const site = 'https://app.example.com';

test('every response forbids frames, sniffing, other sites and caches', async (t) => {
  const { runtime } = await pausingRuntime(t, { Desk: ['Hello'] });
  const app = createApp(runtime, { auth: () => ({}) });
  for (const path of ['/', '/health', '/runs', '/docs', '/openapi.json', '/runs/none', '/none']) {
    const { headers } = await app.request(path, { headers: { origin: site } });
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', path);
    assert.equal(headers.get('access-control-allow-origin'), null, path);
    assert.equal(headers.get('x-powered-by'), null, path);
    // The page, once it is built, may be kept as long as the server is asked whether it is still that.
    const kept = path === '/' ? /^no-(cache|store)$/ : /^no-store$/;
    assert.match(headers.get('cache-control') ?? '', kept, path);
  }
});

test('pages of a named origin may ask and read, and those of no other', async (t) => {
  const { runtime } = await pausingRuntime(t, { Desk: ['Hello'] });
  const app = createApp(runtime, { cors: { origins: [site] }, auth: () => undefined });
  const asked = { 'access-control-request-method': 'POST' };
  const preflight = (origin: string) =>
    app.request('/chat', { method: 'OPTIONS', headers: { origin, ...asked } });
  const allowed = await preflight(site);
  assert.equal(allowed.headers.get('access-control-allow-origin'), site);
  assert.match(allowed.headers.get('access-control-allow-headers') ?? '', /Idempotency-Key/);
  const refused = await preflight('https://evil.example.com');
  assert.equal(refused.headers.get('access-control-allow-origin'), null);
  const problem = await app.request('/runs', { headers: { origin: site } });
  assert.equal(problem.status, 401, 'a page may read why it is refused');
  assert.equal(problem.headers.get('access-control-allow-origin'), site);
});
