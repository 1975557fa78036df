/** A whole team run against a server of OpenAI's wires that somebody else wrote, on each wire. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LLMock } from '@copilotkit/aimock';
import {
  createRuntime,
  defineAgent,
  defineTeam,
  getUserInput,
  openai,
  sqliteStore,
} from '../../src/index.ts';
import { folderFor } from '../kit/folder.ts';
import { openQuestions } from '../kit/runtime.ts';
import { ways } from './ask.ts';

const field = { field_name: 'strength', field_type: 'str', field_description: 'How strong?' };

/** A server that plays a leader, which delegates once, and a member, which asks once. */
async function otherServer(t: TestContext): Promise<LLMock> {
  const server = new LLMock({ port: 0, strict: true });
  const says = (agent: string, again: boolean, response: Parameters<LLMock['on']>[1]) =>
    server.on({ systemMessage: `You are "${agent}".`, hasToolResult: again }, response);
  const calls = (id: string, name: string, args: object) => ({
    toolCalls: [{ id, name, arguments: JSON.stringify(args) }],
  });
  const task = { member_id: 'Worker', task: 'Ask about coffee.' };
  says('Leader', false, calls('c1', 'delegate_task_to_member', task));
  says('Leader', true, { content: 'Strong it is.' });
  says('Worker', false, calls('g1', 'get_user_input', { user_input_fields: [field] }));
  says('Worker', true, { content: 'The user wants it strong.' });
  await server.start();
  t.after(() => server.stop());
  return server;
}

for (const { name, api, stream } of ways) {
  test(`${name}: a team delegates, asks, goes on and reports`, async (t) => {
    const server = await otherServer(t);
    const db = folderFor(t)('runs.db');
    const open = () => {
      const model = openai('gpt-4o-mini', {
        api,
        stream,
        baseURL: `${server.url}/v1`,
        apiKey: 'test',
      });
      const tools = [getUserInput()];
      const worker = defineAgent({ name: 'Worker', role: 'Asks the user.', model, tools });
      const team = defineTeam({ name: 'Leader', model, members: [worker] });
      return createRuntime({ teams: [team], store: sqliteStore(db) });
    };
    const before = await open();
    const paused = await before.start({ message: 'Coffee' });
    const [question] = openQuestions(paused);
    await before.close();
    const after = await open();
    t.after(() => after.close());
    const run = await after.resume(paused.id, { [question?.id ?? '']: { strength: 'strong' } });
    assert.equal(run.status === 'completed' && run.content, 'Strong it is.');
    const [last] = server.getRequests().slice(-1);
    assert.match(JSON.stringify(last?.body), /The user wants it strong\./);
    assert.equal(server.getRequests().length, 4);
  });
}
