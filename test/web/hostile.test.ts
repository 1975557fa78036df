/** What others wrote is shown as text, whatever it is, under a policy that would not run it anyway. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
