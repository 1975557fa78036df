/** What a run used: over all its agents, over restarts, and with what it cost where that is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { createApp } from '../../server/app.ts';
import { defineAgent, defineTeam, getUserInput, openai } from '../../src/index.ts';
import type { OpenAIOptions } from '../../src/models/options.ts';
import type { Turn } from '../../src/testing/index.ts';
import { freshClient, questionBy } from '../kit/fresh-client.ts';
import { testRuntime } from '../kit/runtime.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { askedBy, contentOf, failureOf } from '../kit/team-run.ts';
import { ask, delegate } from '../kit/turns.ts';

/** Prices of a token that show in the sum how often each was paid. */
const price = { inputPerMillion: 1, cachedInputPerMillion: 0.1, outputPerMillion: 10 };

function used(turn: object, prompt: number, cached: number, completion: number, thought: number) {
  const [promptTokens, cachedTokens, completionTokens, reasoningTokens] = [
    prompt,
    cached,
    completion,
    thought,
  ];
  return { ...turn, usage: { promptTokens, cachedTokens, completionTokens, reasoningTokens } };
}

const agents = {
  Desk: [
    used({ calls: [delegate('c1', 'A')] }, 100, 50, 10, 5),
    used({ text: 'done' }, 200, 0, 20, 0),
  ],
  A: [
    used({ calls: [ask('g', 'city')] }, 1_000, 0, 100, 0),
    used({ text: 'A RESULT' }, 2_000, 1_000, 200, 100),
  ],
};

const deskUsed = {
  modelCalls: 2,
  inputTokens: 300,
  cachedInputTokens: 50,
  outputTokens: 30,
  reasoningTokens: 5,
  cost: 0.000_555,
};
const memberUsed = {
  modelCalls: 2,
  inputTokens: 3_000,
  cachedInputTokens: 1_000,
  outputTokens: 300,
  reasoningTokens: 100,
  cost: 0.005_1,
};
const allUsed = {
  modelCalls: 4,
  inputTokens: 3_300,
  cachedInputTokens: 1_050,
  outputTokens: 330,
  reasoningTokens: 105,
  cost: 0.005_655,
  agents: { Desk: deskUsed, 'Desk/A': memberUsed },
};

/** A desk with a member; `ofMember` is what the member's model differs in. */
function desk(options: OpenAIOptions, ofMember: OpenAIOptions = {}) {
  const model = openai('gpt-5', { apiKey: 'test', ...options });
  const own = openai('gpt-5', { apiKey: 'test', ...options, ...ofMember });
  const member = defineAgent({ name: 'A', role: 'Works.', model: own, tools: [getUserInput()] });
  return [defineTeam({ name: 'Desk', model, members: [member] })];
}

for (const api of ['chat', 'responses'] as const) {
  for (const stream of [true, false]) {
    const way = `${api}, ${stream ? 'streaming' : 'in one piece'}`;
    test(`a run tells what it used, also after a restart, to the last token: ${way}`, async (t) => {
      const kit = await testRuntime(t, agents, (baseURL) => desk({ baseURL, api, stream, price }));
      const run = await kit.runtime.start({ message: 'Trip' });
      assert.deepEqual(
        [run.usage.modelCalls, run.usage.inputTokens, run.usage.cost],
        [2, 1_100, 0.002_155],
      );
      const later = await kit.reopen();
      assert.deepEqual((await later.get(run.id)).usage, run.usage);
      const end = await later.resume(run.id, { [askedBy(run, 'A')]: { city: 'Rome' } });
      assert.deepEqual(end.usage, allUsed);
    });
  }
}

test('the bodies of /chat and /resume tell what was used until then, whichever process answers', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/desk.ts', agents });
  const paused = (await client.post('/chat', { message: 'Trip' })).body;
  const end = await client.resume(paused.run_id, { [questionBy(paused, 'A')]: { city: 'Rome' } });
  const { cost: _, agents: __, ...counts } = allUsed;
  assert.deepEqual(end.usage, {
    ...inSnakeCase(counts),
    agents: { Desk: inSnakeCase(deskUsed), 'Desk/A': inSnakeCase(memberUsed) },
  });
});

/** The counts as the wire has them; that team's models have no price. */
function inSnakeCase(counts: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([name, count]) =>
      name === 'cost' ? [] : [[name.replaceAll(/[A-Z]/g, (it) => `_${it.toLowerCase()}`), count]],
    ),
  );
}

test('a body tells the cost where it is known', async (t) => {
  const kit = await testRuntime(t, agents, (baseURL) => desk({ baseURL, price }));
  const run = await kit.runtime.start({ message: 'Trip' });
  const body = await (await createApp(kit.runtime).request(`/runs/${run.id}`)).json();
  assert.equal((body as { usage: { cost: number } }).usage.cost, 0.002_155);
});

test('a model that stands in is counted under its own name and price', async (t) => {
  const other = await startStrictModel({ agents });
  t.after(() => other.close());
  const cheap = { inputPerMillion: 0.5, outputPerMillion: 5 };
  const kit = await testRuntime(t, {}, () => {
    const down = 'http://127.0.0.1:1/v1';
    const fallback = [openai('gpt-4o-mini', { baseURL: other.url, apiKey: 'test', price: cheap })];
    return desk({ baseURL: down, price, fallback });
  });
  const run = await kit.runtime.start({ message: 'Trip' });
  assert.equal(run.usage.cost, (1_100 * 0.5 + 110 * 5) / 1_000_000);
});

test('a reply that is corrected, and one that is never taken, are paid for too', async (t) => {
  const corrected: Turn = ({ messages }) =>
    messages.length === 2
      ? used({ text: 'no JSON' }, 100, 0, 10, 0)
      : used({ text: '{"ok":true}' }, 200, 0, 10, 0);
  const refused = used({ text: 'Secret.' }, 400, 0, 10, 0);
  const silent: Turn = used({ text: '' }, 50, 0, 1, 0);
  const scripts = { Solo: [corrected], Guarded: [refused], Silent: [silent] };
  const kit = await testRuntime(t, scripts, (baseURL) => {
    const model = openai('gpt-5', { baseURL, price });
    const output = z.object({ ok: z.boolean() });
    return [
      defineAgent({ name: 'Solo', model, output }),
      defineAgent({ name: 'Guarded', model, outputGuards: [() => 'Not this.'] }),
      defineAgent({ name: 'Silent', model }),
    ];
  });
  const usageOf = async (team: string) => {
    const { usage } = await kit.runtime.start({ team, message: 'Go' });
    return [usage.modelCalls, usage.inputTokens, usage.cost];
  };
  assert.deepEqual(await usageOf('Solo'), [2, 300, 0.0005]);
  assert.deepEqual(await usageOf('Guarded'), [1, 400, 0.0005]);
  assert.deepEqual(await usageOf('Silent'), [3, 150, 0.00018], 'each of three tries');
});

test('a limit on cost ends the work when it is reached', async (t) => {
  const kit = await testRuntime(t, agents, (baseURL) => desk({ baseURL, price }), {
    limits: { cost: 0.002 },
  });
  const run = await kit.runtime.start({ message: 'Trip' });
  const end = await kit.runtime.resume(run.id, { [askedBy(run, 'A')]: { city: 'Rome' } });
  assert.deepEqual(failureOf(end), {
    code: 'limit_reached',
    message: 'A limit was reached: the run cost all of the 0.002 it may cost.',
    content: '',
  });
});

test('a limit on cost that cannot be kept, because a price is missing, says so', async (t) => {
  const kit = await testRuntime(t, agents, (baseURL) => desk({ baseURL }), { limits: { cost: 9 } });
  const run = await kit.runtime.start({ message: 'Trip' });
  assert.match(failureOf(run).message, /what the run costs is not known.*give every model a price/);
});

test('a limit on cost that cannot be kept, because tokens were not counted, says so', async (t) => {
  const uncounted = {
    Desk: [{ calls: [delegate('c1', 'A')], fault: 'no_usage' } as const, 'done'],
  };
  const kit = await testRuntime(t, uncounted, (baseURL) => desk({ baseURL, price }), {
    limits: { cost: 9 },
  });
  const run = await kit.runtime.start({ message: 'Trip' });
  assert.match(failureOf(run).message, /the run costs is not known.*did not say how many tokens/);
});

test('without a limit on cost nothing needs a price', async (t) => {
  const kit = await testRuntime(t, agents, (baseURL) => desk({ baseURL }, { price }));
  const run = await kit.runtime.start({ message: 'Trip' });
  const end = await kit.runtime.resume(run.id, { [askedBy(run, 'A')]: { city: 'Rome' } });
  assert.equal(contentOf(end), 'done');
  assert.equal('cost' in end.usage, false, 'known in part is not known');
  assert.equal(end.usage.agents['Desk/A']?.cost, memberUsed.cost);
  assert.equal('cost' in (end.usage.agents['Desk'] ?? {}), false);
});
