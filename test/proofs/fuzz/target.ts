/** What the fuzz aims at: a paused run with questions of every kind, and all that can be named of it. */
import type { TestContext } from 'node:test';
import {
  createRuntime,
  openai,
  type Question,
  type Runtime,
  sqliteStore,
} from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { folderFor } from '../../kit/folder.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { ask } from '../../kit/turns.ts';
import { pausingTeam } from '../../teams/pauses.ts';
import type { Known } from './requests.ts';

const asks = [
  [
    call('send', { to: 'Ada' }, 's'),
    call('pay', { amount: 900, to: 'Bob' }, 'p'),
    call('give', { amount: 1 }, 'g'),
    call('book', { guests: 2 }, 'b'),
    ask('c', 'city'),
  ],
  'done',
] as const;

/** An answer that each call's question takes. */
const answers: Readonly<Record<string, object>> = {
  s: { approved: true },
  p: { approved: true, arguments: { amount: 200, to: 'Bob' }, remember: true },
  g: { note: 'x', copies: 2 },
  b: { name: 'Ada', seats: 'terrace' },
  c: { city: 'Rome' },
};

export interface Target {
  readonly runtime: Runtime;
  /** The database file. */
  readonly db: string;
  /** Waits until no run is at work, and tells what there is to be found then. */
  settled(): Promise<Known>;
}

export async function startTarget(t: TestContext, reported: unknown[]): Promise<Target> {
  const db = folderFor(t)('runs.db');
  const agents = { Desk: asks, CancelDesk: asks, QueueDesk: asks };
  const model = await startStrictModel({ agents, record: false });
  const client = openai('gpt-4o-mini', { baseURL: model.url, apiKey: 'test' });
  const tools = { write: () => undefined };
  const runtime = await createRuntime({
    teams: [
      pausingTeam(client, tools),
      pausingTeam(client, tools, { name: 'CancelDesk', whilePaused: 'cancel' }),
      pausingTeam(client, tools, { name: 'QueueDesk', whilePaused: 'queue' }),
    ],
    store: sqliteStore(db),
    onError: (error) => reported.push(error),
  });
  t.after(async () => {
    await runtime.close({ graceMs: 0 });
    await model.close();
  });
  let aim = await runtime.start({ message: 'Work' });
  return {
    runtime,
    db,
    settled: async () => {
      for (;;) {
        const working = await runtime.list({ status: 'working', limit: 200 });
        if (working.every((run) => run.status === 'working' && run.queued)) break;
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      aim = await runtime.get(aim.id);
      if (aim.status !== 'input_required') aim = await runtime.start({ message: 'Work' });
      const questions = aim.status === 'input_required' ? aim.questions : [];
      return known(runtime, aim, questions);
    },
  };
}

async function known(
  runtime: Runtime,
  { id, sessionId }: { readonly id: string; readonly sessionId: string },
  questions: readonly Question[],
): Promise<Known> {
  const one = questions[0];
  const token = one && (await runtime.createAnswerToken(one.id, { expiresAt: farAway() })).token;
  const approvals = await runtime.rememberedApprovals(sessionId);
  const questionIds = questions.map((question) => question.id);
  const fitting = questions.map((question) => [question.id, answers[question.toolCallId]]);
  const closed = await runtime.questions({ runId: id, status: 'answered' });
  // Who answered something comes back with something else.
  const conflicting = closed.map((question) => [question.id, null]);
  return {
    run_id: [id],
    session_id: [sessionId, 'ses_other'],
    question_id: questionIds,
    id: [id, sessionId, ...questionIds, ...approvals.map((approval) => approval.id)],
    token: token ? [token] : [],
    answers: [...fitting, ...conflicting].map((entry) => Object.fromEntries([entry])),
    answer: [...fitting.slice(0, 1).map(([, answer]) => answer), ...Object.values(answers)],
    approved_queries: [[{ field_name: 'city', query: 'Rome' }]],
    field_name: ['city', 'note', 'copies', 'approved', 'arguments'],
    message: ['Work'],
    team: ['Desk', 'CancelDesk', 'QueueDesk', 'Nobody'],
    name: ['Desk', 'Nobody'],
    after: [id, ...questionIds, 3],
    status: ['open', 'working', 'input_required', 'answered'],
    limit: [1, 5, 200],
  };
}

function farAway(): Date {
  return new Date(Date.now() + 3_600_000);
}
