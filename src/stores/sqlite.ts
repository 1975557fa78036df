/**
 * The SQLite store: one file, one writer process, every commit on disk before it is acknowledged.
 *
 * Everything is synchronous inside; the methods return promises because the contract is shared with
 * stores that are not.
 */
import { boundary } from '../boundary.ts';
import { RequestError } from '../errors.ts';
import { prepareDeliveries } from './sqlite-deliveries.ts';
import { prepareEffects } from './sqlite-effects.ts';
import { prepareLists } from './sqlite-lists.ts';
import { prepareLog } from './sqlite-log.ts';
import { prepareOnce } from './sqlite-once.ts';
import { openDatabase } from './sqlite-open.ts';
import { preparePrunable, prepareUpkeep } from './sqlite-prune.ts';
import { prepareQuestionList, prepareQuestions } from './sqlite-questions.ts';
import { prepareReads } from './sqlite-reads.ts';
import { prepareRevisions } from './sqlite-revisions.ts';
import { prepareInbox, prepareRuns, type Write } from './sqlite-runs.ts';
import { prepareTokens } from './sqlite-tokens.ts';
import { prepareTries } from './sqlite-tries.ts';
import { prepareAdopt, prepareUnfinished } from './sqlite-unfinished.ts';
import { prepareSummaries, prepareUsage, prepareUsageByAgent } from './sqlite-usage.ts';
import type { Store } from './store.ts';

/**
 * Opens a store in a SQLite file, creating the file if need be. `:memory:` keeps nothing.
 *
 * The file must lie on a local disk: network file systems do not keep the locks that hold a second
 * writer off. Beside it lie `-wal` and `-shm`, which belong to it, and `-writer`, the lock.
 *
 * @throws RequestError `store_in_use` or `store_unusable`
 */
export function sqliteStore(file: string): Store {
  const { db, close } = openDatabase(file);
  const inTransaction = db.transaction((body: (now: number) => unknown) => body(Date.now()));
  const quietly = <T>(body: (now: number) => T): T =>
    orBusy(() => inTransaction.immediate(body) as T);
  const write: Write = (name, body) => {
    boundary(`${name}: begin`);
    const result = quietly((now) => {
      const outcome = body(now);
      boundary(`${name}: before commit`);
      return outcome;
    });
    boundary(`${name}: committed`);
    return result;
  };
  const inbox = prepareInbox(db);
  return {
    ...prepareRuns(db, write, inbox),
    ...prepareEffects(db, write, inbox),
    ...prepareLog(db, quietly),
    ...prepareTries(db, write),
    ...prepareQuestions(db, write, inbox),
    ...prepareQuestionList(db, write),
    ...prepareTokens(db, write),
    ...prepareOnce(db, write),
    ...prepareReads(db),
    ...prepareSummaries(db, write),
    usage: prepareUsage(db),
    usageByAgent: prepareUsageByAgent(db),
    ...prepareRevisions(db),
    ...prepareLists(db),
    ...prepareUnfinished(db),
    ...prepareAdopt(db, write),
    ...prepareDeliveries(db, write),
    ...prepareUpkeep(db, write),
    ...preparePrunable(db),
    close: async () => close(),
  };
}

/** Nothing was written, and trying again may work: another program holds the file, or it is full. */
function orBusy<T>(transaction: () => T): T {
  try {
    return transaction();
  } catch (error) {
    const code = String(Object(error).code);
    if (!code.startsWith('SQLITE_BUSY') && code !== 'SQLITE_FULL') throw error;
    const refused = new RequestError(
      'store_busy',
      code === 'SQLITE_FULL'
        ? 'The disk is full. Nothing was written: make room and try again.'
        : 'Another program is writing the database. Nothing was written: try again in a moment.',
    );
    refused.cause = error;
    throw refused;
  }
}
