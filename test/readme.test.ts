/** The README says what the code does: its example runs, and its tables are the code's. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { problemKinds } from '../server/problems.ts';
import { folderFor } from './kit/folder.ts';
import { assertPart } from './kit/page.ts';

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

test('the README shows the example as it is, and what it prints', async (t) => {
  const example = readFileSync(path('examples/coffee.ts'), 'utf8');
  assertPart('README.md', 'example', `\`\`\`ts\n${example}\`\`\`\n`);
  const { OPENAI_API_KEY: _, OPENAI_BASE_URL: __, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [
      '--conditions=cadenza-source',
      '--import',
      path('examples/rehearsal.ts'),
      path('examples/coffee.ts'),
    ],
    { cwd: folderFor(t)(''), env, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  child.stdin.end('black\ntwice a day\n');
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  assert.equal(child.exitCode, 0);
  assertPart('README.md', 'output', `\`\`\`\n${printed}\`\`\`\n`);
});

test('the README lists every code of a problem', () => {
  const rows = Object.entries(problemKinds).map(
    ([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |\n`,
  );
  assertPart('README.md', 'errors', `| code | status | |\n|---|---|---|\n${rows.join('')}`);
});
