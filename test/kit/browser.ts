/** A real Chromium, for what only a browser can tell. */
import assert from 'node:assert/strict';
import { after, type TestContext } from 'node:test';
import axe from 'axe-core';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';

/** The page of a new browser; undefined, with the test skipped, where no browser can be had. */
export async function browserPage(t: TestContext): Promise<Page | undefined> {
  const browser = await launched(t);
  if (!browser) return undefined;
  t.after(() => browser.close());
  return browser.newPage();
}

async function launched(t: TestContext): Promise<Browser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    t.skip('The browser of the dev dependencies runs on Linux on x64 only.');
    return undefined;
  }
  const { default: chromium } = await import('@sparticuz/chromium');
  const executablePath = await chromium.executablePath();
  const browser = await playwright
    .launch({ executablePath, args: ['--no-sandbox', '--headless=shell'] })
    .catch((error: Error) => t.skip(`No browser starts here: ${error.message.split('\n')[0]}`));
  return browser ?? undefined;
}

let shared: Browser | undefined;

/**
 * A page that knows nothing of those before it, in the one browser of a test file. The test fails if
 * its console tells of an error; a request that a server refused, or that reached none, is none.
 *
 * @param colorScheme what the person prefers: both are looked at somewhere
 */
export async function freshPage(
  t: TestContext,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Page | undefined> {
  if (!shared) {
    shared = await launched(t);
    if (!shared) return undefined;
  }
  const context = await shared.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    const isRequest = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isRequest) errors.push(message.text());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(errors, [], 'the console has no errors');
  });
  return page;
}

after(() => shared?.close());

/** Asserts that a view has no serious fault for whoever does not see it, or cannot use a mouse. */
export async function assertAccessible(page: Page, view: string): Promise<void> {
  // Through the debugger, since the page's policy lets no other script in.
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', {
    expression: `${axe.source}; axe.run().then(({ violations }) => JSON.stringify(violations.map(
      ({ impact, id, nodes }) => ({ impact, id, html: nodes.map(({ html }) => html) }))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  const found = JSON.parse(String(result.value)) as { readonly impact: string }[];
  const faults = found.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  assert.deepEqual(faults, [], `${view} is accessible`);
}

/** Asserts that a view fits a phone: it scrolls down, and not aside. */
export async function assertFitsPhone(page: Page, view: string): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 844 });
  const beyond = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  if (before) await page.setViewportSize(before);
  assert.equal(beyond, 0, `${view} fits a phone`);
}
