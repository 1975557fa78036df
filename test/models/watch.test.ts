/** How long a call may be silent where nothing else is said. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { RunError } from '../../src/index.ts';
import { Watch } from '../../src/models/watch.ts';

/** Why a call is given up that hears so many pieces, and then nothing. */
function silenceOf(t: TestContext, streams: boolean, pieces: number): string {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const watch = new Watch('gpt-5', new AbortController().signal, {}, streams);
  for (let piece = 0; piece < pieces; piece += 1) watch.heard();
  t.mock.timers.tick(300_000);
  try {
    watch.check();
  } catch (error) {
    return error instanceof RunError ? error.message : String(error);
  } finally {
    watch.end();
  }
  return assert.fail('The call was not given up.');
}

test('a stream has a minute to begin', (t) => {
  assert.match(silenceOf(t, true, 0), /did not begin to answer within 60000 ms/);
});

test('a reply in one piece has as long to begin as the call as a whole', (t) => {
  assert.match(silenceOf(t, false, 0), /within 300000 ms/);
});

test('a model that reasons may be silent for two minutes', (t) => {
  assert.match(silenceOf(t, true, 2), /said nothing more for 120000 ms/);
});
