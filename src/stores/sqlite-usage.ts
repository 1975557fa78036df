/** What the models of a run used, in the SQLite store, and the summaries that stand for its past. */
import type { Database } from 'better-sqlite3';
import { usedEvent } from '../log-events.ts';
import { prepareLogOn } from './sqlite-log.ts';
import { ofTenant } from './sqlite-rows.ts';
import type { Write } from './sqlite-runs.ts';
import type { Store } from './store.ts';
import type { NewUse, Summary, Usage, UsageRow } from './usage.ts';

export const usageTables = `
  -- What each answer of a model used, also one that was thrown away.
  CREATE TABLE model_use (
    run_id              TEXT NOT NULL REFERENCES run (id),
    seq                 INTEGER NOT NULL,
    agent               TEXT NOT NULL,
    -- The agent's name, with the names above it.
    name                TEXT NOT NULL,
    model               TEXT NOT NULL,
    input_tokens        INTEGER NOT NULL,
    cached_input_tokens INTEGER NOT NULL,
    output_tokens       INTEGER NOT NULL,
    reasoning_tokens    INTEGER NOT NULL,
    -- Millionths of the currency, by the price of then; null where there was none.
    cost_micros         INTEGER,
    PRIMARY KEY (run_id, seq)
  ) STRICT, WITHOUT ROWID;

  -- What stands for an agent's messages up to a number, and for the runs before.
  CREATE TABLE summary (
    run_id TEXT NOT NULL REFERENCES run (id),
    agent  TEXT NOT NULL,
    up_to  INTEGER NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (run_id, agent, up_to)
  ) STRICT, WITHOUT ROWID;
`;

/** Prepares the statement that writes what one answer used. */
export function prepareAddUse(db: Database): (runId: string, use: NewUse) => void {
  const add = db.prepare(`
    INSERT INTO model_use (run_id, seq, agent, name, model, input_tokens, cached_input_tokens,
      output_tokens, reasoning_tokens, cost_micros)
    SELECT @runId, coalesce(max(seq), 0) + 1, @agent, @name, @model, @inputTokens,
      @cachedInputTokens, @outputTokens, @reasoningTokens, @costMicros
    FROM model_use WHERE run_id = @runId`);
  return (runId, { agent, name, model, usage, costMicros = null }) => {
    const none = { cachedInputTokens: 0, reasoningTokens: 0 };
    add.run({ runId, agent, name, model, ...none, ...usage, costMicros });
  };
}

// `total` and not `sum`, which fails where a provider counts beyond all reason.
const used = `
  total(input_tokens + output_tokens) AS tokens, total(cost_micros) AS costMicros,
  count(*) - count(cost_micros) AS unpricedCalls,
  count(*) FILTER (WHERE cost_micros IS NULL AND input_tokens = 0) AS uncountedCalls`;

export function prepareUsage(db: Database): Store['usage'] {
  const counts = db.prepare(`
    SELECT
      -- In the order in which they were asked for: of calls side by side, each has a number.
      (SELECT count(*) FROM effect WHERE run_id = @runId AND kind = 'callModel'
        AND (CAST(substr(id, @rest) AS INTEGER),
             CAST(substr(id, @rest + instr(substr(id, @rest), ':')) AS INTEGER))
          < (@revision, @index)) AS modelCalls,
      (SELECT worked_ms + iif(status = 'working', max(0, @now - updated_at), 0)
        FROM run WHERE id = @runId) AS workingMs`);
  const replies = db
    .prepare(`
      SELECT count(*) FROM message WHERE run_id = ? AND agent = ? AND role = 'assistant'`)
    .pluck();
  const byRun = db.prepare(`SELECT ${used} FROM model_use WHERE run_id = ?`);
  const byPath = db.prepare(`
    SELECT ${used}, coalesce(max(input_tokens), 0) AS largestInput
    FROM model_use WHERE run_id = ? AND agent = ?`);
  type Used = Omit<Usage['agent'], 'modelCalls' | 'largestInput'>;
  return async ({ id, runId, path }) => {
    const [revision = 0, index = 0] = id
      .slice(runId.length + 1)
      .split(':')
      .map(Number);
    const named = { runId, rest: runId.length + 2, revision, index, now: Date.now() };
    const counted = counts.get(named) as { modelCalls: number; workingMs: number };
    return {
      run: { ...counted, ...(byRun.get(runId) as Used) },
      agent: {
        modelCalls: replies.get(runId, path) as number,
        ...(byPath.get(runId, path) as Used & Pick<Usage['agent'], 'largestInput'>),
      },
    };
  };
}

export function prepareUsageByAgent(db: Database): Store['usageByAgent'] {
  const read = db.prepare(`
    SELECT name, count(*) AS modelCalls, total(input_tokens) AS inputTokens,
      total(cached_input_tokens) AS cachedInputTokens, total(output_tokens) AS outputTokens,
      total(reasoning_tokens) AS reasoningTokens, total(cost_micros) AS costMicros,
      count(*) - count(cost_micros) AS unpricedCalls
    FROM model_use WHERE ${ofTenant} GROUP BY name ORDER BY name`);
  return async (tenantId, runId) => read.all({ tenantId, runId }) as UsageRow[];
}

export function prepareSummaries(
  db: Database,
  write: Write,
): Pick<Store, 'summary' | 'saveSummary'> {
  const newest = db.prepare(`
    SELECT up_to AS upTo, text FROM summary WHERE run_id = ? AND agent = ? AND up_to <= ?
    ORDER BY up_to DESC LIMIT 1`);
  const add = db.prepare(`
    INSERT INTO summary (run_id, agent, up_to, text) VALUES (@runId, @path, @upTo, @text)
    ON CONFLICT DO UPDATE SET text = @text`);
  const addUse = prepareAddUse(db);
  const logOn = prepareLogOn(db);
  const isRunning = db.prepare(
    "SELECT 1 FROM effect WHERE id = ? AND status = 'running' AND attempt = ?",
  );
  return {
    summary: async ({ runId, path, upTo }) => newest.get(runId, path, upTo) as Summary | undefined,

    saveSummary: async ({ id, runId, path, name, attempt }, { upTo, text }, made) =>
      write('save summary', (now) => {
        // Nothing is told of a run after its end.
        if (!isRunning.get(id, attempt)) return;
        const use = { ...made, agent: path, name };
        add.run({ runId, path, upTo, text });
        addUse(runId, use);
        logOn(runId, [usedEvent('summary', use)], now);
      }),
  };
}
