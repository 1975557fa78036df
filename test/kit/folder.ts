/** A folder of its own for each test, gone when the test ends. */
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Makes a folder and returns a function that names files in it. */
export function folderFor(t: TestContext): (name: string) => string {
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** Makes a folder that the caller removes. */
export function newFolder(): string {
  return mkdtempSync(join(quickest(), 'cadenza-'));
}

/**
 * In memory where there is room: tests kill processes, which lose nothing that they wrote, and cut no
 * power, so to wait for a disk would prove nothing.
 */
function quickest(): string {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= roomBytes ? memory : tmpdir();
}

/** More than the tests that run side by side write; containers often give 64 MB. */
const roomBytes = 1_000_000_000;
