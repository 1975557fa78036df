/** A front end's message that arrives again, at the same moment or much later, has one run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineAgent, getUserInput, openai } from '../../src/index.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { testRuntime } from '../kit/runtime.ts';
import { ask } from '../kit/turns.ts';

const texts = [{ type: 'text', text: 'Trip' }];

const doors = {
  agui: {
    body: {
      threadId: 'ses_1',
      runId: 'r',
      messages: [{ id: 'u1', role: 'user', content: 'Trip' }],
    },
    paused: /"type":"RUN_FINISHED".*"type":"interrupt"/,
  },
  ai: {
    body: { id: 'ses_1', messages: [{ id: 'u1', role: 'user', parts: texts }] },
    paused: /"type":"data-question"/,
  },
};

/** By what happens to a message while a run of its session is not over. */
const policies = ['refuse', 'queue', 'cancel'] as const;

/** A team whose guard takes its time, so that all requests have come before any is taken. */
function guarded(whilePaused: (typeof policies)[number], baseURL: string) {
  return defineAgent({
    name: 'Desk',
    model: openai('gpt-4o-mini', { baseURL, apiKey: 'test' }),
    tools: [getUserInput()],
    whilePaused,
    inputGuards: [
      async () => {
        await sleep(50);
        return undefined;
      },
    ],
  });
}

for (const policy of policies) {
  for (const [door, { body, paused }] of Object.entries(doors)) {
    test(`of 20 equal messages at once one begins a run (${door}, ${policy})`, async (t) => {
      const scripts = { Desk: [[ask('g', 'city')]] };
      const kit = await testRuntime(t, scripts, (baseURL) => [guarded(policy, baseURL)]);
      const url = `${await serveRuntime(t, kit.runtime)}/${door}/Desk`;
      const say = async () => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(30_000),
        });
        return response.text();
      };
      const told = await Promise.all(Array.from({ length: 20 }, say));
      for (const text of told) assert.match(text, paused);
      const [run, ...more] = await kit.runtime.list();
      assert.deepEqual(more, []);
      assert.equal(run?.status, 'input_required');
      assert.equal(kit.model.requests.length, 1);
    });
  }
}

test('a message is known however many came after it, and what it says counts, too', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [() => 'done'] });
  const url = `${await serveRuntime(t, kit.runtime)}/agui/Desk`;
  const first = { sessionId: 'ses_1', team: 'Desk', message: 'Trip', messageId: 'u1' };
  const run = await kit.runtime.start(first);
  for (let n = 0; n < 60; n += 1) {
    await kit.runtime.start({ sessionId: 'ses_1', team: 'Desk', message: 'And then?' });
  }
  const say = async (content: string) => {
    const messages = [{ id: 'u1', role: 'user', content }];
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ threadId: 'ses_1', runId: 'r', messages }),
    });
    return /"result":{"run_id":"(\w+)"/.exec(await response.text())?.[1];
  };
  assert.equal(await say('Trip'), run.id);
  assert.equal((await kit.runtime.start(first)).id, run.id);
  const edited = await say('Another trip');
  assert.ok(edited !== undefined && edited !== run.id);
  assert.equal(await say('Another trip'), edited);
});
