/**
 * The locks before a request, one behind the other, each seen to hold when those before it are lifted:
 * the chart's guard, the database's trigger, the transcript, the assertion. With all of them gone the
 * property of random turns hears the API's own refusal; so the property can fail, and each lock alone
 * is enough.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Runs Node on the source with faults planted, and returns what it said as it failed. */
async function failure({ signal }: TestContext, planted: readonly string[], ...args: string[]) {
  const child = spawn(
    process.execPath,
    ['--conditions=cadenza-source', '--import', './test/kit/planted.ts', ...args],
    {
      cwd: root,
      signal,
      // Without NODE_TEST_CONTEXT, by which node:test takes the child for a part of this test.
      env: { PATH: process.env['PATH'], PLANTED: planted.join(',') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = once(child, 'exit');
  const said = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  assert.equal(code, 1, `It did not fail: ${said.join('\n')}`);
  return said.join('\n');
}

const turns = `
  import { checkTurns } from './test/properties/random-turns.ts';
  await checkTurns({ numRuns: 100, seed: 7, endOnFailure: true });`;

/** Each lock, what is said when it holds, and by what it is lifted. */
const locks = [
  ['the trigger', /A step of this run failed inside/, 'no guard in the chart'],
  ['the transcript', /while call "\S+" has no result/, 'no trigger in the database'],
  ['the assertion', /rule: 'UNANSWERED_CALL'/, 'open calls in transcripts'],
  ['only the API', /must be followed by tool messages/, 'no assertion before a request'],
] as const;

for (const [index, [lock, says]] of locks.entries()) {
  const lifted = locks.slice(0, index + 1).map(([, , fault]) => fault);
  test(`with ${lifted.join(' and ')}, ${lock} stops the model call`, async (t) => {
    const said = await failure(t, lifted, '--input-type=module', '--eval', turns);
    assert.match(said, says);
  });
}

test('with no assertion before a request, requests are sent that the API refuses', async (t) => {
  const said = await failure(
    t,
    ['no assertion before a request'],
    '--test',
    '--test-reporter=tap',
    'test/models/locks.test.ts',
  );
  for (const wire of ['chat', 'responses']) {
    assert.match(
      said,
      new RegExp(`not ok \\d - ${wire}: what the server would refuse is not sent`),
    );
  }
});
