/** What the contract takes is taken, and what it does not is refused: tried at the edges of every schema. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../server/app.ts';
import { type FieldError, RequestError, type Runtime } from '../../src/index.ts';
import { Requests } from '../../src/once.ts';
import type { TenantStore } from '../../src/stores/tenant-store.ts';
import { ask, misfits, type RouteOf, routes } from '../kit/contract.ts';
import { edges, type Schema } from '../kit/edges.ts';

const closed = () => {
  throw new RequestError('runtime_closed', 'The server is stopping.');
};

const requests = new Requests({
  beginRequest: closed,
  endRequest: closed,
} as unknown as TenantStore);

/** It refuses whatever reaches it, so that nothing comes of what is taken. */
const runtime: Runtime = new Proxy({} as Runtime, {
  get: (_, name) => {
    if (name === 'teams') return ['x'];
    if (name === 'as') return () => runtime;
    if (name === 'once') return requests.once.bind(requests, { tenantId: 'x', userId: undefined });
    return closed;
  },
});

const app = createApp(runtime);

const filled = (path: string) => path.replaceAll(/\{\w+\}/g, 'x');

const shown = (value: unknown) => `${JSON.stringify(value)}`.slice(0, 200);

/** In one style, whatever zod says. */
const sentence = /^(must (be|have|not be) |is (missing|not known)$|needs )/;

/** Whether the server finds that a request fits; one without a body has one that does. */
async function isTaken(
  { method, path, operation }: RouteOf,
  { query = '', headers = {}, body }: { query?: string; headers?: object; body?: unknown },
) {
  const schema = bodySchema(operation);
  const sent = body === undefined && schema ? edges(schema).next().value : body;
  const answer = await ask(app, method, filled(path) + query, {
    headers: { 'content-type': 'application/json', ...headers },
    ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
  });
  const { errors = [] }: { errors?: readonly FieldError[] } = answer.body ?? {};
  for (const { message } of errors) assert.match(message, sentence, shown(sent));
  return !['body_invalid', 'idempotency_key_invalid'].includes(answer.body?.code);
}

function bodySchema({ requestBody }: RouteOf['operation']): Schema | undefined {
  return requestBody?.content['application/json']?.schema;
}

test('a body fits the server if it fits the contract', async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const route of routes) {
    const { path, method, operation } = route;
    const schema = bodySchema(operation);
    const place = ['paths', path, method.toLowerCase(), 'requestBody', 'content'];
    for (const body of schema ? edges(schema) : []) {
      const found = misfits(body, ...place, 'application/json', 'schema');
      const isSame = (await isTaken(route, { body })) === (found.length === 0);
      if (!isSame) wrong.push(`${path} ${shown(body)}: ${shown(found)}`);
      count += 1;
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 300, `${count} bodies`);
});

/** Texts that one reader or another takes for a number. */
const odd = ['null', '1.5', '1e2', '0x10', ' 1', '1 ', '+1', '-1', '٣', '9'.repeat(16), 'NaN'];

/** What the text of a parameter says; a whole number as JSON writes it. */
function read(text: string, { type = [] }: Schema): unknown {
  const types = [type].flat();
  if (types.includes('null') && text === 'null') return null;
  return types.includes('integer') && /^-?\d+$/.test(text) ? Number(text) : text;
}

/** Texts at the edges of a parameter. A header has no space at its ends, and ASCII only. */
function textsFor(schema: Schema, where: string): Set<string> {
  const all = [...edges(schema)]
    .map(String)
    .concat(odd, 'key-1234', 'k'.repeat(64), 'k'.repeat(65));
  return new Set(all.filter((text) => where === 'query' || /^(?! )[ -~]*(?<! )$/.test(text)));
}

test('a query and a header fit the server if they fit the contract', async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const route of routes) {
    const { path, method, operation } = route;
    for (const [index, { name, in: where, schema }] of (operation.parameters ?? []).entries()) {
      if (where === 'path') continue;
      const place = ['paths', path, method.toLowerCase(), 'parameters', `${index}`, 'schema'];
      for (const text of textsFor(schema, where)) {
        const query = `?${name}=${encodeURIComponent(text)}`;
        const sent = where === 'query' ? { query } : { headers: { [name]: text } };
        const found = misfits(read(text, schema), ...place);
        const isSame = (await isTaken(route, sent)) === (found.length === 0);
        if (!isSame) wrong.push(`${path} ${name}: ${shown(text)}: ${shown(found)}`);
        count += 1;
      }
      const query = `?${name}=1&${name}=1`;
      assert.ok(where === 'header' || !(await isTaken(route, { query })), `${name} twice`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 300, `${count} texts`);
});
