/** How long a server asks to wait: believed where it makes sense, and never for long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../src/testing/index.ts';
import { driverOf, failureOf, ways } from './ask.ts';

type Waits = readonly [string, { retryAfter?: string; retryAfterMs?: string }, number | undefined];

const cases: readonly Waits[] = [
  ['nothing', {}, undefined],
  ['two seconds', { retryAfter: '2' }, 2_000],
  ['half a second', { retryAfter: ' 0.5 ' }, 500],
  ['milliseconds', { retryAfterMs: '1500' }, 1_500],
  ['milliseconds before seconds', { retryAfterMs: '1500', retryAfter: '9' }, 1_500],
  ['seconds where the milliseconds are none', { retryAfterMs: 'x', retryAfter: '3' }, 3_000],
  ['a day', { retryAfter: '86400' }, 60_000],
  ['a day in milliseconds', { retryAfterMs: '86400000' }, 60_000],
  ['a number without end', { retryAfter: '1e300' }, 60_000],
  ['infinity', { retryAfter: 'Infinity' }, undefined],
  ['no time', { retryAfter: '0' }, undefined],
  ['time that is past', { retryAfter: '-5' }, undefined],
  ['a word', { retryAfter: 'soon' }, undefined],
  ['an empty header', { retryAfter: '', retryAfterMs: '' }, undefined],
  ['a date that is past', { retryAfter: 'Wed, 21 Oct 2015 07:28:00 GMT' }, undefined],
  ['a date far ahead', { retryAfter: 'Fri, 31 Dec 9999 23:59:59 GMT' }, 60_000],
];

for (const way of ways) {
  test(`${way.name}: the time to wait is taken from what the server says`, async (t) => {
    let fault: Fault = 'rate_limit';
    const { ask } = await driverOf(t, way, { fault: () => fault });
    for (const [what, headers, wait] of cases) {
      fault = { name: 'rate_limit', ...headers };
      const { code, details } = await failureOf(ask());
      assert.equal(code, 'model_unavailable', what);
      assert.deepEqual([details['retryable'], details['retryAfterMs']], [true, wait], what);
    }
  });
}

test('the time to wait is taken from a date', async (t) => {
  const [way] = ways;
  assert.ok(way);
  const retryAfter = new Date(Date.now() + 20_000).toUTCString();
  const { ask } = await driverOf(t, way, { fault: { name: 'rate_limit', retryAfter } });
  const wait = Number((await failureOf(ask())).details['retryAfterMs']);
  assert.ok(wait > 10_000 && wait <= 20_000, `${wait}`);
});

test('a server that is overloaded may say how long, too', async (t) => {
  const [way] = ways;
  assert.ok(way);
  const headers = { 'retry-after': '7' };
  const { ask } = await driverOf(t, way, { fault: { name: 'status', status: 503, headers } });
  assert.equal((await failureOf(ask())).details['retryAfterMs'], 7_000);
});
