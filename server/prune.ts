/**
 * `npm run prune -- --older-than 30d [--db file] [--dry-run]`: deletes runs that ended so long ago,
 * with all that is kept of them. A run whose request came with a key in the last 24 hours stays until
 * they are over. The file is the one that CADENZA_DB names, or --db.
 *
 * One process writes a file at a time, so it refuses while a server has the file; set
 * CADENZA_KEEP_DAYS, and the server prunes by itself. A dry run only reads, also beside a server.
 *
 * Exit code: 0 if it did what it was asked to, 2 if not.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { prune, RequestError, sqliteReader, sqliteStore } from '../src/index.ts';
import { sentenceOf, spanMs } from './settings.ts';
import { StartError } from './start-error.ts';

interface Arguments {
  readonly db: string;
  readonly span: string;
  readonly dryRun: boolean;
}

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { db, span, dryRun } = readArguments();
  const olderThanMs = spanMs('--older-than', span);
  // Opening for writing would create it.
  const reader = sqliteReader(db);
  const there = await reader.prunable(Date.now() - olderThanMs).finally(() => reader.close());
  const runs = `of "${db}" ended more than ${span} ago`;
  if (dryRun) return console.log(`${there} runs ${runs}. Nothing was deleted.`);
  const store = writable(db);
  try {
    const deleted = await prune(store, {
      olderThanMs,
      onProgress: (soFar) => console.log(`${soFar} of ${there} deleted`),
    });
    console.log(`${deleted} runs ${runs} and were deleted. Their space in the file is used again.`);
  } finally {
    await store.close();
  }
}

function writable(db: string) {
  try {
    return sqliteStore(db);
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'store_in_use') throw error;
    throw new StartError(
      `${error.message} Nothing was deleted. A server prunes by itself with CADENZA_KEEP_DAYS.`,
    );
  }
}

function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: {
        db: { type: 'string', default: process.env['CADENZA_DB'] || 'cadenza.db' },
        'older-than': { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    });
    const { db, 'older-than': span, 'dry-run': dryRun } = values;
    if (span !== undefined) return { db, span, dryRun };
  } catch {
    // Told below.
  }
  throw new StartError('Use: npm run prune -- --older-than 30d [--db file] [--dry-run]');
}

main().catch((error: unknown) => {
  console.error(sentenceOf(error, [StartError, RequestError]));
  process.exitCode = 2;
});
