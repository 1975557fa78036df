/**
 * Pages whose parts are made from the code: between `<!-- name -->` and `<!-- end: name -->` stands
 * what the code says now. `UPDATE_PAGES=1 npm run test:run` writes them anew.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

/** Asserts that a part of a page, a path from the repository's root, is what the code says. */
export function assertPart(page: string, name: string, made: string): void {
  const file = new URL(`../../${page}`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end: ${name} -->`];
  const [before, rest] = text.split(begin);
  const [shown, after] = rest?.split(end) ?? [];
  assert.ok(rest !== undefined && after !== undefined, `${page} has no part "${name}".`);
  if (shown === made) return;
  if (process.env['UPDATE_PAGES']) writeFileSync(file, `${before}${begin}${made}${end}${after}`);
  assert.equal(shown, made, `${page} is out of date: run UPDATE_PAGES=1 npm run test:run.`);
}
