/** The events of a run tell all that it used: replies, answers that were thrown away, and summaries. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventBody, RunBody } from 'cadenza/client';
import * as z from 'zod';
import { eventBody } from '../../server/event-body.ts';
import { defineAgent, openai, type Run } from '../../src/index.ts';
import type { Turn } from '../../src/testing/index.ts';
import { startApp } from '../kit/app.ts';
import { logOf, readEvents } from '../kit/events.ts';
import { folderFor } from '../kit/folder.ts';
import { always, lastStep, nextStep, stepping } from '../kit/long-runs.ts';
import { eager, runIdIn, until } from '../kit/retries.ts';
import { testRuntime } from '../kit/runtime.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { contentOf, failureOf } from '../kit/team-run.ts';
import { fetchRun, post } from '../kit/wire.ts';

type Counted = Pick<RunBody['usage'], 'model_calls' | 'input_tokens' | 'output_tokens' | 'cost'>;

const price = { inputPerMillion: 1, outputPerMillion: 10 };

/** What events say was used, all together. */
function usedIn(events: readonly EventBody[]): Counted {
  const used = events.flatMap((event) => ('usage' in event ? [event] : []));
  const micros = used.reduce((sum, { cost = Number.NaN }) => sum + Math.round(cost * 1e6), 0);
  return {
    model_calls: used.length,
    input_tokens: used.reduce((sum, { usage }) => sum + usage.input_tokens, 0),
    output_tokens: used.reduce((sum, { usage }) => sum + usage.output_tokens, 0),
    ...(Number.isNaN(micros) ? {} : { cost: micros / 1e6 }),
  };
}

test('what the events say was used is all that the run used: over answers thrown away, summaries, another model and a crash', async (t) => {
  const file = folderFor(t);
  const db = file('runs.db');
  const silentAt = new Set(['gpt-5 3', 'gpt-5 5', 'gpt-4o-mini 5']);
  const solo: Turn = (request) => {
    const { model } = request.body;
    const step = lastStep(request) + 1;
    if (step === 2 && model === 'gpt-5') return { status: 503 };
    // Once each: it says nothing, and that is paid for.
    return silentAt.delete(`${model} ${step}`) ? { text: '' } : nextStep(request);
  };
  let cutOff = 1;
  const [summary = ''] = stepping.summarizer;
  const summarizer: Turn = () =>
    cutOff-- > 0 ? { text: 'SUMMARY of half', fault: 'max_output_tokens' } : summary;
  const model = await startStrictModel({
    agents: { Solo: always(solo), summarizer: [summarizer] },
  });
  t.after(() => model.close());
  const start = (env: Record<string, string>) =>
    startApp({
      ...{ team: 'test/teams/long-stood-in.ts', preload: 'test/kit/crash.ts' },
      ...{ db, model: model.url, env },
    });
  const dying = await start({ DIE_AT: 'save summary: committed' });
  post(dying.url, '/chat', { message: 'Take them.' }).catch(() => undefined);
  assert.equal((await dying.ended).signal, 'SIGKILL');
  const next = await start({});
  t.after(() => next.kill());
  const id = runIdIn(db);
  const run = await until(async () => {
    const body = await fetchRun(next.url, id);
    return body.status === 'working' ? undefined : body;
  });
  assert.equal(run.final_content, 'All steps taken.');
  const events = (await readEvents(`${next.url}/runs/${id}/events`)) as unknown as EventBody[];
  const { agents: _, ...used } = run.usage as unknown as RunBody['usage'];
  const { model_calls, input_tokens, output_tokens, cost } = used;
  assert.deepEqual(usedIn(events), { model_calls, input_tokens, output_tokens, cost });
  assert.equal(model_calls, model.requests.length - 1, 'all but the one that was refused');
  const kinds = events.flatMap((event) => (event.type === 'model.used' ? event.kind : []));
  const discarded = kinds.filter((kind) => kind === 'discarded').length;
  assert.deepEqual([discarded, silentAt.size], [4, 0]);
  assert.equal(kinds.length - discarded, model.requestsOf('summarizer').length - 1);
  const stoodIn = events.flatMap((event) =>
    event.type === 'model.replied' && event.instead_of ? [[event.model, event.instead_of]] : [],
  );
  const insteadOf = (code: string, said: string) => {
    const error = { code, message: `The model "gpt-5" ${said}.` };
    return ['gpt-4o-mini', [{ model: 'gpt-5', error }]];
  };
  assert.deepEqual(stoodIn, [
    insteadOf('model_unavailable', 'answered 503'),
    insteadOf('model_reply_unusable', 'said nothing'),
  ]);
});

test('it is all of it where a reply is corrected or refused, and where nothing can be used', async (t) => {
  const corrected: Turn = ({ messages }) => (messages.length === 2 ? 'no JSON' : '{"ok":true}');
  const scripts = {
    Solo: [corrected],
    Guarded: ['Secret.'],
    Silent: [{ text: '' }],
    Filtered: [{ text: 'Half', finishReason: 'content_filter' }],
  };
  const kit = await testRuntime(
    t,
    scripts,
    (baseURL) => {
      const model = openai('gpt-5', { baseURL, price });
      const output = z.object({ ok: z.boolean() });
      return [
        defineAgent({ name: 'Solo', model, output }),
        defineAgent({ name: 'Guarded', model, outputGuards: [() => 'Not this.'] }),
        defineAgent({ name: 'Silent', model }),
        defineAgent({ name: 'Filtered', model }),
      ];
    },
    { retries: eager },
  );
  for (const [team, discarded] of [
    ['Solo', 0],
    ['Guarded', 1],
    ['Silent', 3],
    ['Filtered', 1],
  ] as const) {
    const run = await kit.runtime.start({ team, message: 'Go' });
    const events = (await logOf(kit.runtime, run.id)).map((event) => eventBody(run, event));
    assert.deepEqual(usedIn(events), usedBy(run), team);
    const told = events.flatMap((event) => (event.type === 'model.used' ? [event] : []));
    assert.deepEqual(
      told.map(({ kind, agent, path, model }) => [kind, agent, path, model]),
      Array(discarded).fill(['discarded', team, '', 'gpt-5']),
    );
  }
});

function usedBy({ usage: { modelCalls, inputTokens, outputTokens, cost } }: Run): Counted {
  const counts = { model_calls: modelCalls, input_tokens: inputTokens };
  return { ...counts, output_tokens: outputTokens, ...(cost === undefined ? {} : { cost }) };
}

test('a key that is refused is reported once while another model answers, and again after it worked', async (t) => {
  const other = await startStrictModel({ respond: () => 'Tea.' });
  t.after(() => other.close());
  let isRefused = true;
  const turn: Turn = () => (isRefused ? { status: 401 } : 'Coffee.');
  const kit = await testRuntime(t, { Desk: [turn] }, (baseURL) => {
    const fallback = [openai('gpt-4o-mini', { baseURL: other.url })];
    return [defineAgent({ name: 'Desk', model: openai('gpt-5', { baseURL, fallback }) })];
  });
  const said = async () => contentOf(await kit.runtime.start({ message: 'What is there?' }));
  assert.deepEqual([await said(), await said()], ['Tea.', 'Tea.']);
  assert.deepEqual(kit.reported.map(String), ['RunError: The model "gpt-5" answered 401.']);
  isRefused = false;
  assert.equal(await said(), 'Coffee.');
  isRefused = true;
  assert.deepEqual([await said(), await said()], ['Tea.', 'Tea.']);
  assert.equal(kit.reported.length, 2);
});

test('a run that its model refuses tells in what words, in one line and not without end', async (t) => {
  const refusal = `No.\n\u0007\tNever: ${'x'.repeat(9_000)}`;
  const kit = await testRuntime(t, { Desk: [{ refusal }] }, (baseURL) => [
    defineAgent({ name: 'Desk', model: openai('gpt-5', { baseURL }) }),
  ]);
  const { code, message } = failureOf(await kit.runtime.start({ message: 'Go' }));
  assert.equal(code, 'model_refused');
  const line = `No. Never: ${'x'.repeat(489)} …`;
  assert.equal(message, `The model "gpt-5" refused to go on. The refusal says: "${line}"`);
  assert.deepEqual(kit.reported.map(String), ['RunError: The model "gpt-5" refused to go on.']);
});
