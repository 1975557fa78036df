/** Asks a driver for one reply of a strict server, on each wire, streaming and not. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { openai, RunError } from '../../src/index.ts';
import type { ModelRequest, ReplyOptions } from '../../src/models/model.ts';
import type { OpenAIOptions } from '../../src/models/options.ts';
import type { ModelServer, ModelServerOptions } from '../../src/testing/index.ts';
import { startStrictModel } from '../kit/strict-model.ts';

/** The ways to ask. */
export const ways = (['chat', 'responses'] as const).flatMap((api) =>
  [true, false].map((stream) => ({
    api,
    stream,
    name: `${api}, ${stream ? 'streaming' : 'in one piece'}`,
  })),
);

export type Way = (typeof ways)[number];

export const parameters = { type: 'object', properties: { word: { type: 'string' } } };

export const request: ModelRequest = {
  instructions: 'You are "Desk".',
  transcript: [{ role: 'user', text: 'What is tea?' }],
  tools: [{ name: 'look_up', description: 'Looks a word up.', parameters }],
};

/** A server that ends with the test. */
export async function strictServer(
  t: TestContext,
  options: ModelServerOptions,
): Promise<ModelServer> {
  const said = { respond: () => 'Tea is a drink.', ...options };
  const server = await startStrictModel(said, { mayRefuse: true });
  t.after(() => server.close());
  return server;
}

/** A driver and its server. */
export async function driverOf(
  t: TestContext,
  { api, stream }: Way,
  serverOptions: ModelServerOptions,
  options: OpenAIOptions = {},
) {
  const server = await strictServer(t, serverOptions);
  const breaker = { failures: Number.POSITIVE_INFINITY };
  const asked = { api, stream, baseURL: server.url, apiKey: 'test', breaker, ...options };
  const model = openai('gpt-5', asked);
  const ask = (asked: ModelRequest = request, more: Partial<ReplyOptions> = {}) =>
    model.reply(asked, { signal: new AbortController().signal, ...more });
  return { server, model, ask };
}

/** The error that a call ends in. */
export async function failureOf(call: Promise<unknown>): Promise<RunError> {
  const error = await call.then(
    () => assert.fail('There was a reply.'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RunError, String(error));
  return error;
}

/** What a failure means: its code, and whether to ask again. */
export async function meaningOf(call: Promise<unknown>): Promise<[string, unknown]> {
  const { code, details } = await failureOf(call);
  return [code, details['retryable'] ?? false];
}
