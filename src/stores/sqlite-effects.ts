/** The effects of the SQLite store: claimed, delivered, and taken up again after a crash. */
import type { Database } from 'better-sqlite3';
import { outcomeQuestion } from '../questions/drafts.ts';
import type { RunEvent } from './events.ts';
import { prepareLogOn } from './sqlite-log.ts';
import { effectOf, type Row } from './sqlite-rows.ts';
import type { Inbox, Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';

export function prepareEffects(
  db: Database,
  write: Write,
  inbox: Inbox,
): Pick<Store, 'claim' | 'deliver' | 'recover'> {
  const claim = db.prepare(`
    UPDATE effect SET status = 'running', attempt = attempt + 1 WHERE id = ? AND status = 'pending'`);
  const forgetSaid = db.prepare('UPDATE effect SET said = 0 WHERE id = ? AND said = 1');
  const logOn = prepareLogOn(db);
  const finish = db.prepare(`
    UPDATE effect SET status = 'done' WHERE id = ? AND status = 'running' AND attempt = ?`);
  const read = db.prepare('SELECT * FROM effect WHERE id = ?');
  const unfinished = db.prepare(`
    SELECT effect.* FROM effect JOIN run ON run.id = effect.run_id
    WHERE effect.status = ? AND run.id IN (SELECT value FROM json_each(?))
      AND run.status IN ('working','input_required')
    ORDER BY effect.at`);
  const setStatus = db.prepare('UPDATE effect SET status = ? WHERE id = ?');
  const toolName = db.prepare('SELECT name FROM tool_call WHERE run_id = ? AND path = ?').pluck();
  const changed = db
    .prepare(`
      SELECT json_extract(answer, '$.arguments') FROM question
      WHERE run_id = ? AND call = ? AND reason = 'approval'`)
    .pluck();
  const waiting = db
    .prepare(`
      SELECT DISTINCT run_id FROM inbox JOIN run ON run.id = inbox.run_id
      WHERE inbox.status = 'waiting' AND run.id IN (SELECT value FROM json_each(?))`)
    .pluck();
  // The time while no process ran is nobody's work.
  const restartClocks = db.prepare(`
    UPDATE run SET updated_at = ?
    WHERE status = 'working' AND id IN (SELECT value FROM json_each(?))`);

  const outcomeUnknown = (row: Row, now: number) => {
    const effect = effectOf(row);
    const { runId, path } = effect;
    const used = changed.get(runId, path) as string | null | undefined;
    const question = outcomeQuestion(toolName.get(runId, path) as string, used ?? undefined);
    setStatus.run('unknown', effect.id);
    const event: RunEvent = { type: 'tool.outcomeUnknown', call: effect.path, question };
    inbox.add(effect.runId, `${effect.id}:${effect.attempt}:unknown`, event, now);
  };

  return {
    claim: async (effectId) =>
      write('claim', (now) => {
        if (claim.run(effectId).changes === 0) return undefined;
        const effect = effectOf(read.get(effectId) as Row);
        // The attempt before died while its reply was being written.
        if (forgetSaid.run(effectId).changes === 1) {
          const { runId, path, name: agent } = effect;
          logOn(runId, [{ type: 'model.restarted', agent, path }], now);
        }
        return effect;
      }),

    deliver: async (effect, event) =>
      write('deliver', (now) => {
        if (finish.run(effect.id, effect.attempt).changes === 0) return false;
        return inbox.add(effect.runId, `${effect.id}:${effect.attempt}`, event, now);
      }),

    recover: async (runIds) =>
      write('recover', (now) => {
        const named = JSON.stringify(runIds);
        restartClocks.run(now, named);
        for (const row of unfinished.all('running', named) as Row[]) {
          if (row['repeatable'] === 1) setStatus.run('pending', row['id']);
          else outcomeUnknown(row, now);
        }
        return {
          runIds: waiting.all(named) as string[],
          effects: (unfinished.all('pending', named) as Row[]).map(effectOf),
        };
      }),
  };
}
