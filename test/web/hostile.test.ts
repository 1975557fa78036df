/** What others wrote is shown as text, whatever it is, under a policy that would not run it anyway. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { call } from '../../src/testing/index.ts';
import { assertAccessible, assertFitsPhone } from '../kit/browser.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { questionOf, say, servedPage } from '../kit/served-page.ts';
import { delegate } from '../kit/turns.ts';

const html = '<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>';
const long = 'x'.repeat(3_000);
const rightToLeft = 'שלום עולם';

test('hostile text is text', async (t) => {
  const { runtime } = await pausingRuntime(t, {
    Desk: [
      {
        text: `${html} ${long}`,
        calls: [delegate('c1', 'A'), call('send', { to: `\u202e${html}${long}` }, 's')],
      },
    ],
    A: [
      [
        call('get_user_input', {
          user_input_fields: [
            {
              field_name: 'a',
              field_type: 'choice',
              field_description: `${html} ${rightToLeft}`,
              field_choices: [html, 'y'.repeat(200)],
            },
          ],
        }),
      ],
    ],
  });
  const { page, url } = (await servedPage(t, runtime)) ?? {};
  if (!page || !url) return;
  await say(page, `${html} ${rightToLeft} ${long}`);
  await page.getByText('Waits for you: 2 questions').waitFor();
  assert.ok((await page.getByText('<script>').count()) > 3, 'it is shown');
  assert.equal(await page.evaluate('typeof window.hacked'), 'undefined');
  assert.equal(await page.locator('img, #page script').count(), 0);
  await questionOf(page, 'Desk asks').getByText('\\u202e').waitFor();
  await assertFitsPhone(page, 'hostile text');
  await assertAccessible(page, 'hostile text');
  await page.goto(`${url}/#/inbox`);
  await page.getByText('2 questions, the oldest first.').waitFor();
  await assertFitsPhone(page, 'an inbox of hostile text');
});

test('names and sentences on a chart are text, whatever the server says', async (t) => {
  const { runtime } = await pausingRuntime(t, { Desk: [[call('send', { to: 'Ada' }, 's')]] });
  const { page, url } = (await servedPage(t, runtime)) ?? {};
  if (!page || !url) return;
  const run = await runtime.start({ message: html });
  for (const path of ['explain', 'revisions*']) await renameIn(page, `**/runs/*/${path}`);
  await page.goto(`${url}/#/runs/${run.id}/chart`);
  await page.locator('.chosen h2', { hasText: hostileName }).waitFor();
  await page
    .locator('.chart title', { hasText: hostileName })
    .first()
    .waitFor({ state: 'attached' });
  assert.ok((await page.getByText('<script>').count()) > 6, 'it is shown');
  assert.equal(await page.evaluate('typeof window.hacked'), 'undefined');
  assert.equal(await page.locator('img, #page script').count(), 0);
  await assertFitsPhone(page, 'a chart of hostile text');
  await assertAccessible(page, 'a chart of hostile text');
});

/** Without a slash, which parts an agent's name from those above it. */
const hostileName = `${html.replaceAll('/', '')}${rightToLeft}${long}`;

/** Puts hostile text in the place of every name: no author and no model can bring one so far. */
async function renameIn(page: Page, address: string): Promise<void> {
  await page.route(address, async (route) => {
    const response = await route.fetch();
    const body = JSON.parse(await response.text(), (key, value: unknown) =>
      ['name', 'sentence', 'type'].includes(key) ? hostileName : value,
    );
    await route.fulfill({ response, json: body });
  });
}
