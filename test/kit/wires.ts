/**
 * Every scenario on both wires, streamed and in one piece: `test` of this file is that of node:test,
 * four times.
 *
 * On the first wire a fresh client is what its name says. On the others it is served here, in the
 * process of the test, because starting processes takes most of a scenario's time, and what a process
 * knows of its wire ends with each request. `CADENZA_FRESH=all` starts a process for each request on
 * every wire, as `npm run proofs` does.
 */
import assert from 'node:assert/strict';
import { test as register, type TestContext } from 'node:test';
import type { ModelRequest } from '../../src/testing/index.ts';

interface Wire {
  readonly api: 'chat' | 'responses';
  readonly stream: boolean;
}

const wires: readonly Wire[] = [
  { api: 'chat', stream: true },
  { api: 'chat', stream: false },
  { api: 'responses', stream: true },
  { api: 'responses', stream: false },
];

let current: Wire | undefined;

/** Whether each request of a fresh client is answered by a process of its own. */
export function startsAfresh(): boolean {
  return current === undefined || current === wires[0] || process.env['CADENZA_FRESH'] === 'all';
}

/** Asserts that requests came on the wire that the test is about, in any other test nothing. */
export function assertOwnWire(requests: readonly ModelRequest[]): void {
  for (const { wire, body } of requests) {
    if (current) assert.deepEqual({ api: wire, stream: body.stream === true }, current);
  }
}

/**
 * Registers a test for each wire. The environment says which it is, to this process and to those that
 * the test starts.
 */
export function test(name: string, run: (t: TestContext) => void | Promise<void>): void {
  for (const wire of wires) {
    const { api, stream } = wire;
    void register(`${name} (${api}, ${stream ? 'streamed' : 'in one piece'})`, (t) => {
      current = wire;
      process.env['CADENZA_OPENAI_API'] = api;
      process.env['CADENZA_OPENAI_STREAM'] = `${stream}`;
      return run(t);
    });
  }
}
