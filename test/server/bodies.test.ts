/** Bodies that no client means: refused whole, with a pointer, before anything reads them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createApp } from '../../server/app.ts';
import type { Run } from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import { ask } from '../kit/contract.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';

const json = { 'content-type': 'application/json' };

async function pausedRun(t: TestContext) {
  const kit = await pausingRuntime(t, {
    Desk: [
      [call('give', { amount: 1 }, 'g'), call('pay', { amount: 900, to: 'Bob' }, 'p')],
      'done',
    ],
  });
  const run = await kit.runtime.start({ message: 'Give' });
  const app = createApp(kit.runtime);
  const send = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = json,
  ) => ask(app, 'POST', path, { body, headers });
  const untouched = async () => {
    assert.deepEqual(await kit.runtime.get(run.id), run, 'the run is as it was');
    assert.equal((await kit.runtime.list()).length, 1, 'and no other was started');
    assert.deepEqual(kit.written, []);
  };
  return { kit, run, send, untouched };
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** Bodies with what is wrong with each: where it is sent, the text, and the pointer. */
function unnoticed(run: Run): Readonly<Record<string, readonly [string, string, string]>> {
  const [g, p] = [questionOf(run, 'g').id, questionOf(run, 'p').id];
  const answers = (values: string, id = g) =>
    `{"run_id":"${run.id}","answers":{"${id}":${values}}}`;
  const at = (name: string, id = g) => `/answers/${id}/${name}`;
  return {
    'an unknown key': ['/chat', '{"message":"x","colour":"red"}', '/colour'],
    'a prototype': ['/chat', '{"message":"x","__proto__":{"team":"Desk"}}', '/__proto__'],
    'a prototype in free JSON': [
      '/chat',
      '{"message":"x","metadata":{"a":{"__proto__":1}}}',
      '/metadata/a/__proto__',
    ],
    'a constructor': ['/chat', '{"message":"x","constructor":1}', '/constructor'],
    'a constructor in free JSON': [
      '/chat',
      '{"message":"x","metadata":{"constructor":{"prototype":{}}}}',
      '/metadata/constructor',
    ],
    'a constructor in an answer': [
      '/resume',
      answers('{"note":"x","constructor":{}}'),
      at('constructor'),
    ],
    'a number that is too large': ['/resume', answers('{"note":"x","copies":1e400}'), at('copies')],
    'such a number in free JSON': [
      '/chat',
      '{"message":"x","metadata":{"a":[1,-1e400]}}',
      '/metadata/a/1',
    ],
    'a whole number that JSON rounds': [
      '/resume',
      answers('{"note":"x","copies":9007199254740993}'),
      at('copies'),
    ],
    'a lone surrogate': ['/resume', answers('{"note":"\\ud800"}'), at('note')],
    'a lone surrogate in a key': [
      '/chat',
      '{"message":"x","metadata":{"\\ud800":1}}',
      '/metadata/\ufffd',
    ],
    NUL: ['/chat', '{"message":"a\\u0000b"}', '/message'],
    'NUL in changed arguments': [
      '/resume',
      answers('{"approved":true,"arguments":{"to":"\\u0000"}}', p),
      `${at('arguments', p)}/to`,
    ],
    'two equal keys': ['/chat', '{"message":"x","message":"y"}', '/message'],
    'two equal keys, written differently': [
      '/chat',
      '{"message":"x","mess\\u0061ge":"y"}',
      '/message',
    ],
    'two equal keys in a list': [
      '/chat',
      '{"message":"x","metadata":{"l":[1,{"k":1},{"k":1,"k":2}]}}',
      '/metadata/l/2/k',
    ],
    '33 levels': [
      '/chat',
      `{"message":"x","metadata":{"a":${nested(31)}}}`,
      `/metadata/a${'/0'.repeat(30)}`,
    ],
    '30,000 levels': [
      '/chat',
      `{"message":"x","metadata":{"a":${nested(30_000)}}}`,
      `/metadata/a${'/0'.repeat(30)}`,
    ],
    'a list for the body': ['/chat', '[]', ''],
    'null for the body': ['/resume', 'null', ''],
  };
}

test('what no schema would notice is refused with a pointer to it', async (t) => {
  const { run, send, untouched } = await pausedRun(t);
  for (const [what, [path, body, pointer]] of Object.entries(unnoticed(run))) {
    const answer = await send(path, body);
    assert.equal(answer.status, 422, `${what}: ${answer.text}`);
    assert.deepEqual(
      answer.body.errors.map((one: { pointer: string }) => one.pointer),
      [pointer],
      what,
    );
  }
  await untouched();
});

test('a body with a part that cannot be made a text is refused', async (t) => {
  const { send } = await pausedRun(t);
  const { status, text } = await send(
    '/resume',
    '{"run_id":{"length":[{"toString":1}]},"answers":{}}',
  );
  assert.equal(status, 422);
  assert.match(text, /run_id\/length\/0\/toString/);
});

test('a field may be called "constructor", and 32 levels are not too many', async (t) => {
  const { send } = await pausedRun(t);
  const metadata = `{"constructor":"Ferrari","a":${nested(30)}}`;
  const { status, text } = await send(
    '/chat',
    `{"message":"x","team":"nothing","metadata":${metadata}}`,
  );
  assert.equal(status, 422);
  assert.match(text, /team_unknown/);
});

test('only JSON in UTF-8 is read, whatever the type says', async (t) => {
  const { send, untouched } = await pausedRun(t);
  const body = '{"message":"x"}';
  const types = [
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/merge-patch+json',
    'text/json',
  ];
  for (const type of types) {
    for (const path of ['/chat', '/resume', '/questions/q/assign']) {
      const { status } = await send(
        path,
        new TextEncoder().encode(body),
        type ? { 'content-type': type } : {},
      );
      assert.equal(status, 415, `${path} ${type}`);
    }
  }
  for (const text of [
    '',
    '{',
    '{"message":"x"} {}',
    "{'message':'x'}",
    '{"message":NaN}',
    '\u0000',
  ]) {
    assert.equal((await send('/chat', text)).body.code, 'body_malformed', text);
  }
  const latin = new Uint8Array([...new TextEncoder().encode('{"message":"'), 0xe9, 0x22, 0x7d]);
  assert.equal((await send('/chat', latin)).body.code, 'body_malformed');
  await untouched();
});

test('no JSON at all changes a run, a prototype, or fails the server', async (t) => {
  const { run, send, untouched } = await pausedRun(t);
  const question = questionOf(run, 'g').id;
  const keys = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'approved', 'note', question),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, tie('leaf'), tie('list'), tie('object')),
    leaf: fc.oneof(fc.string({ unit: 'binary' }), fc.double(), fc.boolean(), fc.constant(null)),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc
      .array(fc.tuple(keys, tie('value')), { maxLength: 4 })
      // Null under its id declines the question: that is an answer.
      .map((entries) => entries.filter(([key, one]) => key !== question || one !== null))
      .map((entries) => Object.fromEntries(entries)),
  }));
  const before = Object.getOwnPropertyNames(Object.prototype);
  await fc.assert(
    fc.asyncProperty(value, fc.constantFrom('run_id', 'run_none'), async (given, place) => {
      const body = { run_id: place === 'run_id' ? run.id : place, answers: given };
      const { status } = await send('/resume', JSON.stringify(body));
      assert.ok(
        status === 422 || status === 404 || status === 409 || isNothing(given),
        `${status}`,
      );
    }),
    { numRuns: 150 },
  );
  assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
  await untouched();
});

/** No answers cause nothing, and are taken. */
function isNothing(given: unknown): boolean {
  return typeof given === 'object' && Object.keys(Object(given)).length === 0;
}
