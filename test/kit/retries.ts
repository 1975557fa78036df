/** Runs whose model cannot be had: what they stand still for, and what is saved of their tries. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Run, Stalled } from '../../src/index.ts';

/** Tries that come at once, and pauses that nobody lives to see the end of. */
export const eager = { firstWaitMs: 1, firstPauseMs: 600_000, longestPauseMs: 600_000 };

/** Why a run stands still. */
export function stalledOf(run: Run): Stalled {
  assert.ok(run.status === 'working' && run.stalled, JSON.stringify(run));
  return run.stalled;
}

export interface EffectRow {
  readonly status: string;
  readonly attempt: number;
  readonly tries: number;
  readonly wake_at: number | null;
  readonly stall: string | null;
}

function read<T>(file: string, sql: string): T[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}

/** The effects of a file, oldest first. */
export function effectsIn(file: string): EffectRow[] {
  return read(file, 'SELECT status, attempt, tries, wake_at, stall FROM effect ORDER BY at, id');
}

/** What the log says of tries: the type of each entry, and its data. */
export function triesLogged(
  file: string,
): (readonly [string, Readonly<Record<string, unknown>>])[] {
  const sql =
    "SELECT type, data FROM log WHERE type IN ('model.retrying','model.stalled') ORDER BY seq";
  return read<{ type: string; data: string }>(file, sql).map(({ type, data }) => [
    type,
    JSON.parse(data),
  ]);
}

/** Waits until something is there; far longer than it takes. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const patience = AbortSignal.timeout(30_000);
  for (;;) {
    patience.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    await sleep(10);
  }
}

/** The id of a file's one run. */
export function runIdIn(file: string): string {
  return read<{ id: string }>(file, 'SELECT id FROM run')[0]?.id ?? '';
}
