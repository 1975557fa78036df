/**
 * What a step costs, and how large a snapshot is, as a transcript grows: `npm run bench`.
 *
 * A member with 10, 100, 1,000 and 10,000 messages asks and is answered, on the real store with
 * every commit synced. The sizes take turns, so that a noisy machine is noisy for all of them alike:
 * read the ratios.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { sqliteStore } from '../../src/index.ts';
import { outcomeQuestion } from '../../src/questions/drafts.ts';
import { takeStep } from '../../src/step.ts';
import type { ReadCall, RunEvent } from '../../src/stores/events.ts';

const sizes = [10, 100, 1_000, 10_000];
const rounds = 150;

const folder = mkdtempSync(join(tmpdir(), 'cadenza-bench-'));
const file = join(folder, 'runs.db');
const store = sqliteStore(file);

/** Takes a run's waiting step, and tells how long it took and how large the snapshot is. */
async function step(runId: string) {
  let bytes = 0;
  const begun = performance.now();
  await store.step(runId, (run, event) => {
    const change = takeStep(run, event);
    bytes = change?.snapshot.length ?? 0;
    return change;
  });
  return { ms: performance.now() - begun, bytes };
}

/** Brings the outcome of the model call that a run asks for, and takes its step. */
async function modelReplied(runId: string, agent: string, calls: readonly ReadCall[]) {
  const { effects } = await store.recover([runId]);
  const effect = effects.find((one) => one.runId === runId);
  const claimed = effect && (await store.claim(effect.id));
  if (!claimed) throw new Error(`Run ${runId} asks for nothing.`);
  const usage = { inputTokens: 0, outputTokens: 0 };
  const event: RunEvent = { type: 'model.replied', agent, text: null, calls, routes: false, usage };
  await store.deliver(claimed, event);
  return step(runId);
}

const delegation: ReadCall = {
  id: 'call_0123456789abcdefghijklmn',
  name: 'delegate_task_to_member',
  arguments: '{}',
  intent: 'delegation',
  plan: [{ id: 'WorkerAgent', member: 'WorkerAgent', after: [], task: 'Ask.' }],
};

const member = `${delegation.id}:WorkerAgent`;

function question(round: number): ReadCall {
  const id = `call_0123456789abcdef${String(round).padStart(8, '0')}`;
  const asks = outcomeQuestion('x');
  return { id, name: 'get_user_input', arguments: '{}', intent: 'question', question: asks };
}

/** Starts a run whose member has a transcript of finished turns, written straight into the file. */
async function longRun(messages: number): Promise<string> {
  const runId = `run_${messages}`;
  await store.createRun(
    {
      id: runId,
      tenantId: 'default',
      sessionId: runId,
      team: 'OrchestratorTeam',
      message: 'Coffee',
      messageId: 'm',
      userId: null,
      metadata: {},
      dependencies: [],
      definition: '{}',
    },
    'refuse',
  );
  await step(runId);
  await modelReplied(runId, '', [delegation]);
  const db = new Database(file);
  const insert = db.prepare(`
    INSERT INTO message (run_id, agent, seq, role, text) VALUES (?, ?, ?, ?, ?)`);
  const insertCall = db.prepare(`
    INSERT INTO tool_call (run_id, path, agent, message_seq, position, id, name, arguments, intent,
      repeatable, source, result)
    SELECT run_id, @path, @agent, @seq, 0, @id, name, arguments, 'tool', 0, 'tool', @result
    FROM tool_call WHERE run_id = @runId LIMIT 1`);
  db.transaction(() => {
    for (let seq = 2; seq <= messages; seq += 1) {
      const role = seq % 2 === 0 ? 'assistant' : 'user';
      insert.run(runId, member, seq, role, `Message ${seq}. ${'x'.repeat(1_000)}`);
      const id = `old_${seq}`;
      const call = {
        runId,
        path: `${member}/${id}`,
        agent: member,
        seq,
        id,
        result: 'x'.repeat(500),
      };
      if (role === 'assistant') insertCall.run(call);
    }
  })();
  db.close();
  return runId;
}

/** The member asks and is answered: two steps. */
async function askAndAnswer(runId: string, round: number) {
  const asked = await modelReplied(runId, member, [question(round)]);
  const open = (await store.questions('default', runId)).filter(({ status }) => status === 'open');
  for (const { id: questionId, path: call } of open) {
    const event = { type: 'user.answered', call, questionId, result: '{}' } as const;
    const answer = { questionId, answer: {}, hash: '', event };
    await store.answer('default', runId, [answer], { by: null });
  }
  const answered = await step(runId);
  return { ms: asked.ms + answered.ms, bytes: asked.bytes };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const runs = await Promise.all(sizes.map(longRun));
const times = sizes.map((): number[] => []);
const bytes = sizes.map(() => 0);
for (let round = 0; round < rounds; round += 1) {
  for (const [index, runId] of runs.entries()) {
    const { ms, bytes: size } = await askAndAnswer(runId, round);
    times[index]?.push(ms / 2);
    bytes[index] = size;
  }
}
await store.close();
rmSync(folder, { recursive: true });

const base = median(times[0] ?? []);
console.log(`Node ${process.versions.node}, ${rounds} rounds of two steps for each size\n`);
console.log('messages   snapshot for each waiting agent   step, median   against 10 messages');
for (const [index, size] of sizes.entries()) {
  const step = median(times[index] ?? []);
  console.log(
    `${String(size).padStart(8)}   ${`${(bytes[index] ?? 0) / 2} bytes`.padStart(32)}   ${`${step.toFixed(2)} ms`.padStart(12)}   ${(step / base).toFixed(2).padStart(19)}`,
  );
}
