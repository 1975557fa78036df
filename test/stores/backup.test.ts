/** A backup that did not come to its end is in nobody's way. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { sqliteBackup, sqliteStore } from '../../src/index.ts';
import { folderFor } from '../kit/folder.ts';

test('a backup that is given up leaves nothing, and what a killed one left stops no other', async (t) => {
  const file = folderFor(t);
  await sqliteStore(file('runs.db')).close();
  const partials = () => readdirSync(file('')).filter((name) => name.includes('copy'));
  const leaving = new AbortController();
  let partial = '';
  const givenUp = sqliteBackup(file('runs.db'), file('copy.db'), {
    signal: leaving.signal,
    onProgress: () => {
      [partial = ''] = partials();
      cpSync(file(partial), file('left'), { recursive: true });
      leaving.abort(new Error('The person left.'));
    },
  });
  await assert.rejects(givenUp, /^Error: The person left\.$/);
  assert.notEqual(partial, '');
  assert.deepEqual(partials(), []);
  cpSync(file('left'), file(partial), { recursive: true });
  await sqliteBackup(file('runs.db'), file('copy.db'));
  assert.deepEqual(partials(), ['copy.db', partial].sort());
});
