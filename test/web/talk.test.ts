/** The default team by clicks alone, and what survives: a reload, a wrong answer, the server's end. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type App, startApp } from '../kit/app.ts';
import { assertAccessible, assertFitsPhone, freshPage } from '../kit/browser.ts';
import { folderFor } from '../kit/folder.ts';
import { say } from '../kit/served-page.ts';
import { startStrictModel } from '../kit/strict-model.ts';

interface Opened {
  readonly page: Page;
  readonly app: App;
  /** Ends the server with SIGKILL; returns how to start another in its place. */
  kill(): Promise<() => Promise<void>>;
}

/** What `npm start` serves, in a browser. */
async function opened(t: TestContext): Promise<Opened | undefined> {
  const page = await freshPage(t);
  if (!page) return undefined;
  const model = await startStrictModel({});
  const options = { db: folderFor(t)('runs.db'), model: model.url };
  let app = await startApp(options);
  t.after(async () => {
    await app.kill();
    await model.close();
  });
  const { port } = new URL(app.url);
  await page.goto(app.url);
  const restart = async () => {
    app = await startApp({ ...options, env: { PORT: port } });
  };
  return {
    page,
    app,
    kill: async () => {
      await app.kill();
      return restart;
    },
  };
}

const first = 'What comes to mind first when you think of Coffee?';
const second = 'What would you most like to know about Coffee?';

async function assertGood(page: Page, view: string): Promise<void> {
  await assertAccessible(page, view);
  await assertFitsPhone(page, view);
}

test('the default team is talked to by clicks alone', async (t) => {
  const { page } = (await opened(t)) ?? {};
  if (!page) return;
  await page.getByText('OrchestratorTeam').waitFor();
  await assertGood(page, 'the start');
  await say(page, 'Coffee');
  const status = page.getByRole('status').filter({ hasText: 'Waits for you' });
  await status.waitFor();
  const focused = await page.evaluate<string>('document.activeElement.textContent');
  assert.equal(focused, 'Please provide input.', 'focus is led to the question');
  await page.getByText('WorkerAgent', { exact: true }).first().waitFor();
  await assertGood(page, 'a pause');

  await page.reload();
  await page.getByLabel(first).fill('The smell');
  await page.getByRole('button', { name: 'Answer' }).click();
  const wrong = page.locator('[data-field="question_2"]');
  await wrong.getByText('must not be empty').waitFor();
  assert.equal(await page.getByLabel(second).getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel(first).getAttribute('aria-invalid'), 'false');
  await assertGood(page, 'a wrong answer');

  await page.getByRole('link', { name: /Inbox/ }).click();
  await page.getByText('1 question, the oldest first.').waitFor();
  await assertGood(page, 'the inbox');
  await page.getByRole('link', { name: 'Open the conversation' }).click();
  assert.equal(await page.getByLabel(first).inputValue(), 'The smell', 'the draft is kept');
  await page.getByLabel(second).fill('Its history');
  await page.getByRole('button', { name: 'Answer' }).click();
  const answer = page.locator('.answer');
  await answer.getByText('The smell').waitFor();
  await answer.getByText('Its history').waitFor();
  await assertGood(page, 'a run that is done');

  await page.reload();
  await page.getByRole('button', { name: 'Show the work' }).click();
  const member = page.locator('summary', { hasText: 'WorkerAgent' });
  await member.click();
  await page.locator('summary', { hasText: 'get_user_input' }).click();
  await page.getByText('Result').waitFor();
  await assertGood(page, 'the work of a run');
  await page.getByRole('link', { name: 'Chart' }).click();
  await page.getByText('The run is completed.').waitFor();
  await assertGood(page, 'the chart');
});

test('a conversation goes on after a run, and is found again', async (t) => {
  const { page } = (await opened(t)) ?? {};
  if (!page) return;
  await say(page, 'Coffee');
  await page.getByLabel(first).fill('a');
  await page.getByLabel(second).fill('b');
  await page.getByLabel(second).press('Control+Enter');
  await page.locator('.answer').waitFor();
  await say(page, 'Tea');
  await page.getByLabel('What comes to mind first when you think of Tea?').waitFor();
  assert.equal(await page.locator('.you').count(), 2, 'both messages stand in one conversation');
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Stop it for good' }).click();
  await page.getByText('The run was stopped.').waitFor();
  await page.getByRole('link', { name: 'Cadenza' }).click();
  await page.getByRole('link', { name: /Tea\s*stopped/ }).click();
  await page.locator('.answer').getByText('Coffee').waitFor();
});

test('a server that is killed and started again is found again, and nothing is lost', async (t) => {
  const { page, kill } = (await opened(t)) ?? {};
  if (!page || !kill) return;
  await say(page, 'Coffee');
  await page.getByLabel(first).fill('The smell');
  await page.getByLabel(second).fill('Its history');
  const chart = await page.context().newPage();
  await chart.goto(`${page.url()}/chart`);
  await chart.getByText('The run waits for you: 1 question is open.').waitFor();
  const restart = await kill();
  await page.getByText('Reconnecting…').waitFor();
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
  await restart();
  await page.getByText('Reconnecting…').waitFor({ state: 'hidden' });
  assert.equal(await page.getByLabel(first).inputValue(), 'The smell');
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.locator('.answer').getByText('Its history').waitFor();
  assert.equal(await page.locator('.call').count(), 2, 'nothing is shown twice');
  await chart.getByText('The run is completed.').waitFor();
  await chart.locator('.chart [data-state="done"][data-lit]').waitFor();
});
