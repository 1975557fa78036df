/** The README's requests are sent as they stand there, by curl, to the server that `npm start` starts. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startApp } from './kit/app.ts';
import { folderFor } from './kit/folder.ts';

const run = promisify(execFile);
const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8');

/** Each request with the answer that is printed after it. */
const examples = [...readme.matchAll(/```sh\n(curl [^`]*)```\n\n```jsonc\n([^`]*)```/g)].map(
  ([, command = '', answer = '']) => ({ command, answer }),
);

/** The texts of a printed answer, without those that it shortens, and without ids. */
function textsIn(answer: string): string[] {
  return [...answer.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(([, text = '']) => text)
    .filter((text) => !text.includes('…') && !/^(run|ses|q)_/.test(text));
}

async function hasCurl(): Promise<boolean> {
  return run('curl', ['--version']).then(
    () => true,
    () => false,
  );
}

test('curl gets what the README shows, over a SIGKILL', async (t) => {
  if (!(await hasCurl())) return t.skip('there is no curl on this machine');
  assert.equal(examples.length, 2);
  const db = folderFor(t)('runs.db');
  let runId: string | undefined;
  for (const { command, answer } of examples) {
    const app = await startApp({ db, model: '', env: { OPENAI_API_KEY: '' } });
    t.after(() => app.kill());
    const meant = command
      .replaceAll('localhost:3000', new URL(app.url).host)
      .replaceAll(/run_[0-9a-f]{24}/g, runId ?? '');
    const { stdout } = await run('sh', ['-c', meant]);
    for (const text of textsIn(answer)) assert.ok(stdout.includes(`"${text}"`), text);
    runId = JSON.parse(stdout).run_id;
    await app.kill();
  }
});
