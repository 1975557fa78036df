/** Requests against OpenAI's own description of its API: `test/fixtures/openai-wire.schema.json`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ModelRequest } from '../../src/testing/index.ts';

const file = new URL('../fixtures/openai-wire.schema.json', import.meta.url);

/** What describes the body of a request, by its wire. */
const names = { chat: 'CreateChatCompletionRequest', responses: 'CreateResponse' } as const;

let validators: Readonly<Record<ModelRequest['wire'], ValidateFunction>> | undefined;

/** Asserts that requests that a model server was sent have the shape that OpenAI publishes. */
export function assertPublishedShape(
  requests: readonly Pick<ModelRequest, 'wire' | 'body'>[],
): void {
  // Compiled once, and only where it is asked for: it takes most of a second.
  validators ??= compiled();
  for (const { wire, body } of requests) {
    const validate = validators[wire];
    const fits = validate(body);
    const first = validate.errors?.[0];
    assert.ok(fits, `A request of ${wire} does not fit: ${first?.instancePath} ${first?.message}`);
  }
}

function compiled() {
  const schema = withoutBareNullable(JSON.parse(readFileSync(file, 'utf8')));
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(schema as object, 'openai');
  const of = (name: string) => {
    const validate = ajv.getSchema(`openai#/components/schemas/${name}`);
    if (!validate) throw new Error(`There is no schema "${name}".`);
    return validate;
  };
  return { chat: of(names.chat), responses: of(names.responses) };
}

/** `nullable` means something beside a `type` only. */
function withoutBareNullable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutBareNullable);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema)
    .filter(([key]) => key !== 'nullable' || 'type' in schema)
    .map(([key, value]) => [key, withoutBareNullable(value)]);
  return Object.fromEntries(entries);
}
