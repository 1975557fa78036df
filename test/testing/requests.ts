/**
 * What the tests of the model server send: whole conversations and their parts, by HTTP or through
 * OpenAI's own client.
 */

import OpenAI from 'openai';
import type { ModelServer } from '../../src/testing/index.ts';

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

/** Sends a body as it is and reads the answer, whatever it is. */
export async function post(server: ModelServer, sent: unknown) {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
    body: typeof sent === 'string' ? sent : JSON.stringify(sent),
  });
  return { status: response.status, answer: JSON.parse(await response.text()) };
}

export const client = (server: ModelServer) =>
  new OpenAI({ baseURL: server.url, apiKey: 'test', maxRetries: 0 });
