/** The chart of a run: what is lit is what was stored, at every step, as it happens and afterwards. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { call } from '../../src/testing/index.ts';
import { assertAccessible, assertFitsPhone } from '../kit/browser.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { servedPage } from '../kit/served-page.ts';
import { ask, delegate } from '../kit/turns.ts';

/** An actor as XState saves it. */
interface Saved {
  readonly value: unknown;
  readonly context: { readonly path: string };
  readonly children: Readonly<Record<string, { readonly snapshot: Saved }>>;
}

type Lit = Readonly<Record<string, readonly string[]>>;

/** The states that each actor of a snapshot is in, with those that contain them. */
function litIn({ value, context, children }: Saved): Lit {
  const below = Object.values(children).map(({ snapshot }) => litIn(snapshot));
  return Object.assign({ [context.path]: statesIn(value) }, ...below);
}

function statesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.entries(value).flatMap(([state, inside]) => [
    state,
    ...statesIn(inside).map((inner) => `${state}.${inner}`),
  ]);
}

/** Keeps every snapshot that is stored from now on, by the step's number. */
function keepSnapshots(t: TestContext, file: string): () => Map<number, Saved> {
  const db = new Database(file);
  t.after(() => db.close());
  db.exec(`
    CREATE TABLE seen (revision INTEGER, snapshot TEXT);
    CREATE TRIGGER see AFTER UPDATE OF snapshot ON run WHEN NEW.snapshot IS NOT NULL
    BEGIN INSERT INTO seen VALUES (NEW.revision, NEW.snapshot); END;
  `);
  return () => {
    const rows = db.prepare('SELECT revision, snapshot FROM seen').raw().all();
    return new Map((rows as [number, string][]).map(([n, text]) => [n, JSON.parse(text)]));
  };
}

/** Chooses one actor after the other, and reads which states of its chart are lit. */
async function litOn(page: Page): Promise<Lit> {
  return page.evaluate<Lit>(`(async () => {
    const found = {};
    for (const actor of document.querySelectorAll('.actor')) {
      actor.click();
      while (!actor.matches('[aria-current]')) await new Promise(requestAnimationFrame);
      const lit = [...document.querySelectorAll('.chart [data-lit]')];
      found[actor.dataset.path] = lit.map((state) => state.dataset.state);
    }
    return found;
  })()`);
}

/** Asserts that a step is shown as it was stored; beside that, only what ended in it is shown. */
async function assertStored(page: Page, step: number, saved: Saved | undefined): Promise<void> {
  await page.locator(`.picture[data-step="${step}"]`).waitFor();
  assert.ok(saved, `step ${step} was stored`);
  const stored = litIn(saved);
  const shown = await litOn(page);
  for (const [path, states] of Object.entries(shown)) {
    if (!stored[path]) assert.match(states.join(), /^(answered|done|failed|cancelled)$/, path);
  }
  assert.deepEqual({ ...shown, ...stored }, shown, `step ${step} is shown as it was stored`);
}

const twoAsk = {
  Desk: [[delegate('c1', 'A'), delegate('c2', 'B'), call('no_such_tool', {}, 'x')], 'DONE'],
  A: [[ask('qa', 'city'), call('pay', { amount: 5, to: 'Ada' }, 'p')], 'A RESULT'],
  B: [[ask('qb', 'budget')], 'B RESULT'],
};

test('what is lit is what was stored, at every step, live and going back', async (t) => {
  const { runtime, db } = await pausingRuntime(t, twoAsk);
  const stored = keepSnapshots(t, db);
  const { page, url } = (await servedPage(t, runtime)) ?? {};
  if (!page || !url) return;
  const run = await runtime.start({ message: 'Trip' });
  await page.goto(`${url}/#/runs/${run.id}/chart`);
  const assertLive = async () => {
    const steps = stored();
    await assertStored(page, steps.size, steps.get(steps.size));
    return steps.size;
  };
  await page.getByText('The run waits for you: 2 questions are open.').waitFor();
  await page.getByText('"B" waits for you: 0 of 1 question answered.').waitFor();
  await assertLive();
  await assertAccessible(page, 'the chart of a pause');
  await assertFitsPhone(page, 'the chart of a pause');

  await runtime.resume(run.id, { [questionOf(run, 'qb').id]: { budget: '400' } });
  await page.getByText('The run waits for you: 1 question is open.').waitFor();
  await assertLive();
  await runtime.resume(run.id, { [questionOf(run, 'qa').id]: { city: 'Lisbon' } });
  await page.getByText('The run is completed.').waitFor();
  const last = await assertLive();

  const steps = stored();
  for (let step = last - 1; step >= 1; step -= 1) {
    await page.getByRole('button', { name: 'Back' }).click();
    await assertStored(page, step, steps.get(step));
  }
  assert.ok(await page.getByRole('button', { name: 'Back' }).isDisabled());
  await page.getByRole('button', { name: 'Last step' }).click();
  await assertStored(page, last, steps.get(last));
});

test('a step is told in words, its way is marked, and an open question is led to', async (t) => {
  const { runtime } = await pausingRuntime(t, twoAsk);
  const { page, url } = (await servedPage(t, runtime)) ?? {};
  if (!page || !url) return;
  const run = await runtime.start({ message: 'Trip' });
  await page.goto(`${url}/#/runs/${run.id}/chart`);
  await page.getByRole('button', { name: 'Show step 2' }).click();
  await page.locator('.picture[data-step="2"]').waitFor();
  const chart = page.getByRole('img', { name: 'Chart of Desk' });
  assert.match(
    (await chart.locator('desc').textContent()) ?? '',
    /^In answeringCalls › delegating/,
  );
  const taken = await chart
    .locator('.arrow[data-kind="taken"]')
    .evaluateAll((list) => list.map((arrow) => arrow.getAttribute('data-arrow')));
  assert.deepEqual(taken.sort(), [
    'answeringCalls.* answeringCalls.toolResultPending',
    'answeringCalls.toolResultPending answeringCalls.delegating',
    'thinking answeringCalls',
  ]);
  const line = page.getByRole('row', { name: /Show step 2/ });
  for (const told of ['model.replied', 'thinking → delegating', 'calls 2 models']) {
    await line.getByText(told).waitFor();
  }
  assert.equal(await page.locator('.next').count(), 0, 'what comes next is told of now only');
  await assertZooms(page);

  await page.getByRole('button', { name: 'Live' }).click();
  const tree = page.getByRole('region', { name: 'Actors of the run' });
  await tree
    .getByRole('button', { name: /get_user_input/ })
    .first()
    .click();
  await page.getByText('when you answer').waitFor();
  await page.getByRole('listitem').filter({ hasText: '"A" waits' }).getByRole('link').click();
  await page.getByLabel('Which city?').waitFor();
  await page.locator('.question:focus-within .asker', { hasText: 'A asks' }).waitFor();
});

/** Asserts that the chart is drawn as large as somebody wants it, and can be read on a phone. */
async function assertZooms(page: Page): Promise<void> {
  const measured = () =>
    page.evaluate<{
      readonly percent: number;
      readonly isWhole: boolean;
      readonly isLitSeen: boolean;
    }>(`(() => {
      const box = document.querySelector('.chart');
      const svg = box.querySelector('svg');
      const lit = box.querySelector('.state.state:not(.group)[data-lit]').getBoundingClientRect();
      const { left, right } = box.getBoundingClientRect();
      return {
        percent: Math.round((100 * svg.clientWidth) / svg.viewBox.baseVal.width),
        isWhole: box.scrollWidth <= box.clientWidth,
        isLitSeen: lit.left >= left && lit.right <= right,
      };
    })()`);
  const sizes = page.getByRole('group', { name: 'Size of the chart' });
  const [whole, cut] = [true, false].map((isWhole) => ({ isWhole, isLitSeen: true }));
  assert.deepEqual(await measured(), { percent: 100, ...whole });
  await sizes.getByRole('button', { name: 'Larger' }).press('Enter');
  await sizes.getByRole('status').getByText('125 %').waitFor();
  assert.deepEqual(await measured(), { percent: 125, ...cut });
  const chart = page.getByRole('region', { name: 'Chart of Desk' });
  for (const key of ['-', '-']) await chart.press(key);
  assert.deepEqual(await measured(), { percent: 75, ...whole });
  await chart.press('0');
  await page.setViewportSize({ width: 390, height: 844 });
  await sizes
    .getByRole('status')
    .getByText(/^4\d %$/)
    .waitFor();
  assert.deepEqual({ ...(await measured()), percent: 0 }, { percent: 0, ...whole });
  await sizes.getByRole('button', { name: '100 %' }).click();
  assert.deepEqual(await measured(), { percent: 100, ...cut });
  await page.setViewportSize({ width: 1280, height: 800 });
}

test('a long run is read a page at a time, and gone through by keys, slider and list', async (t) => {
  const turns = Array.from({ length: 40 }, (_, n) => [
    call('pay', { amount: n + 1, to: 'Ada' }, `p${n}`),
  ]);
  const { runtime } = await pausingRuntime(t, { Desk: [...turns, 'DONE'] });
  const { page, url } = (await servedPage(t, runtime)) ?? {};
  if (!page || !url) return;
  const run = await runtime.start({ message: 'Trip' });
  const read: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.endsWith('/revisions')) read.push(search);
  });
  await page.goto(`${url}/#/runs/${run.id}/chart`);
  const at = (step: number) => page.locator(`.picture[data-step="${step}"]`).waitFor();
  await at(82);
  assert.deepEqual(read, ['?after=32&limit=50'], 'one page is read, the last');

  const slider = page.getByRole('slider', { name: 'Step' });
  await slider.fill('10');
  await at(10);
  assert.equal(await page.getByRole('row', { name: /Show step/ }).count(), 35, 'those around it');
  await slider.press('ArrowLeft');
  await at(9);
  await page.getByRole('button', { name: 'Forward' }).press('ArrowRight');
  await at(10);
  await page.getByRole('button', { name: 'Show step 10' }).press('ArrowUp');
  await at(11);
  const focused = await page.evaluate<string>('document.activeElement.ariaLabel');
  assert.equal(focused, 'Show step 11', 'whoever uses the keys stays in the list');
  await page.getByRole('button', { name: 'Show later steps' }).click();
  await page.getByRole('button', { name: 'Show step 82' }).click();
  await at(82);
  assert.deepEqual(read.slice(1), ['?after=0&limit=32'], 'nothing is read twice');
});
