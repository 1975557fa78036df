/** The page of a runtime in this process, over real HTTP, in a real browser. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Page } from 'playwright-core';
import { type AppOptions, createApp } from '../../server/app.ts';
import { buildPage } from '../../server/web-build.ts';
import type { Runtime } from '../../src/index.ts';
import { freshPage } from './browser.ts';

export interface ServedPage {
  readonly page: Page;
  readonly url: string;
}

/**
 * Opens the page, in the dark; undefined, with the test skipped, where there is no browser.
 *
 * @param at where the app is mounted
 */
export async function servedPage(
  t: TestContext,
  runtime: Runtime,
  { at = '', ...options }: AppOptions & { readonly at?: string } = {},
): Promise<ServedPage | undefined> {
  await buildPage();
  const app = new Hono().route(at || '/', createApp(runtime, options));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const page = await freshPage(t, 'dark');
  if (!page) return undefined;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${at}`;
  await page.goto(url);
  return { page, url };
}

/** Says something to the team that is chosen. */
export async function say(page: Page, message: string): Promise<void> {
  await page.getByRole('textbox', { name: /message/ }).fill(message);
  await page.getByRole('button', { name: 'Send' }).click();
}

/** The card of the question that an agent asks. */
export function questionOf(page: Page, agent: string) {
  return page.getByRole('region').filter({ has: page.locator('.asker', { hasText: agent }) });
}
