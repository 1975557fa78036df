/** One scenario through every door of the server leaves the same in the database. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { createClient, type QuestionBody, type RunBody } from 'cadenza/client';
import { defineAgent, defineTeam, getUserInput, openai } from '../../src/index.ts';
import { joinThread, onlyInterrupt, resolved } from '../kit/agui.ts';
import { openChat } from '../kit/ai-chat.ts';
import { readEvents } from '../kit/events.ts';
import { serveRuntime } from '../kit/local-server.ts';
import { type TestRuntime, testRuntime } from '../kit/runtime.ts';

const message = 'Coffee';

/** Fills in every field that is asked for, as a person would. */
function filled(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `my ${name}`]));
}

function valuesFor({ fields }: Pick<QuestionBody, 'fields'>) {
  return filled(fields.map(({ name }) => name));
}

const json = { 'content-type': 'application/json' };

function post(url: string, path: string, body: object, headers: Record<string, string> = {}) {
  const init = { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) };
  return fetch(url + path, init);
}

async function read(url: string, runId: string): Promise<RunBody> {
  return (await fetch(`${url}/runs/${runId}`)).json() as Promise<RunBody>;
}

function answersTo(run: RunBody) {
  assert.equal(run.status, 'input_required');
  const questions = run.status === 'input_required' ? run.questions : [];
  return Object.fromEntries(questions.map((one) => [one.id, valuesFor(one)]));
}

async function polled(url: string, runId: string): Promise<RunBody> {
  for (;;) {
    const run = await read(url, runId);
    if (run.status !== 'working') return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const doors: Readonly<Record<string, (url: string) => Promise<void>>> = {
  'plain JSON': async (url) => {
    const run = (await (await post(url, '/chat', { message })).json()) as RunBody;
    await (await post(url, '/resume', { run_id: run.run_id, answers: answersTo(run) })).text();
  },
  'a stream of events': async (url) => {
    const streamed = (path: string, body: object) =>
      readEvents(url + path, {
        method: 'POST',
        headers: { ...json, accept: 'text/event-stream' },
        body: JSON.stringify(body),
      });
    const [first] = await streamed('/chat', { message });
    const run = await read(url, first?.run_id ?? '');
    const events = await streamed('/resume', { run_id: run.run_id, answers: answersTo(run) });
    assert.equal(events.at(-1)?.type, 'run.completed');
  },
  'an answer at once, and polling': async (url) => {
    const prefer = { prefer: 'respond-async' };
    const { run_id } = (await (await post(url, '/chat', { message }, prefer)).json()) as RunBody;
    const answers = answersTo(await polled(url, run_id));
    await (await post(url, '/resume', { run_id, answers }, prefer)).text();
    await polled(url, run_id);
  },
  'the client': async (url) => {
    const client = createClient({ baseURL: url });
    const run = await client.start({ message });
    await client.resume(run.run_id, answersTo(run));
  },
  'AG-UI': async (url) => {
    const thread = joinThread(`${url}/agui/OrchestratorTeam`, 'ses_1');
    const interrupt = onlyInterrupt(await thread.say(message));
    const names = Object.keys(interrupt.responseSchema.properties);
    const { last } = await thread.resume(resolved(interrupt, filled(names)));
    assert.equal(last.type, 'RUN_FINISHED');
  },
  'the AI SDK': async (url) => {
    const { chat, waiting, quiet } = openChat(`${url}/ai/OrchestratorTeam`, 'ses_1');
    await chat.sendMessage({ text: message });
    const [part] = waiting();
    const data = chat.lastMessage?.parts.find(({ type }) => type === 'data-question');
    const names = Object.keys(Object(data).data.response_schema.properties);
    const { toolName: tool = '', toolCallId = '' } = part ?? {};
    await chat.addToolOutput({ tool, toolCallId, output: filled(names) });
    await quiet();
    assert.equal(chat.error, undefined);
  },
};

/** The team of `npm start`, with the rehearsal model. */
async function served(t: TestContext) {
  const kit = await testRuntime(t, undefined, (baseURL) => {
    const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
    const worker = defineAgent({
      name: 'WorkerAgent',
      role: 'Generates questions for the user.',
      model,
      instructions: ['Ask two questions about the topic with get_user_input.'],
      tools: [getUserInput()],
    });
    return [
      defineTeam({
        name: 'OrchestratorTeam',
        model,
        instructions: ['Delegate the topic to the WorkerAgent, then report the answers.'],
        members: [worker],
      }),
    ];
  });
  return { kit, url: await serveRuntime(t, kit.runtime) };
}

/** What stays of a run: all that is said, asked and answered, without ids and times. */
async function left({ runtime, db }: TestRuntime) {
  const runs = await runtime.list();
  const [run] = runs;
  assert.ok(run && runs.length === 1);
  const file = new Database(db, { readonly: true });
  const rows = (sql: string) => file.prepare(sql).all() as Record<string, unknown>[];
  const tables = ['effect', 'inbox', 'message', 'question', 'run', 'tool_call'];
  const counts = tables.map((table) => rows(`SELECT '${table}' name, count(*) n FROM ${table}`));
  file.close();
  const log: string[] = [];
  for await (const { type, agent } of runtime.events(run.id)) {
    // Deltas are written as they come, some together.
    if (!type.endsWith('.delta')) log.push(`${agent} ${type}`);
  }
  const questions = await runtime.questions({ runId: run.id });
  const agents = await runtime.messages(run.id);
  const calls = agents.flatMap(({ messages }) =>
    messages.flatMap((one) => (one.role === 'assistant' ? one.calls : [])),
  );
  const said = calls.reduce(
    (text, { id }, index) => text.replaceAll(id, `call ${index}`),
    JSON.stringify(agents),
  );
  return {
    status: run.status,
    content: run.status === 'completed' ? run.content : undefined,
    answers: questions.map(({ status, answer }) => ({ status, answer })),
    said,
    log,
    counts,
  };
}

test('one scenario through every door leaves the same in the database', async (t) => {
  const seen: Record<string, unknown> = {};
  for (const [name, walk] of Object.entries(doors)) {
    const { kit, url } = await served(t);
    await walk(url);
    seen[name] = await left(kit);
  }
  const first = seen['plain JSON'];
  assert.equal(Object(first).status, 'completed');
  assert.match(String(Object(first).content), /my question_1/);
  for (const name of Object.keys(doors)) assert.deepEqual(seen[name], first, name);
});
