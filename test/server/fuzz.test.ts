/** Whatever is asked, the server refuses it well or takes it; `npm run proofs` asks a million times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered } from '../kit/contract.ts';
import { badSockets } from '../proofs/fuzz/bad-sockets.ts';
import { fuzz } from '../proofs/fuzz/fuzz.ts';

const parts = 4;
const requests = 4_800;

const sockets = 800;

for (let part = 0; part < parts; part += 1) {
  const seed = part * requests;
  test(`no request from ${seed} on fails the server, and none that is refused leaves a trace`, async (t) => {
    await fuzz(t, { requests, seed });
  });
}

test('what is no HTTP, or only half of it, fails no server and starts no run', (t) =>
  badSockets(t, sockets));

test('the requests went deep enough to be taken, and to be refused for what they say', () => {
  const deep = [
    'chat 200',
    'chat 202',
    'chat run_paused',
    'chat idempotency_key_reused',
    'resume 200',
    'resume answer_invalid',
    'resume answer_conflict',
    'answerByToken 200',
    'answerByToken answer_invalid',
    'assignQuestion 200',
    'cancelRun 200',
    'followRun 200',
  ];
  assert.deepEqual(
    deep.filter((one) => !answered.has(one)),
    [],
  );
});
