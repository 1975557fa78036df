/** What a model thinks on Chat Completions goes back to it where its provider insists on that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRuntime, defineAgent, getUserInput, openai, sqliteStore } from '../../src/index.ts';
import type { ModelServer } from '../../src/testing/index.ts';
import { folderFor } from '../kit/folder.ts';
import { openQuestions } from '../kit/runtime.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { contentOf } from '../kit/team-run.ts';
import { ask } from '../kit/turns.ts';
import { driverOf, request } from './ask.ts';

/** What the replies in the last request say that was thought. */
function thoughtIn({ requests }: ModelServer): unknown[] {
  const replies = requests.at(-1)?.messages.filter(({ role }) => role === 'assistant') ?? [];
  return replies.map((reply) => reply['reasoning_content']);
}

for (const stream of [true, false]) {
  const how = stream ? 'streamed' : 'in one piece';

  test(`thoughts go back with their replies, in their run and in the next, ${how}`, async (t) => {
    const model = await startStrictModel({
      agents: {
        Desk: [
          { reasoning: 'The city is “missing”.', calls: [ask('g', 'city')] },
          { reasoning: 'Rome it is.', text: 'Rome.' },
        ],
      },
      wantsReasoningContent: true,
    });
    let end: () => Promise<void> = async () => undefined;
    t.after(async () => {
      await end();
      await model.close();
    });
    const options = { provider: 'deepseek', baseURL: model.url, api: 'chat', stream } as const;
    const team = defineAgent({
      name: 'Desk',
      model: openai('deepseek-flash', options),
      tools: [getUserInput()],
      history: { runs: 5 },
    });
    const store = sqliteStore(folderFor(t)('runs.db'));
    const runtime = await createRuntime({ teams: [team], store });
    end = () => runtime.close({ graceMs: 0 });
    const first = await runtime.start({ message: 'Trip', sessionId: 's' });
    const [question] = openQuestions(first);
    const answers = { [question?.id ?? '']: { city: 'Rome' } };
    assert.equal(contentOf(await runtime.resume(first.id, answers)), 'Rome.');
    assert.deepEqual(thoughtIn(model), ['The city is “missing”.']);
    await runtime.start({ message: 'Another', sessionId: 's' });
    assert.deepEqual(thoughtIn(model), ['The city is “missing”.', 'Rome it is.']);
  });

  test(`where nobody knows what was thought, something goes back all the same, ${how}`, async (t) => {
    const call = { id: 'c1', name: 'look_up', arguments: '{}', result: 'A drink.' };
    const items = [{ reasoning_content: 'Mine.' }];
    const replies = [
      { role: 'assistant', text: 'Hello.', calls: [] },
      { role: 'assistant', text: null, calls: [call], verbatim: { model: 'other', items } },
    ] as const;
    const transcript = [...request.transcript, ...replies, ...request.transcript];
    const way = { api: 'chat', stream, name: '' } as const;
    const server = { wantsReasoningContent: true } as const;
    const asking = await driverOf(t, way, server, { provider: 'deepseek' });
    await asking.ask({ ...request, transcript });
    assert.deepEqual(thoughtIn(asking.server), [' ', ' ']);
    const respond = () => ({ reasoning: 'Hm.', text: 'Tea.' });
    const other = await driverOf(t, way, { ...server, respond }, { provider: 'openrouter' });
    assert.equal((await other.ask()).verbatim, undefined, 'others do not want it back');
  });
}
