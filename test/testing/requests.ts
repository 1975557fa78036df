/**
 * What the tests of the model server send: whole conversations and their parts, by HTTP or through
 * OpenAI's own client.
 */

import type { TestContext } from 'node:test';
import OpenAI from 'openai';
import {
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
  type Wire,
} from '../../src/testing/index.ts';
import { assertPublishedShape } from '../kit/openai-schema.ts';

export const user = (content: unknown = 'Coffee') => ({ role: 'user', content });

export const functionCall = (id: string, name = 'look_up', args: unknown = '{}') => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

export const calling = (...ids: string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => functionCall(id)),
});

export const result = (id: string, content: unknown = 'found') => ({
  role: 'tool',
  tool_call_id: id,
  content,
});

export const tool = (name: string, parameters: object = { type: 'object', properties: {} }) => ({
  type: 'function',
  function: { name, parameters },
});

export const system = (name: string, role = 'system') => ({
  role,
  content: `You are "${name}".\nYou are helpful.`,
});

export const body = (messages: unknown, rest: object = {}) => ({
  model: 'gpt-4o-mini',
  messages,
  ...rest,
});

const PATHS: Readonly<Record<Wire, string>> = { chat: 'chat/completions', responses: 'responses' };

/** Sends a body as it is and leaves the answer unread. */
export function send(
  server: ModelServer,
  sent: unknown,
  wire: Wire = 'chat',
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${server.url}/${PATHS[wire]}`, {
    method: 'POST',
    headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
    body: typeof sent === 'string' ? sent : JSON.stringify(sent),
    ...(signal ? { signal } : {}),
  });
}

/** Sends a body as it is and reads the answer, whatever it is. */
export async function post(server: ModelServer, sent: unknown, wire: Wire = 'chat') {
  const response = await send(server, sent, wire);
  return { status: response.status, answer: JSON.parse(await response.text()) };
}

/** Starts a server that ends with the test. What it took has the published shape. */
export async function serverFor(t: TestContext, options: ModelServerOptions = {}) {
  const server = await startModelServer(options);
  t.after(async () => {
    await server.close();
    assertPublishedShape(server.requests);
  });
  return server;
}

export const client = (server: ModelServer) =>
  new OpenAI({ baseURL: server.url, apiKey: 'test', maxRetries: 0 });
