/** When arguments can be changed field by field, and when only their JSON says all that they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDraft } from '../../server/web/answer/draft.ts';
import { draftOfJson, fieldsOfSchema, pretty } from '../../server/web/answer/schema-fields.ts';

const schema = {
  type: 'object',
  properties: {
    to: { type: 'string', description: 'To whom' },
    amount: { type: 'integer', minimum: 1 },
    kind: { type: 'string', enum: ['gift', 'debt'] },
    on: { type: 'string', format: 'date' },
    quick: { type: 'boolean' },
  },
  required: ['to', 'amount'],
};

test('a flat schema is a form, with its limits and choices', () => {
  assert.deepEqual(fieldsOfSchema(schema), [
    { type: 'string', name: 'to', label: 'To whom', required: true },
    { type: 'integer', name: 'amount', label: 'amount', required: true, min: 1 },
    { type: 'choice', name: 'kind', label: 'kind', required: false, choices: ['gift', 'debt'] },
    { type: 'date', name: 'on', label: 'on', required: false },
    { type: 'boolean', name: 'quick', label: 'quick', required: false },
  ]);
});

const notFlat = {
  'a list': { type: 'object', properties: { a: { type: 'array' } } },
  'an object inside': { type: 'object', properties: { a: { type: 'object' } } },
  'any key': { type: 'object', properties: {}, additionalProperties: { type: 'string' } },
  'either of two': { anyOf: [{ type: 'string' }, { type: 'null' }] },
  'nothing to fill in': { type: 'object', properties: {} },
};

for (const [what, one] of Object.entries(notFlat)) {
  test(`a schema with ${what} is no form`, () => assert.equal(fieldsOfSchema(one), undefined));
}

test('arguments become a form and come back the same', () => {
  const args = { to: 'Ann "A"  B', amount: 12, quick: false };
  const draft = draftOfJson(JSON.stringify(args, null, 1), schema);
  assert.deepEqual(draft, { to: 'Ann "A"  B', amount: '12', quick: false });
  const [field] = [{ type: 'object', name: 'x', label: 'x', required: true, schema } as const];
  assert.deepEqual(readDraft([field], { x: draft }).values, { x: args });
});

const onlyJson = {
  'a number that is too long': '{"to":"a","amount":12345678901234567890}',
  'a key twice': '{"to":"a","to":"b","amount":1}',
  'a key that the schema does not have': '{"to":"a","amount":1,"more":2}',
  'a null': '{"to":null,"amount":1}',
};

for (const [what, json] of Object.entries(onlyJson)) {
  test(`arguments with ${what} are changed as JSON`, () => {
    assert.equal(typeof draftOfJson(json, schema), 'string');
  });
}

test('JSON is laid out only where nothing is lost by it', () => {
  assert.equal(pretty('{"a": "b  c"}'), '{\n  "a": "b  c"\n}');
  for (const json of ['{"a":1.0}', '{"a":1,"a":2}', '{"a":"\\u0041"}', 'no JSON']) {
    assert.equal(pretty(json), json);
  }
});

test('text that is no JSON is said to be none, and nothing is sent of it', () => {
  const field = { type: 'object', name: 'a', label: 'a', required: true, schema: {} } as const;
  const { values, misfits } = readDraft([field], { a: '{' });
  assert.deepEqual([values, [...misfits]], [{}, [['/a', 'is not JSON']]]);
});
