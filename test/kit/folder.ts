/** A folder of its own for each test, gone when the test ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Makes a folder and returns a function that names files in it. */
export function folderFor(t: TestContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'cadenza-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}
