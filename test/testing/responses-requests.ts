/** What the tests of the Responses wire send: inputs and their items. */

import type OpenAI from 'openai';
import type { ModelServer } from '../../src/testing/index.ts';
import { client, post } from './requests.ts';

export const item = {
  user: (content: unknown = 'Coffee') => ({ role: 'user', content }),
  call: (call_id: string, rest: object = {}) => ({
    type: 'function_call',
    call_id,
    name: 'look_up',
    arguments: '{}',
    ...rest,
  }),
  output: (call_id: string, output: unknown = 'found', rest: object = {}) => ({
    type: 'function_call_output',
    call_id,
    output,
    ...rest,
  }),
  reasoning: (id: string, rest: object = {}) => ({ type: 'reasoning', id, summary: [], ...rest }),
};

/** A tool in the flat form of this wire. */
export const flatTool = (name: string, rest: object = {}) => ({
  type: 'function',
  name,
  parameters: { type: 'object', properties: {} },
  strict: false,
  ...rest,
});

export const responsesBody = (input: unknown, rest: object = {}) => ({
  model: 'gpt-5',
  input,
  store: false,
  ...rest,
});

export const postResponses = (server: ModelServer, sent: unknown) =>
  post(server, sent, 'responses');

export type Input = OpenAI.Responses.ResponseInput;

export const create = (server: ModelServer, input: Input, rest: object = {}) =>
  client(server).responses.create({ model: 'gpt-5', input, store: false, ...rest });

export const coffee: Input = [{ role: 'user', content: 'Coffee' }];

export const outputsFor = (output: OpenAI.Responses.ResponseOutputItem[]): Input =>
  output.flatMap((made) =>
    made.type === 'function_call'
      ? [{ type: 'function_call_output' as const, call_id: made.call_id, output: 'found' }]
      : [],
  );
