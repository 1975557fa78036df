/** The published shape tells right requests from wrong ones, so that a test that asks it can fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelRequest } from '../../src/testing/index.ts';
import { assertPublishedShape } from './openai-schema.ts';

const sent = (wire: 'chat' | 'responses', body: object) => ({ wire, body }) as ModelRequest;
const user = { role: 'user', content: 'Hello' };
const parameters = { type: 'object', properties: {} };
const chatTool = { type: 'function', function: { name: 'f', parameters } };
const flatTool = { type: 'function', name: 'f', parameters, strict: false };

test('requests of both wires have the published shape', () => {
  assertPublishedShape([
    sent('chat', { model: 'm', messages: [user], tools: [chatTool], stream: true }),
    sent('responses', { model: 'm', input: [user], tools: [flatTool], store: false }),
  ]);
});

const wrong = {
  'no message': sent('chat', { model: 'm', messages: [] }),
  'a role of nobody': sent('chat', { model: 'm', messages: [{ role: 'human', content: 'x' }] }),
  'a result without an id': sent('chat', {
    model: 'm',
    messages: [{ role: 'tool', content: 'x' }],
  }),
  'a tool of the other wire': sent('responses', { model: 'm', input: [user], tools: [chatTool] }),
  'a temperature of 3': sent('responses', { model: 'm', input: [user], temperature: 3 }),
};

for (const [what, request] of Object.entries(wrong)) {
  test(`${what} has not the published shape`, () => {
    assert.throws(() => assertPublishedShape([request]), /does not fit/);
  });
}
