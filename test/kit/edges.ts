/** Values at the edges of a schema: what just fits it and what just does not, each with one thing changed. */
import { contract } from './contract.ts';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

/** A value of every kind that JSON has. */
const kinds: readonly unknown[] = [null, true, 0, -1, 1.5, '', 'text', [], {}, [1], { a: 1 }];

/** Values at the edges of a schema; the first of them fit it. */
export function* edges(given: Schema): Generator<unknown> {
  const schema = resolved(given);
  yield* fitting(schema);
  yield* kinds;
  yield* schema.enum ?? [];
  yield* texts(schema);
  yield* [schema.minimum, schema.maximum].flatMap((at) =>
    at === undefined ? [] : [at - 1, at, at + 1],
  );
  yield* lists(schema);
  for (const base of fitting(schema)) yield* changed(schema, base);
}

function* texts({ minLength, maxLength, pattern }: Schema): Generator<string> {
  const lengths = [minLength, maxLength].flatMap((at) => {
    return at === undefined ? [] : [at - 1, at, at + 1];
  });
  for (const length of lengths) if (length >= 0) yield 'x'.repeat(length);
  if (pattern !== undefined) yield* ['1', '0'.repeat(15), '0'.repeat(16), 'a/b', 'a\n', ' 1'];
}

function* lists({ items, maxItems }: Schema): Generator<unknown[]> {
  if (!items) return;
  for (const one of edges(items)) yield [one];
  if (maxItems === undefined) return;
  const [small] = fitting(resolved(items), true);
  for (const length of [maxItems, maxItems + 1]) yield Array(length).fill(small);
}

/** An object with each of its values at an edge, or left out, and with one more. */
function* changed(schema: Schema, base: unknown): Generator<unknown> {
  if (typeof base !== 'object' || base === null || Array.isArray(base)) return;
  const { properties = {}, additionalProperties: more } = schema;
  for (const [name, one] of Object.entries(properties)) {
    const { [name]: _, ...rest } = base as Record<string, unknown>;
    yield rest;
    for (const value of edges(one)) yield { ...rest, [name]: value };
  }
  if (more) for (const value of edges(more)) yield { ...base, more: value };
  else yield { ...base, more: 1 };
}

/** Values that fit: with all that may be in them, one for each of several ways; or with no more than must. */
function fitting(given: Schema, isSmall = false): unknown[] {
  const schema = resolved(given);
  if (schema.enum) return schema.enum.slice(0, 1);
  const [type] = [schema.type ?? 'string'].flat();
  if (type === 'object') return fittingObjects(schema, isSmall);
  if (type === 'array') return [schema.items && !isSmall ? fitting(schema.items).slice(0, 1) : []];
  if (type === 'boolean') return [true];
  if (type === 'integer' || type === 'number') return [schema.minimum ?? 1];
  return ['1'.repeat(Math.max(1, schema.minLength ?? 1))];
}

function fittingObjects(schema: Schema, isSmall: boolean): object[] {
  const { properties = {}, required = [], oneOf = [{}] } = schema;
  const either = new Set(oneOf.flatMap((one) => one.required ?? []));
  return oneOf.map((way) => {
    const names = Object.keys(properties).filter((name) => {
      if (required.includes(name) || way.required?.includes(name)) return true;
      return !isSmall && !either.has(name);
    });
    return Object.fromEntries(
      names.map((name) => [name, fitting(properties[name] ?? {}, isSmall)[0]]),
    );
  });
}

export function resolved(schema: Schema): Schema {
  if (!schema.$ref) return schema;
  return contract.components.schemas[schema.$ref.split('/').at(-1) ?? ''] as Schema;
}
