/**
 * What holds for every odd stream, whole and cut off at every byte: a call ends in the turn, or in a
 * clean failure, and never in another turn.
 *
 * Every cut is played into the package's own `fetch` option; every 61st also comes from a real
 * server over a real connection.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openai } from '../../../src/index.ts';
import type { Delta } from '../../../src/models/model.ts';
import {
  eventStreamType,
  modelPlaying,
  type Outcome,
  outcomeOf,
  type Playing,
  playServer,
} from './replay.ts';
import { type OddStream, unused } from './stream.ts';

const endings = ['end', 'reset'] as const;

/** How far apart the cuts are that come over a real connection, in bytes. */
const stride = 61;

function playing({ type = eventStreamType }: OddStream, pieces: readonly Buffer[]): Playing {
  return { type, pieces, ending: 'end' };
}

/** The turn of an outcome, or the code of its error. */
function endOf(outcome: Outcome): OddStream['ends'] {
  if ('error' in outcome) return outcome.error.code;
  const { text, calls, finish, usage } = outcome.reply;
  return { text, calls, finish, usage };
}

function assertWhole(stream: OddStream, outcome: Outcome, deltas: readonly Delta[]): void {
  assert.deepEqual(endOf(outcome), stream.ends);
  if (!('reply' in outcome)) return;
  const written = deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join('');
  // Some streams tell the text only when it is whole.
  if (written !== '') assert.equal(written, outcome.reply.text ?? '');
}

/** Where the server says that the reply is over: a turn that was cut off before is none. */
function overAt({ api, bytes, type, capabilities }: OddStream): number {
  if (type === 'application/json') return bytes.length;
  if (capabilities?.endsWithoutReason) return bytes.indexOf('[DONE]');
  if (api === 'chat') return bytes.indexOf('"finish_reason":"');
  const closings = ['completed', 'incomplete'].map((one) => bytes.indexOf(`"response.${one}"`));
  return Math.max(...closings);
}

function assertCut(stream: OddStream, at: number, outcome: Outcome): void {
  const { ends } = stream;
  if ('error' in outcome) {
    const { code, details } = outcome.error;
    const isClean = details['retryable'] === true || (typeof ends === 'string' && code === ends);
    assert.ok(isClean, `${code} of a stream that was cut off after ${at} bytes`);
    return;
  }
  const found = endOf(outcome);
  assert.ok(typeof ends === 'object' && typeof found === 'object', `a turn after ${at} bytes`);
  // Usage comes last, and may be lost.
  const usage = found.usage.inputTokens === 0 ? unused : ends.usage;
  assert.deepEqual(found, { ...ends, usage }, `another turn after ${at} bytes`);
  assert.ok(at > overAt(stream), `a turn after ${at} bytes, before the server said it was over`);
}

/** Numbers below 1, the same in every run. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomPieces(bytes: Buffer, random: () => number): Buffer[] {
  const pieces: Buffer[] = [];
  const longest = 1 + Math.floor(random() * 40);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random() * longest);
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** Defines the tests of a wire's odd streams. */
export function testStreams(streams: readonly OddStream[]): void {
  test('the odd streams are at least thirty, each with a name of its own', () => {
    assert.ok(streams.length >= 30, `${streams.length}`);
    assert.equal(new Set(streams.map(({ name }) => name)).size, streams.length);
  });
  for (const stream of streams) testStream(stream);
}

function testStream(stream: OddStream): void {
  test(`${stream.name}, however it comes in pieces`, async () => {
    const random = numbersFrom(7);
    const { bytes } = stream;
    const inBytes = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    const ways = [
      [bytes],
      inBytes,
      ...Array.from({ length: 8 }, () => randomPieces(bytes, random)),
    ];
    for (const pieces of ways) {
      const deltas: Delta[] = [];
      const model = modelPlaying(stream, () => playing(stream, pieces));
      assertWhole(stream, await outcomeOf(model, (delta) => deltas.push(delta)), deltas);
    }
  });

  test(`${stream.name}, cut off at every byte`, async () => {
    let next = playing(stream, []);
    const model = modelPlaying(stream, () => next);
    for (let at = 0; at < stream.bytes.length; at += 1) {
      for (const ending of endings) {
        next = { ...playing(stream, [stream.bytes.subarray(0, at)]), ending };
        assertCut(stream, at, await outcomeOf(model));
      }
    }
  });

  test(`${stream.name}, over a real connection`, async (t) => {
    let next = playing(stream, [stream.bytes]);
    const baseURL = await playServer(t, () => next);
    const { api, capabilities } = stream;
    const breaker = { failures: Number.POSITIVE_INFINITY };
    const model = openai('m', { api, baseURL, breaker, ...(capabilities ? { capabilities } : {}) });
    assertWhole(stream, await outcomeOf(model), []);
    for (let at = 0; at < stream.bytes.length; at += stride) {
      for (const ending of endings) {
        next = { ...playing(stream, [stream.bytes.subarray(0, at)]), ending };
        assertCut(stream, at, await outcomeOf(model));
      }
    }
  });
}
