/** Requests that bring about every answer of the contract at the doors of front-end protocols. */
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import type { Hono } from 'hono';
import { createApp } from '../../server/app.ts';
import { ask } from '../kit/contract.ts';
import type { PausingRuntime } from '../kit/pauses.ts';

/** By path; each begins a run. */
export const frontEndBodies: Readonly<Record<string, object>> = {
  '/agui/{team}': {
    threadId: 'ses_agui',
    runId: 'r1',
    messages: [{ id: 'u1', role: 'user', content: 'Hello' }],
  },
  '/ai/{team}': {
    id: 'ses_ai',
    messages: [{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  },
};

/** Asks at each door for a team, and expects a status or the code of a problem. */
export async function askFrontEnds(app: Hono, expected: string, team = 'Desk'): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  for (const [path, input] of Object.entries(frontEndBodies)) {
    const init = { body: JSON.stringify(input), headers };
    const { status, body } = await ask(app, 'POST', path.replace('{team}', team), init);
    assert.equal(body?.code ?? `${status}`, expected, path);
  }
}

/** Asks for the run of a chat that is at work, and expects a status or the code of a problem. */
export async function askForRun(app: Hono, expected: string, team = 'Desk'): Promise<void> {
  const { status, body } = await ask(app, 'GET', `/ai/${team}/ses_work/stream`);
  assert.equal(body?.code ?? `${status}`, expected);
}

export async function frontEnds({ runtime, db }: PausingRuntime): Promise<void> {
  const app = createApp(runtime);
  const other = new Database(db);
  other.exec('BEGIN IMMEDIATE');
  try {
    await askFrontEnds(app, 'store_busy');
  } finally {
    other.exec('ROLLBACK');
    other.close();
  }
  await askFrontEnds(app, '200');
  await askForRun(app, '204');
}
