/** Requests against OpenAI's own description of its API: `test/fixtures/openai-wire.schema.json`. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ModelRequest } from '../../src/testing/index.ts';

const file = new URL('../fixtures/openai-wire.schema.json', import.meta.url);

/** What describes the body of a request, by its wire. */
const names = { chat: 'CreateChatCompletionRequest', responses: 'CreateResponse' } as const;

let schemas: Ajv2020 | undefined;

/** Asserts that requests that a model server was sent have the shape that OpenAI publishes. */
export function assertPublishedShape(
  requests: readonly Pick<ModelRequest, 'wire' | 'body'>[],
): void {
  for (const { wire, body } of requests) {
    const validate = validatorOf(wire);
    const fits = validate(body);
    const first = validate.errors?.[0];
    assert.ok(fits, `A request of ${wire} does not fit: ${first?.instancePath} ${first?.message}`);
  }
}

/** Compiled once, and only the wire that is asked for. */
function validatorOf(wire: ModelRequest['wire']): ValidateFunction {
  schemas ??= readSchemas();
  const validate = schemas.getSchema(`openai#/components/schemas/${names[wire]}`);
  if (!validate) throw new Error(`There is no schema "${names[wire]}".`);
  return validate;
}

function readSchemas(): Ajv2020 {
  const schema = withoutBareNullable(JSON.parse(readFileSync(file, 'utf8')));
  // Every test file compiles it for a few requests: neither to check the schema nor to make the
  // compiled code faster pays.
  const quick = { validateSchema: false, code: { optimize: false } } as const;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, ...quick });
  return ajv.addSchema(schema as object, 'openai');
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
