/**
 * The outbox of the SQLite store: what somebody is still to be told, written by the tables
 * themselves in the transaction in which it happens, whatever code made it happen.
 */
import type { Database } from 'better-sqlite3';
import type { Delivery } from './deliveries.ts';
import type { Row } from './sqlite-rows.ts';
import type { Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';

/** A part of the schema's first migration. */
export const deliveryTables = `
  CREATE TABLE subscription (
    target TEXT NOT NULL,
    type   TEXT NOT NULL CHECK (type IN ('question.opened','question.reminder','run.settled')),
    PRIMARY KEY (target, type)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE delivery (
    id          TEXT NOT NULL,
    target      TEXT NOT NULL,
    type        TEXT NOT NULL,
    tenant_id   TEXT NOT NULL,
    run_id      TEXT NOT NULL REFERENCES run (id),
    question_id TEXT REFERENCES question (id),
    run_status  TEXT,
    at          INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    attempt     INTEGER NOT NULL DEFAULT 0,
    status      TEXT NOT NULL DEFAULT 'pending'
                CHECK (status IN ('pending','sending','done','skipped','dead')),
    error       TEXT,
    PRIMARY KEY (id, target)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_pending ON delivery (target, next_at) WHERE status = 'pending';
  CREATE INDEX delivery_by_run ON delivery (run_id);
  CREATE INDEX delivery_by_question ON delivery (question_id);
  CREATE INDEX delivery_sending ON delivery (id) WHERE status = 'sending';

  CREATE TRIGGER a_question_that_opens_is_told AFTER INSERT ON question
  BEGIN
    INSERT INTO delivery (id, target, type, tenant_id, run_id, question_id, at, next_at)
      SELECT 'opened_' || NEW.id, target, type, NEW.tenant_id, NEW.run_id, NEW.id,
        NEW.opened_at, NEW.opened_at
      FROM subscription WHERE type = 'question.opened';
    INSERT INTO delivery (id, target, type, tenant_id, run_id, question_id, at, next_at)
      SELECT 'reminder_' || NEW.id, target, type, NEW.tenant_id, NEW.run_id, NEW.id,
        NEW.remind_at, NEW.remind_at
      FROM subscription WHERE type = 'question.reminder' AND NEW.remind_at IS NOT NULL;
  END;

  CREATE TRIGGER a_run_that_settles_is_told AFTER UPDATE OF status ON run
  WHEN NEW.status <> OLD.status AND NEW.status <> 'working'
  BEGIN
    INSERT INTO delivery (id, target, type, tenant_id, run_id, run_status, at, next_at)
      SELECT 'settled_' || NEW.id || '_' || NEW.revision, target, type, NEW.tenant_id,
        NEW.id, NEW.status, NEW.updated_at, NEW.updated_at
      FROM subscription WHERE type = 'run.settled';
  END;
  `;

export function prepareDeliveries(
  db: Database,
  write: Write,
): Pick<Store, 'subscribe' | 'takeDeliveries' | 'endDelivery'> {
  const unsubscribe = db.prepare('DELETE FROM subscription');
  const subscribed = db.prepare('SELECT 1 FROM subscription LIMIT 1');
  const subscribe = db.prepare('INSERT INTO subscription (target, type) VALUES (?, ?)');
  const takeUp = db.prepare(
    "UPDATE delivery SET status = 'pending', next_at = ? WHERE status = 'sending'",
  );
  const next = db
    .prepare(`
      SELECT min(next_at) FROM delivery JOIN subscription USING (target, type)
      WHERE target = ? AND status = 'pending'`)
    .pluck();
  const skip = db.prepare(`
    UPDATE delivery SET status = 'skipped'
    WHERE target = @target AND status = 'pending' AND next_at <= @now
      AND type = 'question.reminder'
      AND (SELECT status FROM question WHERE id = question_id) <> 'open'`);
  const take = db.prepare(`
    UPDATE delivery SET status = 'sending', attempt = attempt + 1
    WHERE target = @target AND id IN (
      SELECT id FROM delivery JOIN subscription USING (target, type)
      WHERE target = @target AND status = 'pending' AND next_at <= @now
      ORDER BY next_at, id LIMIT @limit)
    RETURNING *`);
  const end = db.prepare(`
    UPDATE delivery SET status = @status, next_at = coalesce(@nextAt, next_at), error = @error
    WHERE id = @id AND target = @target AND status = 'sending' AND attempt = @attempt`);

  return {
    subscribe: async (subscriptions) => {
      if (subscriptions.length === 0 && !subscribed.get()) return;
      write('subscribe', (now) => {
        unsubscribe.run();
        for (const { target, type } of subscriptions) subscribe.run(target, type);
        takeUp.run(now);
      });
    },

    takeDeliveries: async (target, limit) => {
      const nextAt = next.get(target) as number | null;
      if (nextAt === null || nextAt > Date.now()) return { deliveries: [], nextAt };
      return write('take deliveries', (now) => {
        skip.run({ target, now });
        const deliveries = (take.all({ target, now, limit }) as Row[]).map(deliveryOf);
        return { deliveries, nextAt: next.get(target) as number | null };
      });
    },

    endDelivery: async ({ id, target, attempt }, outcome) =>
      write('end delivery', () => {
        end.run({ id, target, attempt, nextAt: null, error: null, ...outcome });
      }),
  };
}

function deliveryOf(row: Row): Delivery {
  return {
    id: row['id'],
    target: row['target'],
    type: row['type'],
    tenantId: row['tenant_id'],
    runId: row['run_id'],
    ...(row['type'] === 'run.settled'
      ? { runStatus: row['run_status'] }
      : { questionId: row['question_id'] }),
    at: row['at'],
    attempt: row['attempt'],
  } as Delivery;
}
