/** Answers of the contract that other teams bring about: changed ones, and one that takes little. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { createRuntime, defineAgent, openai, type Run, sqliteStore } from '../../src/index.ts';
import { httpOf } from '../kit/local-http.ts';
import { type PausingRuntime, questionOf } from '../kit/pauses.ts';
import { pausingTeam } from '../teams/pauses.ts';
import { readSettled } from './every-answer.ts';
import { answerBy, tokenFor } from './every-key.ts';

/** Runs that this code cannot continue: its charts, their version, or its dependencies are others. */
export async function otherCode(t: TestContext, kit: PausingRuntime): Promise<void> {
  const start = (sessionId: string, more: object = {}) =>
    kit.runtime.start({ message: 'Work', team: 'CancelDesk', sessionId, ...more });
  const [changed, newer, lacking] = [
    await start('ses_changed'),
    await start('ses_newer'),
    await start('ses_lacking', { dependencies: ['db'] }),
  ];
  const token = (run: Run) => tokenFor(kit.runtime, questionOf(run, 's'));
  const tokens = [await token(changed), await token(newer), await token(lacking)];
  const working = await start('ses_cut', { dependencies: ['db'], wait: false });
  await kit.runtime.close({ graceMs: 0 });
  const db = new Database(kit.db);
  db.prepare('UPDATE run SET chart_version = 99 WHERE id = ?').run(newer.id);
  db.prepare(
    `UPDATE run SET snapshot = replace(snapshot, '"answeringCalls"', '"gone"'), definition = definition || ' ' WHERE id = ?`,
  ).run(changed.id);
  // What the last process was told and did not take up.
  const waiting = db.prepare(
    `INSERT INTO inbox (run_id, dedup_key, event, status, at)
     SELECT run_id, 'again ' || run_id, event, 'waiting', at FROM inbox WHERE run_id = ? LIMIT 1`,
  );
  for (const { id } of [changed, newer]) waiting.run(id);
  db.close();
  const model = openai('gpt-4o-mini', { baseURL: kit.model.url, apiKey: 'test' });
  const team = pausingTeam(
    model,
    { write: () => undefined },
    { name: 'CancelDesk', whilePaused: 'cancel' },
  );
  const runtime = await createRuntime({
    teams: [team],
    store: sqliteStore(kit.db),
    onError: () => undefined,
  });
  t.after(() => runtime.close({ graceMs: 0 }));
  const http = httpOf(runtime);
  const unread: string[] = [];
  for (const { id: run_id, sessionId: session_id } of [changed, newer]) {
    unread.push(await readSettled(runtime, run_id));
    await http('POST', '/chat', { message: 'More', session_id });
    await http('POST', '/resume', { run_id, answers: {} });
    await http('POST', `/runs/${run_id}/cancel`);
  }
  unread.push(await readSettled(runtime, working.id));
  assert.deepEqual(unread, ['definition_changed', 'snapshot_unreadable', 'dependency_missing']);
  const answers = { [questionOf(lacking, 's').id]: { approved: true } };
  await http('POST', '/resume', { run_id: lacking.id, answers });
  const refused: string[] = [];
  for (const one of tokens) refused.push(await answerBy(runtime, one, { approved: true }));
  assert.deepEqual(refused, ['definition_changed', 'snapshot_unreadable', 'dependency_missing']);
}

/** A team that takes no message, and a run that fails. */
export async function refusedMessages(t: TestContext, kit: PausingRuntime): Promise<void> {
  const model = openai('gpt-4o-mini', { baseURL: kit.model.url, apiKey: 'test' });
  const inputGuards = [(text: string) => (text === 'Work' ? undefined : 'Only work is taken.')];
  const team = defineAgent({ name: 'Nobody', model, inputGuards, limits: { modelCalls: 1 } });
  const runtime = await createRuntime({
    teams: [team],
    store: sqliteStore(':memory:'),
    onError: () => undefined,
  });
  t.after(() => runtime.close({ graceMs: 0 }));
  const http = httpOf(runtime);
  assert.equal((await http('POST', '/chat', { message: 'Play' })).body['code'], 'input_refused');
  const { body } = await http('POST', '/chat', { message: 'Work' });
  assert.equal(body['status'], 'failed');
  assert.equal((await http('POST', `/runs/${body['run_id']}/cancel`)).body['code'], 'run_finished');
}
