/** The logs of the SQLite store: events are added, numbered without a gap, and read again. */
import type { Database } from 'better-sqlite3';
import { logEvent, type NewLogEvent } from '../log-events.ts';
import { ofTenant, type Row } from './sqlite-rows.ts';
import type { Store } from './store.ts';

/** Writes events whose numbers the run's row counts already; `first` is the first one's. */
export function prepareAddEvents(db: Database) {
  const add = db.prepare(
    'INSERT INTO log (run_id, seq, at, type, agent, data) VALUES (?, ?, ?, ?, ?, ?)',
  );
  return (runId: string, first: number, events: readonly NewLogEvent[], now: number) => {
    events.forEach(({ type, agent, ...data }, index) => {
      add.run(runId, first + index, now, type, agent, JSON.stringify(data));
    });
  };
}

/** Writes events outside of a step. */
export function prepareLogOn(db: Database) {
  const addEvents = prepareAddEvents(db);
  const count = db
    .prepare('UPDATE run SET log_length = log_length + ? WHERE id = ? RETURNING log_length')
    .pluck();
  return (runId: string, events: readonly NewLogEvent[], now: number) => {
    const length = count.get(events.length, runId) as number;
    addEvents(runId, length - events.length + 1, events, now);
  };
}

/** `quietly` is one transaction without boundaries: how often a model call says something is chance. */
export function prepareLog(
  db: Database,
  quietly: <T>(body: (now: number) => T) => T,
): Pick<Store, 'appendLog' | 'log'> {
  const logOn = prepareLogOn(db);
  const isRunning = db.prepare(`
    UPDATE effect SET said = 1 WHERE id = ? AND status = 'running' AND attempt = ?`);
  const read = db.prepare(`
    SELECT seq, at, type, agent, data FROM log
    WHERE ${ofTenant}
      AND seq > @after
    ORDER BY seq LIMIT @limit`);
  return {
    appendLog: async (said) =>
      quietly((now) => {
        for (const { effect, log } of said) {
          if (isRunning.run(effect.id, effect.attempt).changes === 1) logOn(effect.runId, log, now);
        }
      }),

    log: async (tenantId, runId, after, limit) =>
      (read.all({ tenantId, runId, after, limit }) as Row[]).map(({ seq, at, type, agent, data }) =>
        logEvent(
          seq as number,
          at as number,
          {
            type,
            agent,
            ...JSON.parse(data as string),
          } as NewLogEvent,
        ),
      ),
  };
}
