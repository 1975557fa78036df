/** The boundaries that the source names, read from its text: none can be added unnoticed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** The names of all boundaries, those of a store's writes put together from their two parts. */
export function boundariesOfSource(): string[] {
  const texts = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'boundary.ts')
    .map((file) => readFileSync(join(source, file), 'utf8'));
  const every = (pattern: RegExp) => texts.flatMap((text) => all(text, pattern));
  const plain = every(/\bboundary\('([^']+)'\)/g);
  const endings = every(/\bboundary\(`\$\{name\}([^`$]+)`\)/g);
  const calls = every(/\b(boundary)\(/g).length;
  if (calls !== plain.length + endings.length) {
    throw new Error('The source passes boundaries whose names cannot be read from its text.');
  }
  const writes = every(/\bwrite\(\s*'([^']+)',/g);
  return [...plain, ...writes.flatMap((write) => endings.map((ending) => write + ending))];
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}
