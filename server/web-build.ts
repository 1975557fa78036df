/**
 * Builds the page out of `server/web/` where there is no build yet, or an older one. Only a checkout
 * has the sources; the package brings the build.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const built = join(root, 'dist/web');

/** Tells what a build was made from; the build's configuration writes it beside the build. */
export const builtFrom = 'built-from.txt';

/** Builds the page if its sources have changed. */
export async function buildPage(): Promise<void> {
  const sources = sourcesHash();
  if (isBuiltFrom(sources)) return;
  const { build } = await import('vite');
  // Beside its place and then moved there, since other processes may build or read it now.
  const beside = `${built}.${process.pid}`;
  await build({
    configFile: join(root, 'server/web/vite.config.ts'),
    build: { outDir: beside },
  });
  if (!isBuiltFrom(sources)) {
    rmSync(built, { recursive: true, force: true });
    renameSync(beside, built);
  }
  rmSync(beside, { recursive: true, force: true });
}

function isBuiltFrom(sources: string): boolean {
  const file = join(built, builtFrom);
  return existsSync(file) && readFileSync(file, 'utf8') === sources;
}

/** Tells sources apart: SHA-256 over all that a build is made from. */
export function sourcesHash(): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const folder of ['server/web', 'client']) {
    const inside = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const files = inside.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    for (const file of files.sort()) {
      hash.update(`${relative(root, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}
