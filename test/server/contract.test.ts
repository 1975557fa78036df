/** The contract is true: what it says is answered, and nothing else is, to the last field. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApp } from '../../server/app.ts';
import type { Runtime } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { answered, ask, contract, misfits, promised, routes } from '../kit/contract.ts';
import { pausingRuntime } from '../kit/pauses.ts';
import { held } from '../kit/served.ts';
import { ask as askFor } from '../kit/turns.ts';
import {
  bodyFor,
  filled,
  known,
  lockedStore,
  refuseBodies,
  refuseEverywhere,
  runsAndQuestions,
  sessions,
  still,
} from './every-answer.ts';
import { askForRun, askFrontEnds, frontEnds } from './every-front-end.ts';
import { keys, tokens } from './every-key.ts';
import { tooMany } from './full-server.ts';
import { otherCode, refusedMessages } from './other-code.ts';

const asks: readonly Turn[] = [
  [
    call('send', { to: 'Ada' }, 's'),
    call('vote', { topic: 'tea' }, 'v'),
    call('pay', { amount: 900, to: 'Bob' }, 'p'),
    askFor('g1', 'city'),
    askFor('g2', 'city'),
  ],
  'done',
];

test('what the contract says is served, and what is served the contract says', () => {
  const app = createApp({} as Runtime);
  const served = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !path.includes('*'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
    // Files for browsers, whose names change with what is in them.
    .filter((route) => route !== 'GET /' && route !== 'GET /assets/{name}');
  const said = routes.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual([...new Set(served)].sort(), said.sort());
  const ids = routes.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length, 'every route has a name of its own');
});

test('no object of the contract may have keys that it does not name', () => {
  const open: string[] = [];
  visit(contract.components.schemas, '');
  assert.deepEqual(open, []);

  function visit(value: unknown, path: string): void {
    if (typeof value !== 'object' || value === null) return;
    const isObject = Object(value).type === 'object';
    if (isObject && !('additionalProperties' in value)) open.push(path);
    for (const [key, one] of Object.entries(value)) visit(one, `${path}/${key}`);
  }
});

test('the examples of the contract fit it', () => {
  const schemas = Object.entries(contract.components.schemas);
  const examples = schemas.filter(([, schema]) => 'example' in schema);
  for (const [name, schema] of examples) {
    const { example } = schema as { example: unknown };
    assert.deepEqual(misfits(example, 'components', 'schemas', name), [], name);
  }
  assert.ok(examples.length >= 4, `${examples.length} examples`);
  const withBody = routes.filter(({ operation }) => operation.requestBody);
  for (const { path, operation } of withBody) {
    const { schema } = operation.requestBody?.content['application/json'] ?? {};
    const name = String(Object(schema).$ref).split('/').at(-1) ?? '';
    assert.ok('example' in Object(contract.components.schemas[name]), `${path} shows how`);
  }
});

test('every answer of the contract is given, in just the form that it says', async (t) => {
  t.mock.method(console, 'error', () => undefined);
  const hold = held('done');
  const kit = await pausingRuntime(
    t,
    {
      Desk: asks,
      CancelDesk: asks,
      QueueDesk: [[call('slow', {}, 'w')], 'done'],
      Nobody: [[call('nothing', {}, 'n')], 'done'],
      Busy: [hold.turn],
    },
    {
      tools: { deadlineMs: 1_500 },
      dependencies: { db: {} },
      mayAnswer: ({ toolCallId }, user) => toolCallId !== 'p' || user === 'ada',
    },
  );
  await refuseEverywhere(kit.runtime);
  await refuseBodies(kit.runtime);
  await runsAndQuestions(kit);
  await sessions(kit);
  await keys(kit);
  await tokens(kit);
  await frontEnds(kit);
  await lockedStore(kit);
  await otherCode(t, kit);
  await refusedMessages(t, kit);
  await tooMany(t, kit, hold);
  await kit.runtime.close({ graceMs: 0 });
  for (const { method, path } of routes)
    await ask(known(kit.runtime), method, filled(path), bodyFor(path));
  await askFrontEnds(createApp(kit.runtime), 'runtime_closed');
  await askForRun(createApp(kit.runtime), 'runtime_closed');
  const missing = promised().filter((one) => !answered.has(one));
  // main.ts answers these as long as there is no runtime; by themselves they need none.
  const alone = ['listTeams', 'getChart', 'getDrawing', 'getAguiCapabilities', ...still];
  const byChance = [
    ...alone.map((id) => `${id} runtime_closed`),
    ...still.map((id) => `${id} internal_error`),
  ];
  assert.deepEqual(
    missing.filter((one) => !byChance.includes(one)),
    [],
  );
});
