/** Reads the unfinished runs, and how many old ones there are, of a SQLite file that another process may be writing. */
import { RequestError } from '../errors.ts';
import { openForReading } from './sqlite-open.ts';
import { preparePrunable } from './sqlite-prune.ts';
import { prepareUnfinished } from './sqlite-unfinished.ts';
import type { Store } from './store.ts';

/** What can be read of a store beside the process that writes it. */
export type StoreReader = Pick<Store, 'unfinished' | 'prunable' | 'close'>;

/**
 * Opens a SQLite file for reading, also while another process serves it. The file is never created
 * or changed, and its schema is left as it is.
 *
 * @throws RequestError `store_unusable` if it is not there, is not ours, or its schema cannot be read
 */
export function sqliteReader(file: string): StoreReader {
  const db = openForReading(file);
  try {
    return { ...prepareUnfinished(db), ...preparePrunable(db), close: async () => void db.close() };
  } catch (cause) {
    db.close();
    const refused = new RequestError(
      'store_unusable',
      `"${file}" has a schema that this build does not read as it is. Start this build on a copy of it once.`,
    );
    refused.cause = cause;
    throw refused;
  }
}
