/** Fields and answers: what fits, what does not, and the JSON Schema that says the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Field, FieldType } from '../../machines/vocabulary.ts';
import { answerHash, answerJsonSchema, readAnswer } from '../../src/questions/fields.ts';
import type { Question } from '../../src/questions/question.ts';
import { fromShortForm } from '../../src/questions/short-form.ts';
import type { RunRow } from '../../src/stores/rows.ts';

const choices = ['a', 'b', 'c'];

function field(name: string, type: FieldType, required = true): Field {
  const list = type.startsWith('choice') ? { choices } : {};
  return { name, type, label: `${name}?`, required, ...list };
}

const values: Record<FieldType, fc.Arbitrary<unknown>> = {
  string: fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  integer: fc.integer(),
  number: fc.double({ noNaN: true, noDefaultInfinity: true }),
  boolean: fc.boolean(),
  date: fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  choice: fc.constantFrom(...choices),
  choices: fc.uniqueArray(fc.constantFrom(...choices), { minLength: 1 }),
  object: fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
};

const types = Object.keys(values) as FieldType[];

const form = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z_]{1,8}$/), fc.constantFrom(...types)), {
    selector: ([name]) => name,
    minLength: 1,
    maxLength: 6,
  })
  .map((pairs) => pairs.map(([name, type]) => field(name, type)));

const filledIn = form.chain((fields) =>
  fc.tuple(
    fc.constant(fields),
    fc
      .tuple(...fields.map(({ type }) => values[type]))
      .map((all) =>
        Object.fromEntries(all.map((value, index) => [fields[index]?.name ?? '', value])),
      ),
  ),
);

test('every answer that fits its fields is taken, as it was given', () => {
  fc.assert(
    fc.property(filledIn, ([fields, given]) => {
      const read = readAnswer(fields, given);
      assert.ok('answer' in read, JSON.stringify(read));
      assert.deepEqual({ ...read.answer }, given);
    }),
  );
});

test('one answer has one hash, in whatever order its values come', () => {
  fc.assert(
    fc.property(filledIn, ([fields, given]) => {
      const turned = Object.fromEntries(Object.entries(given).reverse());
      const hashes = [given, turned].map((values) => {
        const read = readAnswer(fields, values);
        return 'answer' in read ? answerHash(read.answer) : '';
      });
      assert.equal(hashes[0], hashes[1]);
    }),
  );
});

test('a value that is missing or of no field is refused by name, never a crash', () => {
  fc.assert(
    fc.property(filledIn, fc.jsonValue(), ([fields, given], odd) => {
      const name = fields[0]?.name ?? '';
      const { [name]: _, ...rest } = given;
      const read = readAnswer(fields, { ...rest, 'no such': odd });
      assert.ok('errors' in read);
      const pointers = read.errors.map(({ pointer }) => pointer);
      assert.deepEqual(pointers.sort(), [`/${name}`, '/no such'].sort());
      assert.ok('errors' in readAnswer(fields, odd) || typeof odd === 'object');
    }),
  );
});

const wrong: readonly [FieldType, unknown, string][] = [
  ['string', '', 'must not be empty'],
  ['string', 7, 'must be text'],
  ['string', 'x\ud800', 'must be well-formed text'],
  ['string', 'x\0', 'must be well-formed text'],
  ['string', 'x'.repeat(10_001), 'must be at most 10000 characters'],
  ['string', null, 'must be text'],
  ['integer', 1.5, 'must be a whole number'],
  ['integer', 2 ** 53, 'must be at most 9007199254740991 either way'],
  ['number', Number.POSITIVE_INFINITY, 'must be a number'],
  ['boolean', 'true', 'must be true or false'],
  ['date', '2026-02-30', 'must be a date like 2026-12-31'],
  ['choice', 'd', 'must be one of "a", "b", "c"'],
  ['choices', [], 'must have at least one choice'],
  ['choices', ['a', 'a'], 'must not repeat a choice'],
];

test('a value of the wrong kind is refused with a sentence', () => {
  for (const [type, value, message] of wrong) {
    const read = readAnswer([field('f', type)], { f: value });
    assert.deepEqual('errors' in read && read.errors, [{ pointer: '/f', message }]);
  }
});

test('a field named like a part of every object is a field like any other', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    const fields = [field(name, 'string')];
    assert.ok('errors' in readAnswer(fields, {}));
    assert.ok('answer' in readAnswer(fields, { [name]: 'x' }));
  }
  const polluted = readAnswer([field('f', 'string')], JSON.parse('{"f":"x","__proto__":{"y":1}}'));
  assert.ok('errors' in polluted);
});

test('the JSON Schema of a question names types, limits and choices', () => {
  const fields = [field('city', 'string'), field('extras', 'choices', false)];
  const { $schema: _, ...schema } = answerJsonSchema(fields);
  assert.deepEqual(schema, {
    type: 'object',
    properties: {
      city: { type: 'string', title: 'city?', minLength: 1, maxLength: 10_000 },
      extras: {
        type: 'array',
        title: 'extras?',
        items: { type: 'string', enum: choices },
        minItems: 0,
        uniqueItems: true,
      },
    },
    required: ['city'],
    additionalProperties: false,
  });
});

test('a value that nests too deeply is refused, and no stack overflows', () => {
  const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  const read = readAnswer([field('f', 'object')], { f: deep });
  assert.deepEqual('errors' in read && read.errors, [
    { pointer: '', message: 'must nest at most 64 levels deep' },
  ]);
});

test('what does not fit an answer in the short form is found by its pointer', () => {
  const names = ['a', 'a/b', 'c'];
  const fields = names.map((name) => field(name, 'string'));
  const question = { id: 'q_1', status: 'open', fields, answer: undefined } as unknown as Question;
  const answers = ['a', 'a/b'].map((fieldName) => ({ fieldName, value: 1 }));
  const [given] = fromShortForm({ status: 'input_required' } as RunRow, [question], answers);
  const located = (pointer: string) => given?.locate({ pointer, message: 'must be text' });
  assert.deepEqual(located('/a'), { pointer: '/0/value', message: 'must be text' });
  assert.deepEqual(located('/a/deeper'), { pointer: '/0/value', message: 'must be text' });
  assert.deepEqual(located('/a~1b'), { pointer: '/1/value', message: 'must be text' });
  assert.deepEqual(located('/c'), { pointer: '', message: 'has no value for "c"' });
  assert.deepEqual(located(''), { pointer: '', message: 'must be text' }, 'of the whole form');
});
