/**
 * Every statement that a request can reach names the tenant. The methods of the store that requests
 * use are played through, and whatever SQL they run on a tenant's table is read.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { createRuntime, openai, sqliteStore } from '../../src/index.ts';
import type { TenantStore } from '../../src/stores/tenant-store.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { questionOf } from '../kit/pauses.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { pausingTeam } from '../teams/pauses.ts';

/** What requests use of the store; complete, or this does not compile. */
const ofTenants: Readonly<Record<keyof TenantStore, true>> = {
  addAnswerToken: true,
  answer: true,
  answerToken: true,
  assign: true,
  beginRequest: true,
  cancel: true,
  claimQuestion: true,
  createRun: true,
  endRequest: true,
  forgetApproval: true,
  listQuestions: true,
  listRuns: true,
  log: true,
  messages: true,
  question: true,
  questions: true,
  rememberedApprovals: true,
  reports: true,
  result: true,
  revisions: true,
  runOf: true,
  session: true,
  stall: true,
  standing: true,
  usageByAgent: true,
};

/** Tables whose rows belong to a tenant, where a statement reads or writes them. */
const tenantTable =
  /\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:run|question|session|remembered_approval|answer_token|keyed_request|delivery)\b/i;

/** Statements that need no tenant. */
const housekeeping = [
  // Keys that are too old go, whosoever's they are.
  'DELETE FROM keyed_request WHERE at <= ?',
  // Counts the events of a run that the same transaction has changed as its tenant's.
  'UPDATE run SET log_length = log_length + ? WHERE id = ? RETURNING log_length',
];

/** Notes which SQL each method of a store runs. The methods are synchronous inside. */
function listen(t: TestContext) {
  const ran = new Map<string, Set<string>>();
  let method: string | undefined;
  const probe = new Database(':memory:');
  // As it was written: the store puts a plus before parameters, for SQLite's planner.
  const written = (source: string) =>
    source
      .replace(/\s+/g, ' ')
      .replace(/\+([@?])/g, '$1')
      .trim();
  const { prototype } = probe.prepare('SELECT 1').constructor;
  probe.close();
  for (const name of ['get', 'all', 'run'] as const) {
    const original = prototype[name];
    t.mock.method(prototype, name, function run(this: { source: string }, ...given: unknown[]) {
      if (method) ran.set(method, (ran.get(method) ?? new Set()).add(written(this.source)));
      return original.apply(this, given);
    });
  }
  return {
    ran,
    open: (file: string) => {
      const store = sqliteStore(file);
      return new Proxy(store, {
        get: (target, name: keyof typeof store) => {
          const body = target[name] as (...given: unknown[]) => unknown;
          return (...given: unknown[]) => {
            const before = method;
            method = name;
            try {
              return body(...given);
            } finally {
              method = before;
            }
          };
        },
      });
    },
  };
}

test('every statement behind a request names the tenant', async (t) => {
  const { ran, open } = listen(t);
  const pay = call('pay', { amount: 500, to: 'Bob' }, 'p');
  const asks: readonly Turn[] = [[pay], 'done'];
  const model = await startStrictModel({ agents: { Desk: asks, QueueDesk: asks } });
  const driver = openai('gpt-4o-mini', { baseURL: model.url, apiKey: 'test' });
  const write = () => undefined;
  const teams = [
    pausingTeam(driver, { write }),
    pausingTeam(driver, { write }, { name: 'QueueDesk', whilePaused: 'queue' }),
  ];
  const store = open(':memory:');
  const runtime = await createRuntime({ teams, store });
  t.after(async () => {
    await runtime.close({ graceMs: 0 });
    await model.close();
  });
  const ann = runtime.as({ tenantId: 'acme', userId: 'ann' });
  const one = await ann.start({ message: 'Pay', sessionId: 'ses_1' });
  const question = questionOf(one, 'p');
  await ann.questions({ after: question.id });
  await ann.assign(question.id, 'ann');
  await ann.claim(question.id);
  await ann.release(question.id);
  const { token } = await ann.createAnswerToken(question.id);
  await runtime.questionByToken(token);
  await runtime.answerByToken(token, { approved: true, remember: true });
  const [remembered] = await ann.rememberedApprovals('ses_1');
  await ann.forgetApproval(remembered?.id ?? '');
  await ann.get(one.id);
  await ann.list({ after: one.id });
  await ann.messages(one.id);
  await ann.explain(one.id);
  await ann.revisions(one.id);
  await ann.events(one.id)[Symbol.asyncIterator]().next();
  const two = await ann.start({ message: 'Pay', sessionId: 'ses_2', team: 'QueueDesk' });
  const queued = await ann.start({ message: 'Pay', sessionId: 'ses_2', team: 'QueueDesk' });
  await ann.cancel(queued.id);
  await ann.cancel(two.id);
  await ann.once({ route: '/', key: 'key-12345', body: '' }, async (keyed) => {
    await keyed.start({ message: 'Pay' });
    return { text: 'kept', isFinal: true };
  });
  await store.session('acme', 'ses_1');
  await store.stall('acme', one.id);
  await store.reports('acme', one.id, '');
  await store.result('acme', one.id, 'p');
  for (const method of Object.keys(ofTenants)) {
    assert.ok(ran.has(method), `nothing was run of ${method}: play it here`);
    for (const sql of ran.get(method) ?? []) {
      const isFine =
        !tenantTable.test(sql) || /\btenant_id\b/.test(sql) || housekeeping.includes(sql);
      assert.ok(isFine, `${method} runs SQL without the tenant: ${sql}`);
    }
  }
});
