/** What truly happened in a run: the lines of the witness file, and the rows of the database. */
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';

/** One run of a tool. */
export interface Deed {
  readonly tool: string;
  readonly key: string;
}

/** The deeds that a witness file tells of, in order. */
export function deedsIn(file: string): Deed[] {
  return linesOf(file).map((line) => JSON.parse(line) as Deed);
}

/** The boundaries that a process passed, by name, in order. */
export function boundariesIn(trace: string): string[] {
  return linesOf(trace).map((line) => line.slice(line.indexOf(' ') + 1));
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

export type Row = Readonly<Record<string, unknown>>;
export type Query = (sql: string, ...values: unknown[]) => Row[];

/**
 * Reads a database that no process has open. What is read is a copy: to open the file itself would
 * begin the recovery that the next server is to be tested with.
 */
export function readImage<T>(file: string, read: (query: Query) => T): T {
  const image = `${file}-image`;
  for (const part of ['', '-wal', '-shm']) {
    rmSync(image + part, { force: true });
    if (part !== '-shm' && existsSync(file + part)) copyFileSync(file + part, image + part);
  }
  const db = new Database(image);
  try {
    const isEmpty = db.prepare('SELECT 1 FROM sqlite_schema').all().length === 0;
    return read((sql, ...values) => (isEmpty ? [] : (db.prepare(sql).all(...values) as Row[])));
  } finally {
    db.close();
  }
}
