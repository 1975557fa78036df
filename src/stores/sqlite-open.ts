/**
 * Opens a SQLite file so that what it acknowledges survives a power cut, and so that one process
 * writes it at a time.
 */

import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { InvariantError, RequestError } from '../errors.ts';
import { planOnce } from './sqlite-plans.ts';
import { checkedVersion, migrate } from './sqlite-schema.ts';

export interface OpenedDatabase {
  readonly db: Database.Database;
  readonly close: () => void;
}

/**
 * Opens the file, creating it if need be, and brings it to the newest schema.
 *
 * @throws RequestError `store_in_use` if another process writes it, `store_unusable` if it cannot be
 *   opened or is not ours
 */
export function openDatabase(file: string): OpenedDatabase {
  checkNode();
  const folder = dirname(file);
  if (file !== ':memory:' && !existsSync(folder)) {
    throw new RequestError(
      'store_unusable',
      `"${file}" cannot be created: there is no "${folder}".`,
    );
  }
  if (file === '') throw new RequestError('store_unusable', 'A SQLite file needs a name.');
  // By its real name, so that a link to the file does not lead around the lock.
  const unlock = file === ':memory:' ? () => undefined : lock(realName(file));
  try {
    const db = new Database(file);
    try {
      setUp(db, file);
    } catch (error) {
      db.close();
      throw error;
    }
    return {
      db: planOnce(db),
      close: () => {
        db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw usable(error, file);
  }
}

/**
 * Opens the file for reading only, also while another process writes it: without the writer lock, and
 * with the schema that it has.
 *
 * @throws RequestError `store_unusable` if it is not there, cannot be read, or is not ours
 */
export function openForReading(file: string): Database.Database {
  checkNode();
  if (!existsSync(file)) throw new RequestError('store_unusable', `There is no "${file}".`);
  try {
    const db = new Database(file, { readonly: true });
    try {
      checkedVersion(db, file);
      return planOnce(db);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw usable(error, file);
  }
}

function realName(file: string): string {
  return existsSync(file) ? realpathSync(file) : join(realpathSync(dirname(file)), basename(file));
}

/** better-sqlite3 13 crashes the process on an older Node instead of refusing. */
function checkNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 22) return;
  throw new RequestError(
    'store_unusable',
    `The SQLite store needs Node 22.18 or newer; this is ${process.versions.node}. Run it by npm scripts, which bring their own.`,
  );
}

/**
 * Holds the file's writer lock: an open transaction on a small database beside it. The operating
 * system frees it when the process dies, however it dies. The lock lies beside the file, not in it,
 * so that other processes may still read the file.
 */
function lock(file: string): () => void {
  const beside = `${file}-writer`;
  const db = opened(beside);
  try {
    db.exec(
      'BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS writer (pid INTEGER); DELETE FROM writer;',
    );
    db.prepare('INSERT INTO writer VALUES (?)').run(process.pid);
    db.exec('COMMIT; BEGIN IMMEDIATE;');
  } catch (error) {
    const pid = codeOf(error) === 'SQLITE_BUSY' ? holderOf(beside) : undefined;
    db.close();
    if (pid === undefined) throw usable(error, beside);
    throw new RequestError(
      'store_in_use',
      `"${file}" is written by process ${pid}. One process writes a file at a time: end that one, or name another file.`,
    );
  }
  return () => db.close();
}

function opened(beside: string): Database.Database {
  try {
    return new Database(beside, { timeout: 0 });
  } catch (error) {
    throw usable(error, beside);
  }
}

function holderOf(beside: string): string {
  const db = new Database(beside, { timeout: 100 });
  try {
    return String(db.prepare('SELECT pid FROM writer').pluck().get());
  } catch {
    return '(unknown)';
  } finally {
    db.close();
  }
}

function setUp(db: Database.Database, file: string): void {
  db.pragma('journal_mode = WAL');
  // WAL lowers this to NORMAL on reopening, and a power cut would then lose acknowledged commits.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('busy_timeout = 250');
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  db.pragma('journal_size_limit = 67108864');
  migrate(db, file);
  const mode = db.pragma('journal_mode', { simple: true });
  const durable = db.pragma('synchronous', { simple: true }) === 2;
  if (!durable || (file !== ':memory:' && mode !== 'wal')) {
    throw new InvariantError(`"${file}" was opened without synchronous=FULL in WAL mode.`);
  }
}

function usable(error: unknown, file: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const refused = new RequestError('store_unusable', `"${file}" cannot be used: ${code}.`);
  refused.cause = error;
  return refused;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? error.code : undefined;
}
