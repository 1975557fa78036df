/** Brings a file of the SQLite store to the newest schema, by numbered migrations. */
import type { Database } from 'better-sqlite3';
import { RequestError } from '../errors.ts';
import { firstTables, joinedMessages } from './sqlite-tables.ts';

/** Marks the file as ours: "CDZA" in ASCII. */
const applicationId = 0x43445a41;

/** The schema that the first of the migrations makes. */
const firstVersion = 2;

const migrations: readonly string[] = [firstTables, joinedMessages];

const newest = firstVersion + migrations.length - 1;

/**
 * Brings the file to the newest schema.
 *
 * @throws RequestError `store_unusable` if the file is another program's, or a newer build's
 */
export function migrate(db: Database, file: string): void {
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  const version = tables === 0 ? 0 : checkedVersion(db, file);
  db.transaction(() => {
    for (const migration of migrations.slice(version === 0 ? 0 : version - firstVersion + 1)) {
      db.exec(migration);
    }
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${newest}`);
  }).immediate();
}

/**
 * The schema of a file that is ours.
 *
 * @throws RequestError `store_unusable` if the file is another program's, or a newer build's
 */
export function checkedVersion(db: Database, file: string): number {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (db.pragma('application_id', { simple: true }) !== applicationId) {
    throw new RequestError(
      'store_unusable',
      `"${file}" is a database of another program. It is unchanged: name another file.`,
    );
  }
  if (version > newest) {
    throw new RequestError(
      'store_unusable',
      `"${file}" has schema ${version}; this build reads up to ${newest}. It is unchanged: use a newer build.`,
    );
  }
  if (version < firstVersion) {
    throw new RequestError(
      'store_unusable',
      `"${file}" has schema ${version}, which no release of Cadenza has. It is unchanged: name another file.`,
    );
  }
  return version;
}
