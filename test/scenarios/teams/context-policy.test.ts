/** A context policy over restarts: a summary is paid for once, and a policy may be changed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import Database from 'better-sqlite3';
import {
  type ContextPolicy,
  DefinitionError,
  defineAgent,
  diagnose,
  openai,
  sqliteReader,
} from '../../../src/index.ts';
import type { Turn } from '../../../src/testing/index.ts';
import { startApp } from '../../kit/app.ts';
import { folderFor } from '../../kit/folder.ts';
import { always, lastStep, nextStep, stepping } from '../../kit/long-runs.ts';
import { eager } from '../../kit/retries.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { contentOf, failureOf } from '../../kit/team-run.ts';
import { fetchRun, post } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';
import { longTeams } from '../../teams/long.ts';

function runIdIn(file: string): string {
  const rows = new Database(file, { readonly: true });
  const id = rows.prepare('SELECT id FROM run').pluck().get() as string;
  rows.close();
  return id;
}

test('a process that dies after a summary does not pay for it again', async (t) => {
  const file = folderFor(t);
  const model = await startStrictModel({ agents: stepping });
  t.after(() => model.close());
  const team = 'test/teams/long.ts';
  const start = (db: string, env: Record<string, string>) =>
    startApp({ team, preload: 'test/kit/crash.ts', db: file(db), model: model.url, env });
  const calm = await start('calm.db', { CRASH_TRACE: file('trace') });
  const { body: whole } = await post(calm.url, '/chat', { message: 'Take them.' });
  await calm.kill();
  const summaries = () => model.requestsOf('summarizer').length;
  const paid = summaries();
  const trace = readFileSync(file('trace'), 'utf8');
  const at = /^(\d+) save summary: committed$/m.exec(trace)?.[1] ?? '';
  const dying = await start('runs.db', { CRASH_AT: at });
  await assert.rejects(post(dying.url, '/chat', { message: 'Take them.' }));
  assert.equal((await dying.ended).signal, 'SIGKILL');
  assert.equal(summaries(), paid + 1);
  const id = runIdIn(file('runs.db'));
  const next = await start('runs.db', {});
  const { body: end } = await post(next.url, '/resume', { run_id: id, answers: {} });
  const { usage } = await fetchRun(next.url, id);
  await next.kill();
  assert.equal(end.final_content, 'All steps taken.');
  assert.equal(summaries(), paid * 2, 'as many as without a crash');
  assert.equal(usage?.['model_calls'], whole.usage?.['model_calls']);
  assert.deepEqual(model.refusals, []);
});

test('a saved run goes on under another policy', async (t) => {
  let context: ContextPolicy = { policy: 'fail', tokensMax: 900 };
  const began = Promise.withResolvers<void>();
  const slow: Turn = (request) => {
    if (lastStep(request) !== 3 || context.policy !== 'fail') return nextStep(request);
    began.resolve();
    return { text: 'never read', delayMs: 60_000 };
  };
  const teams = (baseURL: string) => longTeams({ baseURL }, context);
  const kit = await testRuntime(t, { ...stepping, Solo: always(slow) }, teams);
  const interrupted = kit.runtime.start({ message: 'Take them.' }).catch(() => undefined);
  await began.promise;
  const id = runIdIn(kit.db);
  context = { policy: 'summarize', tokensMax: 900 };
  const reader = sqliteReader(kit.db);
  const diagnosis = await diagnose(reader, teams(kit.model.url));
  await reader.close();
  assert.deepEqual(
    diagnosis.flatMap(({ differences }) => differences),
    [],
  );
  const later = await kit.reopen();
  await interrupted;
  assert.equal(contentOf(await later.resume(id, {})), 'All steps taken.');
});

test('another model may summarize, and is counted under its own name and price', async (t) => {
  const price = { inputPerMillion: 0, outputPerMillion: 1_000_000 };
  const kit = await testRuntime(t, stepping, (baseURL) => {
    const free = { inputPerMillion: 0, outputPerMillion: 0 };
    const summarizer = openai('gpt-4o-mini', { baseURL, price });
    return longTeams({ baseURL, price: free }, { policy: 'summarize', tokensMax: 600, summarizer });
  });
  const run = await kit.runtime.start({ message: 'Take them.' });
  const models = kit.model.requestsOf('summarizer').map(({ body }) => body.model);
  assert.deepEqual([...new Set(models)], ['gpt-4o-mini']);
  const rows = new Database(kit.db, { readonly: true });
  const paid = rows.prepare('SELECT sum(output_tokens) FROM model_use WHERE model = ?').pluck();
  assert.equal(run.usage.cost, paid.get('gpt-4o-mini'));
  rows.close();
});

test('a summary that is cut off is not kept, counted, and asked for again', async (t) => {
  const context = { policy: 'summarize', tokensMax: 900 } as const;
  for (const [said, isMended] of [
    ['', true],
    ['SUMMARY of half of it and no more', true],
    ['SUMMARY of half of it and no more', false],
  ] as const) {
    const left = Array(isMended ? 1 : 9).fill({ text: said, fault: 'max_output_tokens' });
    const summarizer: Turn[] = [() => left.shift() ?? 'SUMMARY of all.'];
    const teams = (baseURL: string) => longTeams({ baseURL }, context);
    const kit = await testRuntime(t, { ...stepping, summarizer }, teams, { retries: eager });
    const run = await kit.runtime.start({ message: 'Take them.' });
    if (isMended) assert.equal(contentOf(run), 'All steps taken.');
    else assert.match(failureOf(run).message, /was cut off before the end of its summary/);
    assert.equal(run.usage.modelCalls, kit.model.requests.length);
    const rows = new Database(kit.db, { readonly: true });
    const texts = rows.prepare('SELECT text FROM summary').pluck().all();
    rows.close();
    const asked = kit.model.requestsOf('summarizer').length;
    assert.equal(texts.length, isMended ? asked - 1 : 0);
    if (!isMended) assert.equal(asked, 3);
  }
});

test('a context that means nothing is refused', () => {
  const model = openai('gpt-5');
  const odd: ContextPolicy[] = [
    { policy: 'truncate', tokensMax: 0 },
    { policy: 'truncate', tokensMax: 1.5 },
    { policy: 'truncate', summarizer: model },
    { policy: 'shorten' as 'truncate' },
  ];
  for (const context of odd) {
    assert.throws(
      () => defineAgent({ name: 'Solo', model, context }),
      (error) => error instanceof DefinitionError && error.code === 'limit_unusable',
    );
  }
});
