/** The boundaries that the source names, read from its text: none can be added unnoticed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** The names of all boundaries, those of a store's writes put together from their two parts. */
export function boundariesOfSource(): string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'boundary.ts')
    .flatMap((file) => boundariesOf(file, readFileSync(join(source, file), 'utf8')));
}

function boundariesOf(file: string, text: string): string[] {
  const plain = all(text, /\bboundary\('([^']+)'\)/g);
  const endings = all(text, /\bboundary\(`\$\{name\}([^`$]+)`\)/g);
  const writes = all(text, /\bwrite\('([^']+)',/g);
  const calls = all(text, /\b(boundary)\(/g).length;
  if (calls !== plain.length + endings.length) {
    throw new Error(`${file} passes boundaries whose names cannot be read from its text.`);
  }
  return [...plain, ...writes.flatMap((write) => endings.map((ending) => write + ending))];
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}
