/** A request that does not fit is told why in a sentence: where, what must be there, and nothing of zod. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { createApp } from '../../server/app.ts';
import { misfitSentence } from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import { ask } from '../kit/contract.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { ask as askFor } from '../kit/turns.ts';

const json = { 'content-type': 'application/json' };

test('the sentence says what does not fit: the body, the query or a header', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [[call('pay', { amount: 900, to: 'Bob' }, 'p')]] });
  const run = await kit.runtime.start({ message: 'Pay' });
  const app = createApp(kit.runtime);
  const query = (text: string) => ask(app, 'GET', `/runs?${text}`);
  const after = { headers: { 'last-event-id': 'x' } };
  const body = (path: string, text: string) =>
    ask(app, 'POST', path, { body: text, headers: json });
  const told = [
    [
      await query('limit=abc'),
      'The query does not fit: "limit" must be a whole number from 1 to 200.',
    ],
    [await query('limit=1&limit=2'), 'The query does not fit: "limit" must be given once.'],
    [await query('a/b=1'), 'The query does not fit: "a~1b" is not known.'],
    [await query('team='), 'The query does not fit: "team" must not be empty.'],
    [
      await query('status=open'),
      'The query does not fit: "status" must be one of "working", "input_required", "completed", "failed", "cancelled".',
    ],
    [
      await ask(app, 'GET', `/runs/${run.id}/events`, after),
      'The header does not fit: "Last-Event-ID" must be a whole number of at most 15 digits.',
    ],
    [await body('/chat', '[]'), 'The body does not fit: it must be an object.'],
    [await body('/chat', '{}'), 'The body does not fit: /message is missing.'],
    [await body('/chat', '{"message":5}'), 'The body does not fit: /message must be text.'],
    [await body('/resume', '{"run_id":[]}'), 'The body does not fit: /run_id must be text.'],
    [
      await body('/resume', '{"run_id":"r"}'),
      'The body does not fit: it needs either answers or approved_queries, not both.',
    ],
    [
      await body('/resume', '{"run_id":"r","approved_queries":[{"field_name":"city"}]}'),
      'The body does not fit: /approved_queries/0/query is missing.',
    ],
  ] as const;
  for (const [answer, detail] of told) {
    assert.equal(answer.body.title, 'The body, the query or a header does not fit');
    assert.equal(answer.body.detail, detail);
    assert.equal(answer.body.errors.length, 1, detail);
  }
});

test('changed arguments are told of in the same words', async (t) => {
  const kit = await pausingRuntime(t, { Desk: [[call('pay', { amount: 900, to: 'Bob' }, 'p')]] });
  const run = await kit.runtime.start({ message: 'Pay' });
  const app = createApp(kit.runtime);
  const { id } = questionOf(run, 'p');
  const errorsOf = async (args: object) => {
    const answers = { [id]: { approved: true, arguments: args } };
    const body = JSON.stringify({ run_id: run.id, answers });
    const { body: problem } = await ask(app, 'POST', '/resume', { body, headers: json });
    return problem.errors.map(({ pointer, message }: Record<string, string>) => [
      pointer?.slice(`/answers/${id}/arguments`.length),
      message,
    ]);
  };
  assert.deepEqual(await errorsOf({ amount: '1' }), [
    ['/amount', 'must be a number'],
    ['/to', 'is missing'],
  ]);
  assert.deepEqual(await errorsOf({ amount: 0.5, to: 1 }), [
    ['/amount', 'must be a whole number'],
    ['/to', 'must be text'],
  ]);
  assert.deepEqual(await errorsOf({ amount: 0, to: 'Bob' }), [['/amount', 'must be at least 1']]);
});

test('a stream tells once what does not fit, and how many questions have no answer', async (t) => {
  const asks = [askFor('a', 'city'), askFor('b', 'city'), askFor('c', 'city')];
  const kit = await pausingRuntime(t, { Desk: [asks] });
  const run = await kit.runtime.start({ message: 'Work' });
  const app = createApp(kit.runtime);
  const [a, b, c] = ['a', 'b', 'c'].map((callId) => questionOf(run, callId).id);
  const errorOf = async (input: object) => {
    const body = JSON.stringify({ threadId: run.sessionId, runId: 'r', messages: [], ...input });
    const { text } = await ask(app, 'POST', '/agui/Desk', { body, headers: json });
    return JSON.parse(text.split('data: ').at(-1) ?? '').message;
  };
  const answers = (...ids: readonly (string | undefined)[]) => ({
    resume: ids.map((interruptId) => ({ interruptId, status: 'cancelled' })),
  });
  assert.equal(
    await errorOf({ messages: [{ id: 'm', role: 'user', content: '\0' }] }),
    'The body does not fit: /messages/0/content must be well-formed text without NUL.',
  );
  assert.equal(
    await errorOf(answers(a, b)),
    `Answer all open questions together: "${c}" has no answer. Nothing was answered.`,
  );
  assert.equal(
    await errorOf(answers(a)),
    `Answer all open questions together: "${b}", "${c}" have no answer. Nothing was answered.`,
  );
});

test('every kind of misfit has a sentence, and the words of a schema’s author come first', () => {
  const schema = z.object({
    list: z.array(z.string()).min(1),
    many: z.array(z.string()).max(1),
    mail: z.email(),
    step: z.number().multipleOf(5),
    below: z.number().lt(5),
    name: z.record(z.string(), z.boolean()),
    one: z.literal('a'),
    either: z.union([z.string(), z.boolean()]),
    begin: z.string().startsWith('PO-'),
    end: z.string().endsWith('.pdf'),
    part: z.string().includes('@'),
    lower: z.string().lowercase(),
    upper: z.string().uppercase(),
    own: z.string('must be a name that we know'),
    code: z.string().regex(/^a/, 'must begin with "a"'),
  });
  const given = {
    list: [],
    many: ['a', 'b'],
    mail: 'x',
    step: 1,
    below: 5,
    name: 1,
    one: 2,
    either: 3,
    ...{ begin: 'x', end: 'x', part: 'x', lower: 'X', upper: 'x' },
  };
  const read = schema.safeParse({ ...given, own: 4, code: 'b' }, { error: misfitSentence });
  assert.deepEqual(
    read.error?.issues.map(({ path, message }) => `${path.join()} ${message}`),
    [
      'list must not be empty',
      'many must have at most 1 element',
      'mail must be in the form "email"',
      'step must be a multiple of 5',
      'below must be less than 5',
      'name must be an object',
      'one must be "a"',
      'either has none of the forms that it may have',
      'begin must begin with "PO-"',
      'end must end with ".pdf"',
      'part must have "@" in it',
      'lower must be in lower case',
      'upper must be in upper case',
      'own must be a name that we know',
      'code must begin with "a"',
    ],
  );
});
