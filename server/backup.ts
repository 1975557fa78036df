/**
 * `npm run backup -- target.db [--db file]`: copies the database, also while a server writes it, and
 * checks the copy. The file is the one that CADENZA_DB names, or --db.
 *
 * Exit code: 0 if the copy is there and sound, 2 if not.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RequestError, sqliteBackup } from '../src/index.ts';
import { sentenceOf } from './settings.ts';
import { onSignal } from './signals.ts';
import { StartError } from './start-error.ts';

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { db, target } = readArguments();
  const startedAt = Date.now();
  let told = 0;
  const leaving = new AbortController();
  onSignal(() => leaving.abort(new StartError('Stopped. Nothing was copied.')));
  const { bytes, schema } = await sqliteBackup(db, target, {
    signal: leaving.signal,
    onProgress: (part) => {
      const tenths = Math.floor(part * 10);
      if (tenths > told) console.log(`${tenths * 10} % copied`);
      told = Math.max(told, tenths);
    },
  });
  console.log(
    `"${target}" is a sound copy of "${db}": ${bytes} bytes, schema ${schema}, in ${Date.now() - startedAt} ms.`,
  );
}

function readArguments(): { readonly db: string; readonly target: string } {
  try {
    const { values, positionals } = parseArgs({
      options: { db: { type: 'string', default: process.env['CADENZA_DB'] || 'cadenza.db' } },
      allowPositionals: true,
    });
    const [target, ...rest] = positionals;
    if (target && rest.length === 0) return { db: values.db, target };
  } catch {
    // Told below.
  }
  throw new StartError('Use: npm run backup -- target.db [--db file]');
}

main().catch((error: unknown) => {
  console.error(sentenceOf(error, [StartError, RequestError]));
  process.exitCode = 2;
});
