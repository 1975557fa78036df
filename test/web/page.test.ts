/** How the page is served: to whom, where, and under which policy; and how it tells what is under way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerTokens } from '../../server/app.ts';
import type { Turn } from '../../src/testing/index.ts';
import { assertAccessible } from '../kit/browser.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { say, servedPage } from '../kit/served-page.ts';
import { delegate } from '../kit/turns.ts';

test('text is shown while the model writes it, and what is under way is said', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const text = 'One word after the other. '.repeat(12).trim();
  const { runtime } = await pausingRuntime(t, {
    Desk: [[delegate('c1', 'A')], { text, fault: { name: 'drip', everyMs: 30 } }],
    A: [async () => promise.then(() => 'A RESULT')],
  });
  const { page } = (await servedPage(t, runtime)) ?? {};
  if (!page) return resolve();
  await say(page, 'Trip');
  await page.getByRole('status').filter({ hasText: 'A is thinking' }).waitFor();
  await page.getByText('task for A').waitFor();
  resolve();
  await page.locator('.said[data-written]').getByText('One word').waitFor();
  await page.locator('.answer').getByText(text).waitFor();
  assert.equal(await page.getByText(text).count(), 1, 'the answer is shown once');
  assert.equal(await page.locator('details[open]').count(), 0, 'what is done is folded');
});

test('what a person can do while a model is away is done by a button, and an end is told once', async (t) => {
  const turns: Turn[] = [{ status: 401 }, 'HELLO', { status: 400 }];
  const { runtime } = await pausingRuntime(t, { Desk: [() => turns.shift() ?? ''] });
  const { page } = (await servedPage(t, runtime)) ?? {};
  if (!page) return;
  await say(page, 'Hi');
  await page.getByText('answered 401. The run is kept.').waitFor();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.answer').getByText('HELLO').waitFor();
  await say(page, 'Fail');
  const why = page.getByText('The run failed. The model "gpt-4o-mini" answered 400.');
  await why.waitFor();
  assert.equal(await page.getByText('answered 400').count(), 1);
  await page.reload();
  await page.getByText('HELLO').waitFor();
  assert.equal(await why.count(), 1, 'also where its work is folded');
});

test('a server that knows its users is told who asks, wherever the app is mounted', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const token = 'a-token-of-16-characters';
  const auth = bearerTokens({ [token]: { userId: 'ann' } });
  const { page, url } = (await servedPage(t, runtime, { auth, at: '/cadenza' })) ?? {};
  if (!page || !url) return;
  await page.getByLabel('Access token').fill('another-token-of-yours');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The server does not know this token.').waitFor();
  await assertAccessible(page, 'signing in');
  await page.getByLabel('Access token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Desk', { exact: true }).waitFor();
});

test('the page runs nothing but its own files, which may be kept for ever', async (t) => {
  const { runtime } = await pausingRuntime(t, {});
  const { url } = (await servedPage(t, runtime)) ?? {};
  if (!url) return;
  const { headers, html } = await read(url);
  assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(headers.get('cache-control'), 'no-cache');
  assert.equal(
    headers.get('content-security-policy'),
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'",
  );
  assert.doesNotMatch(html, /<script(?![^>]*src=)|<style|style=| on[a-z]+=/);
  const assets = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, path]) => path);
  const types = [];
  for (const path of assets) {
    const asset = await read(`${url}/${path}`);
    types.push(asset.headers.get('content-type'));
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(asset.headers.get('x-content-type-options'), 'nosniff');
  }
  assert.deepEqual(types.toSorted(), [
    'image/svg+xml',
    'text/css; charset=utf-8',
    'text/javascript; charset=utf-8',
  ]);
  for (const path of ['assets/none.js', 'assets/..%2findex.html', 'assets/%2e%2e/index.html']) {
    assert.equal((await fetch(`${url}/${path}`)).status, 404, path);
  }
});

async function read(url: string) {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return { headers: response.headers, html: await response.text() };
}
