/** A million hostile requests: each is refused well or taken, and none that is refused leaves a trace. */
import { test } from 'node:test';
import { badSockets } from './fuzz/bad-sockets.ts';
import { fuzz } from './fuzz/fuzz.ts';

const parts = 50;
const requests = 19_600;

for (let part = 0; part < parts; part += 1) {
  const seed = 1_000_000 + part * requests;
  test(`no request from ${seed} on fails the server`, async (t) => {
    await fuzz(t, { requests, seed });
  });
}

test('20,000 times what is no HTTP, or half of it, fails no server', (t) => badSockets(t, 20_000));
