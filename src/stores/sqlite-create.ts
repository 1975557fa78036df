/** New runs of the SQLite store: written once for each message, if their session has room. */
import type { Database } from 'better-sqlite3';
import type { NewRun } from './rows.ts';
import { prepareTie } from './sqlite-once.ts';
import { type Row, runOf } from './sqlite-rows.ts';
import type { Inbox, Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';
import type { Created } from './tenant-store.ts';

export function prepareCreate(db: Database, write: Write, inbox: Inbox): Store['createRun'] {
  const add = db.prepare(`
    INSERT INTO run (id, tenant_id, session_id, team, message, message_id, user_id, metadata, dependencies, definition,
      status, blocked_by, revision, chart_version, created_at, updated_at)
    VALUES (@id, @tenantId, @sessionId, @team, @message, @messageId, @userId, @metadata, @dependencies, @definition,
      'working', @blockedBy, 0, 0, @now, @now)`);
  const unfinished = db.prepare(`
    SELECT * FROM run WHERE tenant_id = ? AND session_id = ? AND status IN ('working','input_required')
    ORDER BY number DESC LIMIT 1`);
  const said = db.prepare(`
    SELECT * FROM run WHERE tenant_id = @tenantId AND session_id = @sessionId AND team = @team
      AND status NOT IN ('failed','cancelled') AND id IN (
        SELECT id FROM run WHERE tenant_id = @tenantId AND session_id = @sessionId
          AND message_id = @messageId AND message = @message
        UNION ALL
        SELECT run_id FROM joined_message WHERE message_id = @messageId AND message = @message)
    ORDER BY number DESC LIMIT 1`);
  const join = db.prepare('INSERT INTO joined_message VALUES (?, ?, ?, ?)');
  const tie = prepareTie(db);
  return async (run: NewRun, whilePaused, { joined = [], request } = {}) =>
    write('createRun', (now): Created => {
      const { tenantId, sessionId, team } = run;
      let known: Row | undefined;
      for (const { messageId, message } of [run, ...joined]) {
        known ??= said.get({ tenantId, sessionId, team, messageId, message }) as Row | undefined;
      }
      if (known) {
        const { id: runId, logLength } = runOf(known);
        if (request) tie(request, { runId, logLength });
        return { known: runOf(known) };
      }
      const inTheWay = unfinished.get(run.tenantId, run.sessionId) as Row | undefined;
      if (!inTheWay || whilePaused === 'queue') {
        add.run({
          ...run,
          metadata: JSON.stringify(run.metadata),
          dependencies: JSON.stringify(run.dependencies),
          blockedBy: inTheWay?.['id'] ?? null,
          now,
        });
        for (const [position, { messageId, message }] of joined.entries()) {
          join.run(run.id, position, messageId, message);
        }
        if (request) tie(request, { runId: run.id, logLength: 0 });
        inbox.add(run.id, `${run.id}:start`, { type: 'run.started', message: run.message }, now);
      }
      return inTheWay ? { inTheWay: runOf(inTheWay) } : {};
    });
}
