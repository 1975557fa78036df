/** The real server, spoken to as nobody should: it goes on, and nothing comes of it. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startApp } from '../../kit/app.ts';
import { folderFor } from '../../kit/folder.ts';
import { startStrictModel } from '../../kit/strict-model.ts';
import { request } from '../../kit/wire.ts';
import { speakBadly } from './sockets.ts';

export async function badSockets(t: TestContext, requests: number): Promise<void> {
  const model = await startStrictModel({ agents: {} });
  t.after(() => model.close());
  const db = folderFor(t)('runs.db');
  const env = { LOG_LEVEL: 'warn' };
  const app = await startApp({ team: 'test/teams/pauses.ts', db, model: model.url, env });
  t.after(() => app.kill());
  await speakBadly(app.url, requests, 1);
  assert.equal((await request(app.url, 'GET', '/health')).status, 200, 'the server goes on');
  const { body } = await request<{ runs: unknown[] }>(app.url, 'GET', '/runs');
  assert.deepEqual(body.runs, []);
  assert.equal(app.stderr(), '', 'and it had nothing to say about it');
}
