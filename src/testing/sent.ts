/**
 * What tests say about the requests that a model server was sent.
 */

import assert from 'node:assert/strict';
import { textOf } from './chat-request.ts';
import type { ModelServer } from './model-server.ts';
import type { ModelRequest } from './turn.ts';

/**
 * Asserts that the model server has refused nothing and had a turn for every request.
 *
 * @throws AssertionError with what was refused, and why
 *
 * @example
 * const server = await startModelServer({
 *   agents: { Desk: [[call('look_up', { word: 'tea' }, 'c1')], 'Tea is a drink.'] },
 * });
 * // … run the team against server.url …
 * assertNoRefusals(server);
 * assert.deepEqual(linesOf(server.requestsOf('Desk').at(-1)), [
 *   'user: What is tea?',
 *   'assistant: look_up[c1] {"word":"tea"}',
 *   'tool[c1]: a drink',
 * ]);
 */
export function assertNoRefusals(server: ModelServer): void {
  const refused = server.refusals.map(({ status, message }) => `${status}: ${message}`);
  assert.deepEqual(refused, [], 'The model server refused what it was sent.');
}

/**
 * The conversation of a request as lines, the same on both wires. Instructions are left out, and a
 * request that was never made has no lines.
 */
export function linesOf(request: ModelRequest | undefined): string[] {
  const conversation = (request?.messages ?? []).filter(
    ({ role }) => role !== 'system' && role !== 'developer',
  );
  return conversation.map((message) => {
    const text = textOf(message);
    if (message.role === 'tool') return `tool[${message.tool_call_id}]: ${text}`;
    if (message.role !== 'assistant') return `${message.role}: ${text}`;
    const calls = (message.tool_calls ?? []).map((made) =>
      made.type === 'function'
        ? `${made.function.name}[${made.id}] ${made.function.arguments}`
        : `${made.custom.name}[${made.id}] ${made.custom.input}`,
    );
    return `assistant: ${[...(text === '' ? [] : [text]), ...calls].join(' | ')}`;
  });
}
