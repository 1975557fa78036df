/** Has SQLite plan each statement once, when it is prepared. */
import type { Database } from 'better-sqlite3';

/**
 * SQLite compiles a statement anew after each binding of a parameter that could have decided its plan,
 * and the driver binds for every call, which made that half of the time that a step's statements take.
 * A parameter behind a plus means the same and decides nothing. No statement here needs more: what an
 * index is of, like the open questions, is said in so many words.
 */
export function planOnce(db: Database): Database {
  const prepare = db.prepare.bind(db);
  db.prepare = ((sql: string) => prepare(sql.replaceAll(comparedTo, '$1 +$2'))) as typeof prepare;
  return db;
}

/** A parameter that something is compared to, or that limits a list. */
const comparedTo = /([=<>]|\bIS|\bLIMIT)\s*([@?])/g;
