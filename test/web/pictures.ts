/**
 * Takes the pictures of the README from a real run: `npm run pictures`. What `npm start` serves is
 * talked to in a browser, until its team waits for answers.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import { startModelServer } from '../../src/testing/index.ts';
import { startApp } from '../kit/app.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

/** The letters that the browser's package brings, so that pictures look the same on every machine. */
const fonts = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${tmpdir()}/fonts</dir>
  <match target="pattern">
    <test name="family"><string>ui-sans-serif</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Open Sans</string></edit>
  </match>
</fontconfig>`;

const model = await startModelServer({});
const app = await startApp({ db: ':memory:', model: model.url });
const executablePath = await chromium.executablePath();
const fontsFile = join(tmpdir(), 'cadenza-pictures-fonts.conf');
writeFileSync(fontsFile, fonts);
const browser = await playwright.launch({
  executablePath,
  args: ['--no-sandbox', '--headless=shell'],
  env: { ...process.env, FONTCONFIG_FILE: fontsFile },
});
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 860 },
    deviceScaleFactor: 1.15,
    colorScheme: 'light',
  });
  mkdirSync(docs, { recursive: true });
  const take = (name: string) => page.screenshot({ path: join(docs, name), fullPage: true });
  await page.goto(app.url);
  await page.getByLabel('Your message').fill('Coffee');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Waits for you: 1 question.').waitFor();
  await page.locator('.badge').waitFor();
  await page.getByLabel(/comes to mind first/).fill('The smell of it in the morning');
  await take('pause.png');
  await page.getByRole('link', { name: 'Chart' }).click();
  await page.locator('.chart [data-lit]').first().waitFor();
  await take('chart.png');
} finally {
  await browser.close();
  await app.kill();
  await model.close();
}
