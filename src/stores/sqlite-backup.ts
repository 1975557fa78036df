/**
 * Copies a SQLite file while another process may be writing it: the copy is the file as it was at one
 * moment, checked, and under its name only once it is whole.
 */
import { closeSync, existsSync, linkSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { RequestError } from '../errors.ts';
import { openForReading } from './sqlite-open.ts';
import { checkedVersion } from './sqlite-schema.ts';

/** How many pages are copied in one go. */
const pagesAtOnce = 1_000;

export interface BackupOptions {
  /** Told how much of the file is copied, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  /** Gives it up, as if it had not begun. */
  readonly signal?: AbortSignal;
}

/** What was copied. */
export interface Backup {
  readonly bytes: number;
  /** The version of the copy's schema. */
  readonly schema: number;
}

/**
 * Copies the file to another name, on the same machine. Going back to a copy is going back in time:
 * what was done after it is not known any more, and may be done again.
 *
 * @throws RequestError `store_unusable` if the file cannot be read, if there is something under the
 *   other name already, or if the copy does not pass SQLite's own check; the signal's reason if it is
 *   given up; nothing is left behind
 */
export async function sqliteBackup(
  file: string,
  target: string,
  { onProgress, signal }: BackupOptions = {},
): Promise<Backup> {
  if (existsSync(target)) throw unusable(`"${target}" is there already. Name another file.`);
  const source = openForReading(file);
  try {
    // Of a name of its own, so that what a killed process left is in nobody's way.
    const folder = mkdtempSync(`${target}-partial-`);
    try {
      const partial = join(folder, 'copy');
      // Created here, so that nobody may read the copy who may not read the file.
      createLike(file, partial);
      await copy(source, partial, (part) => {
        signal?.throwIfAborted();
        onProgress?.(part);
      });
      const schema = check(partial, target);
      // Unlike renaming, linking overwrites nothing.
      linkSync(partial, target);
      return { bytes: statSync(target).size, schema };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw inWords(error, target);
  } finally {
    source.close();
  }
}

function createLike(file: string, partial: string): void {
  closeSync(openSync(partial, 'wx', statSync(file).mode));
}

async function copy(
  source: Database.Database,
  partial: string,
  onProgress: (part: number) => void,
): Promise<void> {
  // One reading transaction over the whole copy: without it, every commit of the writer would make
  // the copy begin anew.
  source.exec('BEGIN');
  source.prepare('SELECT count(*) FROM sqlite_schema').get();
  await source.backup(partial, {
    progress: ({ totalPages, remainingPages }) => {
      onProgress(totalPages === 0 ? 0 : 1 - remainingPages / totalPages);
      return pagesAtOnce;
    },
  });
  source.exec('COMMIT');
  onProgress(1);
}

/** The schema's version of a copy that is sound, and one file without others beside it. */
function check(partial: string, target: string): number {
  const db = new Database(partial);
  try {
    // So that it can be read where nothing can be written beside it.
    db.pragma('journal_mode = DELETE');
    const found = [
      ...(db.pragma('integrity_check') as { integrity_check: string }[]),
      ...(db.pragma('foreign_key_check') as { table: string }[]).map(({ table }) => ({
        integrity_check: `a row of ${table} refers to nothing`,
      })),
    ].map(({ integrity_check }) => integrity_check);
    const wrong = found.filter((sentence) => sentence !== 'ok');
    if (wrong.length === 0) return checkedVersion(db, target);
    throw unusable(
      `The copy is not sound (${wrong[0]}), so it was not kept. Check the file itself.`,
    );
  } finally {
    db.close();
  }
}

function inWords(error: unknown, target: string): unknown {
  if (error instanceof RequestError) return error;
  const refused = unusable(`"${target}" could not be written: ${Object(error).code ?? error}.`);
  refused.cause = error;
  return refused;
}

function unusable(message: string): RequestError {
  return new RequestError('store_unusable', message);
}
