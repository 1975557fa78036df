/** A real Chromium, for what only a browser can tell. */
import type { TestContext } from 'node:test';
import { type Page, chromium as playwright } from 'playwright-core';

/** The page of a new browser; undefined, with the test skipped, where no browser can be had. */
export async function browserPage(t: TestContext): Promise<Page | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    t.skip('The browser of the dev dependencies runs on Linux on x64 only.');
    return undefined;
  }
  const { default: chromium } = await import('@sparticuz/chromium');
  const executablePath = await chromium.executablePath();
  const browser = await playwright
    .launch({ executablePath, args: chromium.args })
    .catch((error: Error) => t.skip(`No browser starts here: ${error.message.split('\n')[0]}`));
  if (!browser) return undefined;
  t.after(() => browser.close());
  return browser.newPage();
}
