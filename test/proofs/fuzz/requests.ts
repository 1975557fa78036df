/** Makes requests for every route of the contract: valid ones, with something in them spoiled. */
import { contract, type RouteOf, routes } from '../../kit/contract.ts';
import type { Dice } from './dice.ts';
import { anyValue, bytesOf, hostileText, spoiled, written } from './values.ts';

/** What there is to be found: names of parameters and of keys, with values that mean something. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

export interface FuzzRequest {
  readonly route: RouteOf;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Routes that read more are asked more often, and most of all the one that takes answers. */
const weighted = routes.flatMap((route) => {
  const { requestBody, parameters = [] } = route.operation;
  const weight = requestBody ? 20 : parameters.length > 0 ? 8 : 1;
  return Array<RouteOf>(route.path === '/resume' ? 60 : weight).fill(route);
});

export function fuzzRequest(dice: Dice, known: Known): FuzzRequest {
  const route = dice.pick(weighted);
  const method = dice.oneIn(50)
    ? dice.pick(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])
    : route.method;
  const path = pathOf(dice, route, known) + queryOf(dice, route, known);
  const { requestBody } = route.operation;
  const hasBody = method !== 'GET' && (requestBody !== undefined || dice.oneIn(20));
  const base = { route, method, path, headers: headersOf(dice, known) };
  return hasBody ? { ...base, body: bodyOf(dice, requestBody, known) } : base;
}

function bodyOf(dice: Dice, requestBody: RouteOf['operation']['requestBody'], known: Known) {
  const schema = requestBody?.content['application/json']?.schema;
  const valid = schema ? fitting(dice, schema, '', known) : {};
  const kind = dice.below(10);
  const value = kind === 0 ? anyValue(dice) : kind === 1 ? valid : spoiled(dice, valid);
  return bytesOf(dice, written(dice.oneIn(4) ? spoiled(dice, value) : value));
}

/** A value that fits a schema, made of what there is to be found. */
function fitting(dice: Dice, given: Schema, name: string, known: Known): unknown {
  const values = known[name];
  if (values && values.length > 0 && !dice.oneIn(6)) return dice.pick(values);
  const schema = resolved(given);
  if (schema.enum) return dice.pick(schema.enum);
  if (schema.anyOf) return fitting(dice, dice.pick(schema.anyOf), name, known);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object') return fittingObject(dice, schema, known);
  if (type === 'array') {
    const one = schema.items ?? {};
    return Array.from({ length: dice.below(3) }, () => fitting(dice, one, '', known));
  }
  if (type === 'string') return dice.oneIn(2) ? 'text' : hostileText(dice);
  if (type === 'boolean') return dice.oneIn(2);
  if (type === 'integer' || type === 'number') return dice.below(100);
  return anyValue(dice, 2);
}

function fittingObject(dice: Dice, schema: Schema, known: Known): unknown {
  const required = new Set(schema.required);
  const named = Object.entries(schema.properties ?? {})
    .filter(([key]) => required.has(key) || dice.oneIn(2))
    .map(([key, one]) => [key, fitting(dice, one, key, known)]);
  const more = schema.additionalProperties;
  if (more && dice.oneIn(2)) {
    const key = dice.pick(['a', ...(known['question_id'] ?? []), ...(known['field_name'] ?? [])]);
    named.push([String(key), fitting(dice, more, '', known)]);
  }
  return Object.fromEntries(named);
}

function resolved(schema: Schema): Schema {
  if (!schema.$ref) return schema;
  const name = schema.$ref.split('/').at(-1) ?? '';
  return contract.components.schemas[name] as Schema;
}

function pathOf(dice: Dice, { path }: RouteOf, known: Known): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name) => {
    const ids = known[name] ?? [];
    if (ids.length > 0 && dice.oneIn(2)) return encodeURIComponent(String(dice.pick(ids)));
    if (dice.oneIn(4))
      return dice.pick(['%', '%zz', '%E0%A4%A', '%ff', '%00', '%2e%2e', '%2F', '*', ';']);
    return encodeURIComponent(hostileText(dice).toWellFormed().slice(0, 2_000));
  });
}

function queryOf(dice: Dice, { operation }: RouteOf, known: Known): string {
  const names = (operation.parameters ?? []).filter((one) => one.in === 'query');
  const chosen = names.filter(() => dice.oneIn(3)).map(({ name }) => name);
  if (dice.oneIn(20)) chosen.push(dice.pick(['colour', '__proto__', 'constructor', 'a[b]', '']));
  const [first] = chosen;
  if (first && dice.oneIn(20)) chosen.push(first);
  const pairs = chosen.map((name) => {
    const values = known[name] ?? [1, 50];
    const value = dice.oneIn(2) && values.length > 0 ? dice.pick(values) : hostileText(dice);
    const text = `${value}`.toWellFormed().slice(0, 2_000);
    return `${encodeURIComponent(name)}=${dice.oneIn(10) ? '%' : encodeURIComponent(text)}`;
  });
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

const types = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/json, text/plain',
];

/** Headers that the server reads, with what nobody means by them. */
const odd: Readonly<Record<string, readonly string[]>> = {
  accept: ['text/event-stream', '*/*;q=0', 'text/event-stream;q=x', 'a'.repeat(5_000)],
  prefer: ['respond-async', 'respond-async, wait=1', 'wait=99999999999', '=;,=', '"'],
  'idempotency-key': [
    '',
    'short',
    'a'.repeat(65),
    'key-one-1234',
    'key-two-1234',
    '__proto__',
    'é',
  ],
  'last-event-id': ['-1', '1e9', '999999999999999', '9'.repeat(400), '0x10', ' 1', 'NaN'],
  authorization: ['Bearer', 'Bearer x', 'Bearer é', 'Basic Og==', `Bearer ${'a'.repeat(8_000)}`],
  'content-length': ['0', '-1', '99999999999', 'x'],
  'content-encoding': ['gzip', 'br'],
  'transfer-encoding': ['chunked', 'gzip, chunked'],
  'x-request-id': ['', 'a'.repeat(5_000), '"><script>'],
  'x-http-method-override': ['DELETE'],
  'x-forwarded-host': ['evil.example'],
};

function headersOf(dice: Dice, known: Known): Record<string, string> {
  const type = dice.oneIn(15) ? dice.pick(types) : 'application/json';
  const headers: Record<string, string> = type ? { 'content-type': type } : {};
  while (dice.oneIn(3)) {
    const name = dice.pick(Object.keys(odd));
    headers[name] = dice.pick(odd[name] ?? ['']);
  }
  // What is taken of all that is odd, and leads on.
  if (dice.oneIn(4)) headers['prefer'] = 'respond-async';
  if (dice.oneIn(10)) headers['idempotency-key'] = 'key-one-1234';
  if (dice.oneIn(10)) headers['authorization'] = `Bearer ${dice.pick(known['token'] ?? ['x'])}`;
  return headers;
}
