/** The docs page: everything that the contract says, and nothing from anywhere else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { Hono } from 'hono';
import { createApp } from '../../server/app.ts';
import { docsPage } from '../../server/docs.ts';
import type { Runtime } from '../../src/index.ts';
import { ask, contract, routes } from '../kit/contract.ts';

const app = createApp({ as: () => ({}) } as unknown as Runtime);
const { text: page, headers } = await ask(app, 'GET', '/docs');

test('the page shows every route, parameter, schema and example', () => {
  for (const { path, operation } of routes) {
    const section =
      page.split(`<section id="${operation.operationId}">`)[1]?.split('</section>')[0] ?? '';
    assert.ok(section.includes(path), path);
    const shows = (text: string) => section.includes(`<code>${text}</code>`);
    for (const { name } of operation.parameters ?? []) {
      assert.ok(shows(name), `${path} ${name}`);
    }
    for (const status of Object.keys(operation.responses)) {
      assert.ok(shows(status), `${path} ${status}`);
    }
  }
  for (const name of Object.keys(contract.components.schemas)) {
    assert.ok(page.includes(`<section id="schema-${name}">`), name);
  }
  assert.match(page, /&quot;message&quot;: &quot;Coffee&quot;/);
});

test('every link of the page leads somewhere in it, or to what is served beside it', async () => {
  const links = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link ?? '');
  assert.ok(links.length > 50);
  for (const link of new Set(links)) {
    if (link.startsWith('#')) assert.ok(page.includes(` id="${link.slice(1)}"`), link);
    else assert.equal((await ask(app, 'GET', `/${link}`)).status, 200, link);
  }
});

test('the page needs no script, no style of its own, and nobody else', () => {
  assert.doesNotMatch(page, /<script|<style|style=|\son\w+=|https?:/);
  assert.match(
    headers.get('content-security-policy') ?? '',
    /^default-src 'none'; style-src 'self';/,
  );
  assert.match(page, /<meta name="viewport" content="width=device-width/);
});

test('what the document says is text to the page, whatever it looks like', async () => {
  const title = '<img src=x onerror=alert(1)>';
  const schemas = { [title]: { type: 'string', description: `\`${title}\` "${title}` } };
  const shown = String(await docsPage({ info: { title }, components: { schemas } }));
  assert.doesNotMatch(shown, /<img/);
});

test('the document is written once for a place, whoever asks how often', async (t) => {
  const inner = createApp({ as: () => ({}) } as unknown as Runtime);
  const written = t.mock.method(inner as unknown as OpenAPIHono, 'getOpenAPI31Document');
  const here = new Hono().route('/here', inner).route('/there', inner);
  const places = ['/here', '/here', '/here', '/there', '/there', '/here'];
  for (const place of places) {
    const document = await here.request(`${place}/openapi.json`);
    assert.equal(document.headers.get('content-type'), 'application/json');
    assert.deepEqual(await document.json(), { ...contract, servers: [{ url: place }] });
    const shown = await (await here.request(`${place}/docs`)).text();
    assert.ok(shown === page.replace('at <code>/<', `at <code>${place}<`));
  }
  assert.equal(written.mock.callCount(), 3);
});
