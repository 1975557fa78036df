/** A client that says more than it was asked: refused as a whole, and nothing runs. */
import assert from 'node:assert/strict';
import { createApp } from '../../../server/app.ts';
import type { Run } from '../../../src/index.ts';
import { call } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { httpOf } from '../../kit/local-http.ts';
import { openCalls, pausingRuntime, questionOf, resultsIn } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import type { WireBody } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';

const two = [
  call('give', { amount: 1 }, 'p1'),
  call('give', { amount: 2 }, 'p2'),
  call('send', { to: 'Ada' }, 's'),
];

const agents = { Desk: [[delegate('c1', 'A')], 'done'], A: [two, 'A RESULT'] };

const given = { p1: 'gave 1: first', p2: 'gave 2: second' };

test('two calls of one tool that ask at once keep their values apart, in every order', async (t) => {
  for (const order of [['p1', 'p2'], ['p2', 'p1'], ['p1+p2'], ['p2+p1']]) {
    const kit = await pausingRuntime(t, agents);
    let run = await kit.runtime.start({ message: 'Give' });
    const [p1, p2] = [questionOf(run, 'p1'), questionOf(run, 'p2')];
    assert.notEqual(p1.id, p2.id);
    assert.notEqual(p1.argumentsHash, p2.argumentsHash);
    const notes: Record<string, unknown> = { p1: { note: 'first' }, p2: { note: 'second' } };
    for (const group of order) {
      const answers = group.split('+').map((id) => [questionOf(run, id).id, notes[id]]);
      run = await (await kit.reopen()).resume(run.id, Object.fromEntries(answers));
    }
    await kit.runtime.resume(run.id, { [questionOf(run, 's').id]: { approved: true } });
    assert.deepEqual(kit.written.slice(0, 2).sort(), ['give 1 first', 'give 2 second']);
    const { s: _, ...results } = kit.results('A');
    assert.deepEqual(results, given);
  }
});

/** Payloads that no form would send, by what is wrong with each. */
function payloads(run: Run): Record<string, object> {
  const [p1, p2, s] = ['p1', 'p2', 's'].map((callId) => questionOf(run, callId).id);
  const note = { note: 'first' };
  const answers = (values: object, id = p1) => ({ answers: { [`${id}`]: values } });
  const short = (...list: object[]) => ({ approved_queries: list });
  const value = { field_name: 'note', query: 'first' };
  return {
    'another amount': answers({ ...note, amount: 900 }),
    'other arguments': answers({ ...note, arguments: { amount: 900 } }),
    'an approval that nobody asked for': answers({ ...note, approved: true }),
    'another tool': answers({ ...note, tool_name: 'send' }),
    'a result': answers({ ...note, result: 'given' }),
    'a field of another question': answers({ approved: true }),
    'the fields of another question besides': answers({ approved: true, note: 'x' }, p2),
    'other arguments for an approval': answers({ approved: true, arguments: { to: 'Eve' } }, s),
    'an unknown question': { answers: { [`${p1}`]: note, q_other: note } },
    'the name of a call in place of its id': { answers: { p1: note } },
    'one value twice': short({ ...value, question_id: p1 }, { ...value, question_id: p1 }),
    'two ids for one value': short({ field_name: `${p2}.note`, query: 'x', question_id: p1 }),
    'a value of its own': short({ ...value, question_id: p1, approved: true }),
    'a tool beside the answers': { ...answers(note), tool_name: 'send' },
    'messages beside the answers': { ...answers(note), messages: [] },
    'both forms': { ...answers(note), ...short(value) },
    'text for a number': answers({ ...note, copies: 'abc' }),
    'a number in text': answers({ ...note, copies: '3' }),
    'half a number': answers({ ...note, copies: 1.5 }),
    'null for a text': answers({ note: null }),
    'nothing for a text': answers({ note: '' }),
    'a list for a text': answers({ note: ['first'] }),
    'a list for the values': answers([]),
    'text for the values': { answers: { [`${p1}`]: 'first' } },
    'a prototype': { answers: { [`${p1}`]: JSON.parse('{"note":"x","__proto__":{"copies":1}}') } },
  };
}

test('every payload that was tampered with is refused, and nothing runs', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const run = await kit.runtime.start({ message: 'Give' });
  const http = httpOf(kit.runtime);
  for (const [what, payload] of Object.entries(payloads(run))) {
    const { status, body } = await http<WireBody>('POST', '/resume', {
      run_id: run.id,
      ...payload,
    });
    assert.ok(status === 422 || status === 409, `${what}: ${status} ${JSON.stringify(body)}`);
    assert.deepEqual(openCalls(await kit.runtime.get(run.id)), ['p1', 'p2', 's'], what);
  }
  assert.deepEqual(await kit.runtime.get(run.id), run, 'the run is as it was');
  assert.deepEqual(kit.written, []);
  assert.equal(kit.model.requests.length, 2);
});

test('an id that stands twice in the text of a body is refused, whatever JSON makes of it', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const run = await kit.runtime.start({ message: 'Give' });
  const { id } = questionOf(run, 'p1');
  const bodies = [
    `{"run_id":"${run.id}","answers":{"${id}":{"note":"a"},"${id}":{"note":"b"}}}`,
    `{"run_id":"${run.id}","answers":{"${id}":{"note":"a"},"\\u0071${id.slice(1)}":{"note":"b"}}}`,
    `{"run_id":"${run.id}","answers":{"${id}":{"note":"a","note" : "b"}}}`,
    `{"run_id":"run_0","run_id":"${run.id}","answers":{"${id}":{"note":"a"}}}`,
  ];
  for (const answered of await sent(kit.runtime, bodies)) {
    assert.equal(answered.status, 422);
    assert.match(JSON.stringify(await answered.json()), /twice in one object/);
  }
  assert.deepEqual(await kit.runtime.get(run.id), run);
  assert.deepEqual(kit.written, []);
  const quoted = `{"run_id":"${run.id}","answers":{"${id}":{"note":"{\\"note\\":1,\\"note\\":2}"}}}`;
  const [fine] = await sent(kit.runtime, [quoted]);
  assert.equal(fine?.status, 200, 'text that looks like JSON is text');
});

async function sent(runtime: Parameters<typeof createApp>[0], bodies: readonly string[]) {
  const app = createApp(runtime);
  const headers = { 'content-type': 'application/json' };
  return Promise.all(
    bodies.map((body) => app.request('/resume', { method: 'POST', headers, body })),
  );
}

test('a person may be called "None", and a tampered answer leaves room for the right one', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents });
  const run = await client.chat('Give');
  const [p1, p2, s] = (run.questions ?? []).map(({ id }) => id);
  const send = (answers: object) => client.post('/resume', { run_id: run.run_id, answers });
  const refused = await send({ [`${p1}`]: { note: 'first' }, [`${p2}`]: { note: 'x', amount: 9 } });
  assert.equal(refused.status, 422, 'the good half is not used either');
  assert.deepEqual(client.witness(), []);
  const end = await client.resume(run.run_id, {
    [`${p1}`]: { note: 'None' },
    [`${p2}`]: { note: 'null' },
    [`${s}`]: { approved: false },
  });
  assert.equal(end.final_content, 'done');
  assert.deepEqual(resultsIn(lastRequest(client.model, 'A')), {
    p1: 'gave 1: None',
    p2: 'gave 2: null',
    s: 'The person declined.',
  });
});
