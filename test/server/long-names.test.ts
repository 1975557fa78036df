/** What a client made up is told again only as far as it is read: no answer grows with a name. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../server/app.ts';
import { ask } from '../kit/contract.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { ask as askFor } from '../kit/turns.ts';

const json = { 'content-type': 'application/json' };

/** No answer that tells of one name needs more bytes; of a path it tells twice. */
const bytesMax = 6_000;

async function desk(t: TestContext) {
  const kit = await pausingRuntime(t, { Desk: [[askFor('g', 'city')], 'done'] });
  const run = await kit.runtime.start({ message: 'Work' });
  const app = createApp(kit.runtime);
  const send = (method: string, path: string, body?: object) =>
    ask(app, method, path, body ? { body: JSON.stringify(body), headers: json } : {});
  return { run, question: questionOf(run, 'g'), send, kit };
}

test('a name of any length, wherever it stands, is told of in a short answer', async (t) => {
  const { run, question, send, kit } = await desk(t);
  for (const letter of ['k', '/', '~', '"', '\u0001', 'é', '😀', '\u2028']) {
    const name = letter.repeat(30_000);
    const answers = (values: object) => ({ run_id: run.id, answers: values });
    const queries = (one: object) => ({ run_id: run.id, approved_queries: [one, one] });
    const asked: readonly (readonly [string, object])[] = [
      ['/chat', { message: 'x', [name]: 1 }],
      ['/chat', { message: 'x', team: name }],
      ['/chat', { message: 'x', metadata: { [name]: { ['__proto__x']: '\0' } } }],
      ['/chat', { message: 'x', session_id: name }],
      ['/resume', answers({ [question.id]: { city: 'x', [name]: 1 } })],
      ['/resume', answers({ [name]: { city: 'x' } })],
      ['/resume', queries({ field_name: name, query: 1 })],
      ['/resume', queries({ field_name: name, query: 1, question_id: question.id })],
      ['/resume', queries({ field_name: 'city', query: 1, question_id: name })],
      ['/resume', queries({ field_name: 'city', query: 1, [name]: 1 })],
      [
        '/agui/Desk',
        {
          threadId: run.sessionId,
          runId: 'r',
          messages: [],
          resume: [{ interruptId: name, status: 'cancelled' }],
        },
      ],
    ];
    for (const [path, body] of asked) {
      const { text, status } = await send('POST', path, body);
      const what = `${path} ${JSON.stringify(body).slice(0, 60)}: ${status}, ${text.length}`;
      assert.ok(Buffer.byteLength(text) < bytesMax, what);
      assert.ok(text.isWellFormed() && !/\\ud[89a-f]../i.test(text), what);
    }
  }
  assert.deepEqual(await kit.runtime.get(run.id), run);
});

test('a path of any length is told of once as it is, and otherwise in short', async (t) => {
  const { send } = await desk(t);
  const name = 'k'.repeat(8_000);
  for (const path of [
    `/runs/${name}`,
    `/runs/${name}/explain`,
    `/questions/${name}/claim`,
    `/approvals/${name}`,
    `/teams/${name}/chart`,
    `/charts/${name}`,
    `/agui/${name}`,
    `/${name}`,
  ]) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const { body, text } = await send(
        method,
        path,
        method === 'POST' ? { message: 'x' } : undefined,
      );
      assert.equal(body.instance, path);
      assert.ok(
        text.length < path.length + 1_000,
        `${method} ${path.slice(0, 20)}: ${text.length}`,
      );
    }
  }
});

test('what is cut says so, whole characters only; what is not is exact', async (t) => {
  const { question, run, send } = await desk(t);
  const pointerFor = async (name: string) => {
    const answers = { [question.id]: { city: 'x', [name]: 1 } };
    const { body } = await send('POST', '/resume', { run_id: run.id, answers });
    return body.errors[0].pointer.slice(`/answers/${question.id}/`.length);
  };
  assert.equal(await pointerFor('k'.repeat(200)), 'k'.repeat(200));
  assert.equal(await pointerFor('k'.repeat(201)), `${'k'.repeat(200)}…`);
  assert.equal(await pointerFor('/~'.repeat(100)), '~1~0'.repeat(100));
  assert.equal(await pointerFor(`k${'😀'.repeat(100)}`), `k${'😀'.repeat(99)}…`);
  const twice = { field_name: 'k'.repeat(300), query: 1, question_id: question.id };
  const { body } = await send('POST', '/resume', { run_id: run.id, approved_queries: [twice] });
  assert.deepEqual(body.errors, [
    { pointer: '/approved_queries', message: 'has no value for "city"' },
    { pointer: '/approved_queries/0/query', message: 'is not a field of the question' },
  ]);
});
