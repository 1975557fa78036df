/** Questions of every kind, answered in a browser: side by side, with changes, with a note, and wrongly. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as z from 'zod';
import { defineAgent, defineTool, openai } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { assertAccessible, assertFitsPhone } from '../kit/browser.ts';
import { lastRequest } from '../kit/fresh-client.ts';
import { pausingRuntime, resultsIn } from '../kit/pauses.ts';
import { testRuntime } from '../kit/runtime.ts';
import { questionOf, say, servedPage } from '../kit/served-page.ts';
import { ask, delegate } from '../kit/turns.ts';

/** The page of the pausing team, after a message to it. */
async function asked(t: TestContext, agents: Readonly<Record<string, readonly Turn[]>>) {
  const served = await pausingRuntime(t, agents, { tools: { deadlineMs: 600_000 } });
  const shown = await servedPage(t, served.runtime);
  if (!shown) return undefined;
  await say(shown.page, 'Trip');
  await shown.page.getByRole('status').filter({ hasText: 'Waits for you' }).waitFor();
  return { ...shown, ...served };
}

test('two members that ask at once are answered in reverse order', async (t) => {
  const { page, url, runtime, results } =
    (await asked(t, {
      Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'both answered'],
      A: [[ask('ga', 'city')], 'A RESULT'],
      B: [[ask('gb', 'city')], 'B RESULT'],
    })) ?? {};
  if (!page || !url || !runtime || !results) return;
  assert.equal(await page.getByRole('button', { name: 'Answer' }).count(), 2);
  await assertAccessible(page, 'two questions');
  await assertFitsPhone(page, 'two questions');
  for (const [agent, city] of [
    ['B', 'Oslo'],
    ['A', 'Rome'],
  ] as const) {
    await questionOf(page, `${agent} asks`).getByRole('textbox').fill(city);
    await questionOf(page, `${agent} asks`).getByRole('button', { name: 'Answer' }).click();
    await questionOf(page, `${agent} asks`).waitFor({ state: 'hidden' });
  }
  await page.locator('.answer').getByText('both answered').waitFor();
  assert.match(results('A')['ga'] ?? '', /Rome/);
  assert.match(results('B')['gb'] ?? '', /Oslo/);

  for (const message of ['One', 'Two']) await runtime.start({ message });
  await page.goto(`${url}/#/inbox`);
  await page.getByText('4 questions, the oldest first.').waitFor();
  await questionOf(page, 'A asks').first().getByRole('textbox').fill('Rome');
  await questionOf(page, 'A asks').first().getByRole('button', { name: 'Answer' }).click();
  await page.getByText('3 questions, the oldest first.').waitFor();
  await page.getByRole('link', { name: 'Open the conversation' }).last().click();
  await page.locator('.you', { hasText: 'Two' }).waitFor();
  await page.locator('.question:focus-within .asker', { hasText: 'B asks' }).waitFor();
});

test('a tool is approved with other arguments, which are refused where they do not fit', async (t) => {
  const { page, written } =
    (await asked(t, { Desk: [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'paid'] })) ?? {};
  if (!page || !written) return;
  const shown = page.getByRole('figure', { name: 'Arguments, written by the model' });
  await shown.getByText('"amount": 500').waitFor();
  await page.getByRole('button', { name: 'Change the arguments' }).click();
  assert.equal(await page.getByLabel('amount').inputValue(), '500');
  await page.getByLabel('amount').fill('0');
  await page.getByRole('button', { name: 'Approve with changes' }).click();
  await page
    .locator('[data-field="amount"] .misfit', { hasText: /^This must be at least 1\.$/ })
    .waitFor();
  assert.equal(await page.locator('[data-field="to"] .misfit').count(), 0);
  assert.equal(await page.getByLabel('amount').getAttribute('aria-invalid'), 'true');
  await assertAccessible(page, 'changed arguments');
  await page.getByLabel('amount').fill('120');
  await page.getByRole('button', { name: 'Approve with changes' }).click();
  await page.locator('.answer').getByText('paid').waitFor();
  assert.deepEqual(written, ['pay 120 Bob']);
});

test('arguments that were looked at and left alone are those of the model', async (t) => {
  const { page, results } =
    (await asked(t, { Desk: [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'paid'] })) ?? {};
  if (!page || !results) return;
  await page.getByRole('button', { name: 'Change the arguments' }).click();
  await page.getByRole('button', { name: 'Approve with changes' }).click();
  await page.locator('.answer').waitFor();
  assert.equal(results()['p'], 'paid 500 to Bob');
});

test('a tool is declined with a note while its deadline counts down, and Enter decides nothing', async (t) => {
  const { page, results, written } =
    (await asked(t, { Desk: [[call('vote', { topic: 'Bob' }, 's')], 'not sent'] })) ?? {};
  if (!page || !results) return;
  await page.getByText('then it is declined').waitFor();
  const left = page.getByRole('timer');
  const before = (await left.textContent()) ?? '';
  assert.match(before, /^(10 min|9 min \d+ s) left$/);
  await left.filter({ hasNotText: before }).waitFor();
  await page.getByLabel('A note for the model').fill('Ask Ann');
  await page.getByLabel('A note for the model').press('Control+Enter');
  await page.getByRole('button', { name: 'Decline' }).click();
  await page.locator('.answer').getByText('not sent').waitFor();
  assert.match(results()['s'] ?? '', /declined.*Ask Ann/s);
  assert.deepEqual(written, []);
});

test('who declines an approval need fill in nothing that the tool wants to know', async (t) => {
  const order = defineTool({
    name: 'order',
    description: 'Orders.',
    input: z.object({}),
    approval: 'always',
    askUser: z.object({ copies: z.int() }),
    execute: () => 'ordered',
  });
  const { runtime, model } = await testRuntime(
    t,
    { Desk: [[call('order', {}, 'o')], 'not ordered'] },
    (baseURL) => [
      defineAgent({
        name: 'Desk',
        model: openai('gpt-4o-mini', { baseURL, apiKey: 'test' }),
        tools: [order],
      }),
    ],
  );
  const { page } = (await servedPage(t, runtime)) ?? {};
  if (!page) return;
  await say(page, 'Trip');
  await page.getByLabel('copies').fill('some');
  await page.getByLabel('A note for the model').fill('Too dear');
  await page.getByRole('button', { name: 'Decline' }).click();
  await page.locator('.answer').getByText('not ordered').waitFor();
  const { o } = resultsIn(lastRequest(model, 'Desk'));
  assert.equal(o, 'The person declined. Their note: Too dear');
});

test('a question of any kind is declined with a button, whatever is filled in', async (t) => {
  const calls = [
    ask('g', 'city'),
    call('book', { guests: 2 }, 'b'),
    call('ship', { order: 'o1' }, 'x'),
    call('transfer', { amount: 5 }, 't'),
  ];
  const { page, results, runtime, written } =
    (await asked(t, { Desk: [calls, 'nothing done'] })) ?? {};
  if (!page || !results) return;
  await page.getByLabel('Under which name?').fill('x');
  await page.getByRole('button', { name: 'Answer' }).nth(1).click();
  await page.locator('[data-field="name"] .misfit').waitFor();
  for (let left = calls.length; left > 0; left -= 1) {
    // The one that does not fit first, then from the top.
    const card = page.locator('.question').nth(left === calls.length ? 1 : 0);
    await card.getByRole('button', { name: 'Decline' }).click();
    await page
      .locator('.question')
      .nth(left - 1)
      .waitFor({ state: 'hidden' });
  }
  await page.locator('.answer').getByText('nothing done').waitFor();
  assert.deepEqual(new Set(Object.values(results())), new Set(['The person declined.']));
  assert.deepEqual(written, []);
  const answered = await runtime?.questions({ status: 'answered' });
  assert.deepEqual(new Set(answered?.map(({ answer }) => answer)), new Set([null]));
});

const fields = {
  user_input_fields: [
    ['nights', 'int', 'How many nights?'],
    ['price', 'float', 'At which price?'],
    ['pets', 'bool', 'With pets?'],
    ['day', 'date', 'On which day?'],
    ['room', 'choice', 'Which room?', ['single', 'double']],
    ['extras', 'choices', 'Which extras?', ['tea', 'wifi', 'sauna']],
    ['wish', 'str', 'Which wish?'],
  ].map(([field_name, field_type, field_description, field_choices]) => ({
    field_name,
    field_type,
    field_description,
    ...(field_choices ? { field_choices } : {}),
  })),
};

test('every type of field has a control, and shows beside it what does not fit', async (t) => {
  const { page, results } =
    (await asked(t, { Desk: [[call('get_user_input', fields, 'g')], 'thanks'] })) ?? {};
  if (!page || !results) return;
  await page.getByLabel('How many nights?').fill('two');
  await page.getByLabel('At which price?').fill('99.5');
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.locator('[data-field="nights"] .misfit').waitFor();
  const wrong = await page.evaluate<string[]>(
    '[...document.querySelectorAll("[data-field]:has(.misfit)")].map(({ dataset }) => dataset.field)',
  );
  assert.deepEqual(wrong, ['nights', 'pets', 'day', 'room', 'extras', 'wish']);
  assert.equal(await page.getByLabel('How many nights?').inputValue(), 'two', 'nothing is lost');
  await page.getByLabel('How many nights?').fill('2');
  await page.getByRole('group', { name: 'With pets?' }).getByLabel('No').check();
  await page.getByLabel('On which day?').fill('2027-05-12');
  await page.getByLabel('double').check();
  await page.getByLabel('sauna').check();
  await page.getByLabel('tea').check();
  await page.getByLabel('Which wish?').fill('Quiet, please');
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.locator('.answer').waitFor();
  assert.deepEqual(JSON.parse(results()['g'] ?? ''), {
    nights: 2,
    price: 99.5,
    pets: false,
    day: '2027-05-12',
    room: 'double',
    extras: ['tea', 'sauna'],
    wish: 'Quiet, please',
  });
});
