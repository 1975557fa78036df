/** A front end that knows the two endpoints and five keys works unchanged, whatever stands beside. */
import assert from 'node:assert/strict';
import { freshClient } from '../kit/fresh-client.ts';
import { ask, delegate } from '../kit/turns.ts';
import { test } from '../kit/wires.ts';

const team = 'test/teams/desk.ts';

/** All that such a front end does with a paused run: show the queries, send text back. */
function fillIn(
  queries: readonly { query: string; field_name: string }[] = [],
  text = (query: string) => `my answer to ${query}`,
) {
  return queries.map(({ query, field_name }) => ({ field_name, query: text(query) }));
}

test('a front end that sends field names and text completes the default team', async (t) => {
  const client = await freshClient(t, {});
  const paused = (await client.post('/chat', { message: 'Coffee' })).body;
  assert.equal(paused.is_paused, true);
  assert.equal(paused.queries?.length, 2);
  const approved_queries = fillIn(paused.queries);
  const { status, body } = await client.post('/resume', {
    run_id: paused.run_id,
    approved_queries,
  });
  assert.equal(status, 200);
  assert.equal(body.is_paused, false);
  for (const { query } of approved_queries) {
    assert.ok(body.final_content?.includes(query), body.final_content);
  }
  const repeated = await client.post('/resume', { run_id: paused.run_id, approved_queries });
  assert.deepEqual(repeated.body, body);
});

test('a field name that two open questions have is refused until the question is named', async (t) => {
  const client = await freshClient(t, {
    team,
    agents: {
      Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
      A: [[ask('g', 'city')], 'A RESULT'],
      B: [[ask('g', 'city')], 'B RESULT'],
    },
  });
  const run = await client.chat('Trip');
  const send = (approved_queries: unknown) =>
    client.post('/resume', { run_id: run.run_id, approved_queries });
  const refused = await send([{ field_name: 'city', query: 'Rome' }]);
  assert.equal(refused.status, 422);
  assert.equal(refused.body.code, 'answer_ambiguous');
  assert.equal(refused.body.errors?.[0]?.pointer, '/approved_queries/0');
  const names = new Set(run.queries?.map(({ field_name }) => field_name));
  assert.equal(names.size, 2, 'the queries have names of their own');
  const { status, body } = await send(fillIn(run.queries));
  assert.equal(status, 200, 'so a front end that sends them back is understood');
  assert.equal(body.final_content, 'done');
});

test('a request that arrives again does not answer the next question of the same form', async (t) => {
  const client = await freshClient(t, {
    team,
    agents: { Desk: [[ask('g1', 'city')], [ask('g2', 'city')], 'done'] },
  });
  const run = await client.chat('Trip');
  const approved_queries = [{ field_name: 'city', query: 'Rome' }];
  const next = await client.post('/resume', { run_id: run.run_id, approved_queries });
  assert.equal(next.body.is_paused, true);
  const repeated = await client.post('/resume', { run_id: run.run_id, approved_queries });
  assert.equal(repeated.status, 422);
  assert.equal(repeated.body.code, 'answer_ambiguous');
  const end = await client.post('/resume', {
    run_id: run.run_id,
    approved_queries: [{ field_name: 'city', query: 'Oslo' }],
  });
  assert.equal(end.body.final_content, 'done');
});

test('text is read as the type of its field', async (t) => {
  const field = (field_name: string, field_type: string, more = {}) => ({
    field_name,
    field_type,
    field_description: `The ${field_name}?`,
    ...more,
  });
  const fields = [
    field('guests', 'int'),
    field('budget', 'float'),
    field('terrace', 'bool'),
    field('day', 'date'),
    field('menu', 'choice', { field_choices: ['fish', 'beans'] }),
    field('extras', 'choices', { field_choices: ['bread', 'wine'], required: false }),
  ];
  const client = await freshClient(t, {
    team,
    agents: {
      Desk: [
        [{ name: 'get_user_input', arguments: JSON.stringify({ user_input_fields: fields }) }],
        (request) => `${request.messages.at(-1)?.content}`,
      ],
    },
  });
  const run = await client.chat('Dinner');
  assert.deepEqual(
    run.questions?.[0]?.fields.map(({ type }) => type),
    ['integer', 'number', 'boolean', 'date', 'choice', 'choices'],
  );
  const send = (texts: Record<string, string>) =>
    client.post('/resume', {
      run_id: run.run_id,
      approved_queries: Object.entries(texts).map(([field_name, query]) => ({ field_name, query })),
    });
  const wrong = await send({
    guests: 'two',
    budget: '1e999',
    terrace: 'maybe',
    day: '31.12.',
    menu: 'meat',
  });
  assert.equal(wrong.status, 422);
  assert.deepEqual(
    wrong.body.errors?.map(({ pointer }) => pointer),
    [0, 1, 2, 3, 4].map((n) => `/approved_queries/${n}/query`),
  );
  const right = await send({
    guests: ' 2',
    budget: '9.5',
    terrace: 'Yes',
    day: '2026-12-31',
    menu: 'fish',
    extras: 'wine',
  });
  assert.deepEqual(JSON.parse(right.body.final_content ?? ''), {
    guests: 2,
    budget: 9.5,
    terrace: true,
    day: '2026-12-31',
    menu: 'fish',
    extras: ['wine'],
  });
});
