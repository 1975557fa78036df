/** A run's log: what a reader needs to follow it, in order and without a gap. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { freshClient, questionBy } from '../kit/fresh-client.ts';
import { ask, delegate } from '../kit/turns.ts';

test('the log of a run tells what happened, numbered from 1 across its pauses', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/desk.ts',
    agents: { Desk: [[delegate('c1', 'A')], 'done'], A: [[ask('g', 'city')], 'A RESULT'] },
  });
  const run = await client.chat('Trip');
  await client.resume(run.run_id, { [questionBy(run, 'A')]: { city: 'Rome' } });
  const db = new Database(client.db, { readonly: true });
  t.after(() => db.close());
  const rows = db.prepare('SELECT seq, type, agent, data FROM log ORDER BY seq').all() as {
    seq: number;
    type: string;
    agent: string;
    data: string;
  }[];
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    rows.map((_, index) => index + 1),
  );
  assert.deepEqual(
    rows
      // What was said in between depends on the clock.
      .filter(({ type }) => !type.endsWith('.delta'))
      .map(({ type, agent, data }) => [agent, type, JSON.parse(data).state].join(' ').trim()),
    [
      'Desk run.started',
      'Desk model.called',
      'Desk state.entered thinking',
      'Desk model.replied',
      'Desk/A member.started',
      'Desk/A model.called',
      'Desk state.entered answeringCalls.delegating',
      'Desk/A state.entered thinking',
      'Desk/A model.replied',
      'Desk/A question.opened',
      'Desk state.entered answeringCalls.awaitingUserInput',
      'Desk/A state.entered answeringCalls.awaitingUserInput',
      'Desk run.paused',
      'Desk/A question.answered',
      'Desk run.resumed',
      'Desk/A call.answered',
      'Desk/A model.called',
      'Desk state.entered answeringCalls.delegating',
      'Desk/A state.entered thinking',
      'Desk/A model.replied',
      'Desk/A member.ended',
      'Desk call.answered',
      'Desk model.called',
      'Desk state.entered thinking',
      'Desk model.replied',
      'Desk state.entered done',
      'Desk run.completed',
    ],
  );
});
