/** Conversations that outgrow the model: cut, summarized or refused, by the agent's own policy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { ModelRequest, Turn } from '../../../src/testing/index.ts';
import {
  allSteps,
  always,
  lastStep,
  longRuntime,
  nextStep,
  stepsIn,
  stepsSeen,
  tokensOf,
  userTexts,
} from '../../kit/long-runs.ts';
import { contentOf, failureOf } from '../../kit/team-run.ts';

for (const api of ['chat', 'responses'] as const) {
  // Replies are longer where their reasoning is sent back.
  const tokensMax = api === 'chat' ? 800 : 1_200;

  test(`truncate: the oldest turns go, the task and the latest turn stay: ${api}`, async (t) => {
    const kit = await longRuntime(t, api, { policy: 'truncate', tokensMax });
    assert.equal(contentOf(await kit.runtime.start({ message: 'Take them.' })), 'All steps taken.');
    const sent = kit.model.requestsOf('Solo');
    assert.deepEqual(sent.map(lastStep), allSteps, 'each sees the step before');
    for (const request of sent) {
      const [task, note] = userTexts(request);
      assert.equal(task, 'Take them.');
      assert.ok(tokensOf(request) <= tokensMax);
      const seen = stepsSeen(request);
      const last = lastStep(request);
      assert.deepEqual(seen, allSteps.slice(last + 1 - seen.length, last + 1), 'the latest');
      assert.equal(note?.startsWith('The oldest turns of your work') ?? false, seen.length < last);
    }
    assert.ok(sent.some((request) => stepsSeen(request).length < lastStep(request)));
  });

  test(`summarize: a summary stands for what is left out, and is paid for: ${api}`, async (t) => {
    const kit = await longRuntime(t, api, { policy: 'summarize', tokensMax });
    const run = await kit.runtime.start({ message: 'Take them.' });
    assert.equal(contentOf(run), 'All steps taken.');
    const sent = kit.model.requestsOf('Solo');
    const summaries = kit.model.requestsOf('summarizer');
    assert.deepEqual(sent.map(lastStep), allSteps);
    for (const request of sent) {
      const told = [...stepsIn(userTexts(request)), ...stepsSeen(request)];
      assert.deepEqual(told, allSteps.slice(1, lastStep(request) + 1), 'nothing is lost');
      assert.ok(tokensOf(request) <= tokensMax);
      assert.equal(userTexts(request)[0], 'Take them.');
    }
    for (const { tools } of summaries) assert.deepEqual(tools, []);
    assert.ok(summaries.length > 1 && summaries.length < 5, 'not every turn needs one');
    assert.equal(run.usage.modelCalls, sent.length + summaries.length);
  });

  test(`fail: nothing is left out, and the run says what to do: ${api}`, async (t) => {
    const kit = await longRuntime(t, api, { policy: 'fail', tokensMax });
    const { code, message, content } = failureOf(await kit.runtime.start({ message: 'Go' }));
    assert.equal(code, 'context_too_long');
    assert.match(message, /"Solo" is too long for the model "gpt-5": at least about \d+ tokens/);
    assert.match(message, /with the policy "truncate" or "summarize"\.$/);
    const { length } = kit.model.requestsOf('Solo');
    assert.equal(content, `Step ${length}.`, 'what was said last is kept');
  });

  for (const policy of ['truncate', 'summarize'] as const) {
    test(`a refusal of the provider is met once by less, ${policy}: ${api}`, async (t) => {
      const narrow = { name: 'context_length', tokensMax: 1_200 } as const;
      const solo = always((request) => nextStep(request, narrow));
      const kit = await longRuntime(t, api, { policy }, solo);
      assert.equal(contentOf(await kit.runtime.start({ message: 'Go' })), 'All steps taken.');
      const steps = kit.model.requestsOf('Solo').map(lastStep);
      assert.deepEqual([...new Set(steps)], allSteps);
      const times = allSteps.map((step) => steps.filter((one) => one === step).length);
      assert.equal(Math.max(...times), 2, 'a request was refused and sent once more');
      if (policy === 'summarize') assert.ok(steps.length < allSteps.length + 5, 'it remembers');
    });
  }

  test(`a second refusal ends the run, and everything is kept: ${api}`, async (t) => {
    const refuses: Turn = (request) =>
      nextStep(request, lastStep(request) >= 6 ? 'context_length' : []);
    const kit = await longRuntime(t, api, { policy: 'summarize' }, always(refuses));
    const run = await kit.runtime.start({ message: 'Go' });
    const { code, message, content } = failureOf(run);
    assert.deepEqual([code, content], ['context_too_long', 'Step 6.']);
    assert.match(message, /Its policy can leave nothing more out/);
    assert.equal(kit.model.requestsOf('Solo').filter((one) => lastStep(one) === 6).length, 2);
    const rows = new Database(kit.db, { readonly: true });
    const count = (table: string) => rows.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    assert.deepEqual(['message', 'tool_call', 'summary'].map(count), [7, 6, 1]);
    rows.close();
    assert.deepEqual((await (await kit.reopen()).get(run.id)).usage, run.usage);
  });

  test(`by default a refusal of the provider ends the run at once: ${api}`, async (t) => {
    const solo = always((request) => nextStep(request, 'context_length'));
    const kit = await longRuntime(t, api, undefined, solo);
    const { code, message } = failureOf(await kit.runtime.start({ message: 'Go' }));
    assert.equal(code, 'context_too_long');
    assert.match(message, /more than its provider takes\. .*"truncate" or "summarize"\.$/);
    assert.equal(kit.model.requests.length, 1);
  });
}

test('earlier runs of a session go before turns of this one, and are summarized with them', async (t) => {
  const filling = 'y'.repeat(400);
  const heads = async (policy: 'truncate' | 'summarize') => {
    const solo = always(({ messages }) => `re ${messages.at(-1)?.content}`);
    const kit = await longRuntime(t, 'chat', { policy, tokensMax: 500 }, solo);
    for (const message of ['a', 'b', 'c', 'd']) {
      await kit.runtime.start({ message: `${message} ${filling}`, sessionId: 'ses_1' });
    }
    const seen = userTexts(kit.model.requestsOf('Solo').at(-1) as ModelRequest);
    return seen.map((text) => text.replace(filling, '').replaceAll('\n', ' ').trim());
  };
  assert.deepEqual(await heads('truncate'), ['c', 'd']);
  const [task, summary] = await heads('summarize');
  assert.equal(task, 'd');
  assert.match(summary ?? '', /^What happened before.* SUMMARY of/);
});

test('what is as short as it can be is not sent again after a refusal', async (t) => {
  const refuses: Turn = (request) =>
    nextStep(request, lastStep(request) >= 3 ? 'context_length' : []);
  const kit = await longRuntime(t, 'chat', { policy: 'truncate', tokensMax: 240 }, always(refuses));
  const { code } = failureOf(await kit.runtime.start({ message: 'Go' }));
  assert.equal(code, 'context_too_long');
  const steps = kit.model.requestsOf('Solo').map((request) => stepsSeen(request));
  assert.deepEqual(steps, [[], [1], [2], [3]]);
});

test('what cannot be made to fit is refused before it is sent', async (t) => {
  const kit = await longRuntime(t, 'chat', { policy: 'truncate', tokensMax: 200 });
  const { code } = failureOf(await kit.runtime.start({ message: 'z'.repeat(1_000) }));
  assert.equal(code, 'context_too_long');
  assert.equal(kit.model.requests.length, 0);
});
