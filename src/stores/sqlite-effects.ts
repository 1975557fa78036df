/** The effects of the SQLite store: claimed, delivered, and taken up again after a crash. */
import type { Database } from 'better-sqlite3';
import { outcomeQuestion } from '../questions/drafts.ts';
import type { RunEvent } from './events.ts';
import { prepareLogOn } from './sqlite-log.ts';
import { effectOf, type Row } from './sqlite-rows.ts';
import type { Inbox, Write } from './sqlite-runs.ts';
import { prepareClock } from './sqlite-tries.ts';
import type { Store } from './store.ts';

export function prepareEffects(
  db: Database,
  write: Write,
  inbox: Inbox,
): Pick<Store, 'claim' | 'deliver' | 'recover'> {
  const claim = db.prepare(`
    UPDATE effect SET status = 'running', attempt = attempt + 1, tries = tries + 1, wake_at = NULL,
      rests = 0
    WHERE id = @id AND status = 'pending'
      AND (wake_at <= @now OR (wake_at IS NULL AND rests = 0))`);
  const forgetSaid = db.prepare('UPDATE effect SET said = 0 WHERE id = ? AND said = 1');
  const logOn = prepareLogOn(db);
  const traced = db.prepare(
    'UPDATE run SET trace = ? WHERE id = (SELECT run_id FROM effect WHERE id = ?)',
  );
  const finish = db.prepare(`
    UPDATE effect SET status = 'done' WHERE id = ? AND status = 'running' AND attempt = ?`);
  const read = db.prepare('SELECT * FROM effect WHERE id = ?');
  const unfinished = (which: string) =>
    db.prepare(`
      SELECT effect.* FROM effect JOIN run ON run.id = effect.run_id
      WHERE ${which} AND run.id IN (SELECT value FROM json_each(?))
        AND run.status IN ('working','input_required')
      ORDER BY effect.at`);
  const interrupted = unfinished("effect.status = 'running'");
  const pending = unfinished(
    "effect.status = 'pending' AND effect.wake_at IS NULL AND effect.rests = 0",
  );
  // The key, the network or the provider may be another now.
  const wakeStalled = db.prepare(`
    UPDATE effect SET wake_at = @now, rests = 0
    WHERE status = 'pending' AND rests = 1
      AND (wake_at IS NULL OR stall ->> '$.isAsked' = 0)
      AND run_id IN (SELECT value FROM json_each(@named))`);
  const clock = prepareClock(db);
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
    claim: async (effectId, trace) =>
      write('claim', (now) => {
        clock.start(effectId, now);
        if (claim.run({ id: effectId, now }).changes === 0) return undefined;
        if (trace !== undefined) traced.run(trace, effectId);
        const effect = effectOf(read.get(effectId) as Row);
        // The attempt before ended while its reply was being written.
        if (forgetSaid.run(effectId).changes === 1) {
          const { runId, path, name: agent } = effect;
          logOn(runId, [{ type: 'model.restarted', agent, path }], now);
        }
        return effect;
      }),

    deliver: async (effect, event) =>
      write('deliver', (now) => {
        if (finish.run(effect.id, effect.attempt).changes === 0) return false;
        clock.stop(effect.runId, now);
        return inbox.add(effect.runId, `${effect.id}:${effect.attempt}`, event, now);
      }),

    recover: async (runIds) =>
      write('recover', (now) => {
        const named = JSON.stringify(runIds);
        restartClocks.run(now, named);
        for (const row of interrupted.all(named) as Row[]) {
          if (row['repeatable'] === 1) setStatus.run('pending', row['id']);
          else outcomeUnknown(row, now);
        }
        wakeStalled.run({ now, named });
        return {
          runIds: waiting.all(named) as string[],
          effects: (pending.all(named) as Row[]).map(effectOf),
        };
      }),
  };
}
