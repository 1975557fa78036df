/** Model calls of the SQLite store that are tried again: put off, woken, and stalled. */
import type { Database } from 'better-sqlite3';
import { usedEvent } from '../log-events.ts';
import { prepareLogOn } from './sqlite-log.ts';
import { effectOf, ofTenant, type Row } from './sqlite-rows.ts';
import type { Write } from './sqlite-runs.ts';
import { prepareAddUse } from './sqlite-usage.ts';
import type { Store } from './store.ts';

/**
 * Whether all effects of the run are put off, stalled, or wait for a place: an expression over a row of
 * `run`.
 */
export const standsStill = `(
  EXISTS (SELECT 1 FROM effect
    WHERE run_id = run.id AND status IN ('pending','running') AND status = 'pending')
  AND NOT EXISTS (SELECT 1 FROM effect
    WHERE run_id = run.id AND status IN ('pending','running') AND status = 'running'))`;

/** Counts the time at work: it stands still while nothing of a run runs. */
export function prepareClock(db: Database) {
  const start = db.prepare(`
    UPDATE run SET updated_at = @now
    WHERE id = @runId AND status = 'working' AND ${standsStill}`);
  const runOf = db.prepare('SELECT run_id FROM effect WHERE id = ?').pluck();
  const stop = db.prepare(`
    UPDATE run SET worked_ms = worked_ms + max(0, @now - updated_at), updated_at = @now
    WHERE id = @runId AND status = 'working' AND ${standsStill}`);
  return {
    /** Before an effect is claimed. */
    start: (effectId: string, now: number) => start.run({ runId: runOf.get(effectId), now }),
    /** After an effect of a run was no longer under way. */
    stop: (runId: string, now: number) => stop.run({ runId, now }),
  };
}

export function prepareTries(
  db: Database,
  write: Write,
): Pick<Store, 'postpone' | 'due' | 'retry' | 'stall'> {
  const postpone = db.prepare(`
    UPDATE effect SET status = 'pending', wake_at = @wakeAt, tries = @tries,
      unusable = @unusable, stall = @stall, rests = @rests
    WHERE id = @id AND status = 'running' AND attempt = @attempt`);
  const logOn = prepareLogOn(db);
  const addUse = prepareAddUse(db);
  const waking = `FROM effect
    WHERE wake_at IS NOT NULL AND status = 'pending'
      AND run_id NOT IN (SELECT value FROM json_each(@except))`;
  const due = db.prepare(`
    SELECT * ${waking} AND wake_at <= @now
      AND id NOT IN (SELECT value FROM json_each(@known))
    ORDER BY wake_at`);
  const next = db.prepare(`
    SELECT min(wake_at) AS nextAt, max(rests = 0) AS isUrgent
    ${waking} AND wake_at > @now`);
  const retry = db.prepare(`
    UPDATE effect SET wake_at = @now, tries = 0, unusable = 0, rests = 0
    WHERE run_id = @runId AND status = 'pending' AND rests = 1 RETURNING *`);
  const stalls = db.prepare(`
    SELECT stall, wake_at FROM effect
    WHERE ${ofTenant} AND status IN ('pending','running')
      AND status = 'pending' AND rests = 1
    ORDER BY stall ->> '$.since'`);
  const underWay = db.prepare(`
    SELECT 1 FROM effect
    WHERE ${ofTenant} AND status IN ('pending','running')
      AND (status = 'running' OR rests = 0)
    UNION ALL SELECT 1 FROM inbox WHERE ${ofTenant} AND status = 'waiting'`);
  const clock = prepareClock(db);

  return {
    postpone: async (effect, { wakeAt, tries, unusable, stall, log, uses }) =>
      write('postpone', (now) => {
        const { id, runId, attempt } = effect;
        const kept = stall && JSON.stringify(stall);
        const rests = log.type === 'model.stalled' ? 1 : 0;
        const row = { id, attempt, wakeAt, tries, unusable, stall: kept, rests };
        if (postpone.run(row).changes === 0) return false;
        clock.stop(runId, now);
        logOn(runId, [...uses.map((use) => usedEvent('discarded', use)), log], now);
        for (const use of uses) addUse(runId, use);
        return true;
      }),

    due: async (except, known) => {
      const given = { except: JSON.stringify(except), now: Date.now() };
      const { nextAt, isUrgent } = next.get(given) as { nextAt: number | null; isUrgent: number };
      const effects = (due.all({ ...given, known: JSON.stringify(known) }) as Row[]).map(effectOf);
      return { effects, nextAt, isUrgent: isUrgent === 1 };
    },

    retry: async (runId) =>
      write('retry', (now) => {
        return (retry.all({ runId, now }) as Row[]).map(effectOf);
      }),

    stall: async (tenantId, runId) => {
      const rows = stalls.all({ tenantId, runId }) as { stall: string; wake_at: number | null }[];
      const [oldest] = rows;
      if (!oldest || underWay.get({ tenantId, runId })) return undefined;
      const times = rows.flatMap(({ wake_at: at }) => at ?? []);
      return { ...JSON.parse(oldest.stall), wakeAt: times.length > 0 ? Math.min(...times) : null };
    },
  };
}
