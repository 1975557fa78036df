/** What is seen of a run over HTTP is what the library tells of it, word for word, in snake_case. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ExplanationBody, RevisionList } from 'cadenza/client';
import { chartOf, type Run } from '../../src/index.ts';
import { call } from '../../src/testing/index.ts';
import { httpOf } from '../kit/local-http.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { ask, delegate } from '../kit/turns.ts';

const agents = {
  Desk: [[delegate('c1', 'A'), call('send', { to: 'Bob' }, 's')], 'done'],
  A: [[ask('g1', 'city'), ask('g2', 'date')], 'A RESULT'],
  QueueDesk: [[call('send', { to: 'Ada' }, 's')], 'done'],
};

/** A paused run with a member that has one of two answers, and the way to the server. */
async function paused(t: TestContext) {
  const kit = await pausingRuntime(t, agents);
  const { id } = await kit.runtime.start({ message: 'Trip' });
  const answered = questionOf(await kit.runtime.get(id), 'g2').id;
  const run = await kit.runtime.resume(id, { [answered]: { date: '2026-01-31' } });
  const http = httpOf(kit.runtime);
  return {
    kit,
    run,
    http,
    explain: async ({ id }: Run) =>
      (await http<ExplanationBody>('GET', `/runs/${id}/explain`)).body,
    revisions: async ({ id }: Run, query = '') =>
      (await http<RevisionList>('GET', `/runs/${id}/revisions${query}`)).body,
    finish: (run: Run) =>
      kit.runtime.resume(run.id, {
        [questionOf(run, 'g1').id]: { city: 'Rome' },
        [questionOf(run, 's').id]: { approved: true },
      }),
  };
}

/** A value of the library as JSON with the names of the wire. */
function onTheWire(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(onTheWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      key === 'kind' && one === 'toolCall' ? 'tool_call' : onTheWire(one),
    ]),
  );
}

test('why a run waits is told as the library tells it, before its first step, paused and ended', async (t) => {
  const { kit, run, explain, finish } = await paused(t);
  const told = await explain(run);
  assert.deepEqual(told, onTheWire(await kit.runtime.explain(run.id)));
  const member = told.actors.find(({ path }) => path === 'c1:A');
  assert.deepEqual(
    { ...member, since: '', events: [] },
    {
      path: 'c1:A',
      parent: 'c1',
      kind: 'agent',
      name: 'Desk/A',
      state: 'answeringCalls.awaitingUserInput',
      since: '',
      sentence: '"A" waits for you: 1 of 2 questions answered.',
      events: [],
      question_ids: [questionOf(run, 'g1').id],
    },
  );
  assert.equal(told.actors[1]?.kind, 'tool_call');

  const start = { team: 'QueueDesk', sessionId: 'ses_1' };
  const first = await kit.runtime.start({ ...start, message: 'One' });
  const queued = await kit.runtime.start({ ...start, message: 'Two' });
  assert.deepEqual(await explain(queued), {
    run_id: queued.id,
    status: 'working',
    revision: 0,
    sentence: `The run waits for run "${first.id}" of its session to end.`,
    stalled: false,
    actors: [],
  });

  const ended = await finish(run);
  assert.deepEqual(await explain(ended), onTheWire(await kit.runtime.explain(run.id)));
  assert.equal((await explain(ended)).sentence, 'The run is completed.');
});

test('the steps of a run are told as the library tells them, a page at a time', async (t) => {
  const { kit, run, explain, revisions, finish } = await paused(t);
  const whole = async () => onTheWire(await kit.runtime.revisions(run.id, { limit: 200 }));
  assert.deepEqual((await revisions(run)).revisions, await whole());
  await finish(run);
  const walked: RevisionList['revisions'][number][] = [];
  let pages = 0;
  for (let next: number | null = 0; next !== null && pages < 20; pages++) {
    const page: RevisionList = await revisions(run, `?after=${next}&limit=2`);
    assert.equal(page.run_id, run.id);
    walked.push(...page.revisions);
    next = page.next;
  }
  assert.deepEqual(walked, await whole());
  assert.equal(pages, Math.floor(walked.length / 2) + 1);

  const { revision } = await explain(run);
  const newest = await revisions(run, `?after=${revision - 3}`);
  assert.deepEqual(newest, { run_id: run.id, revisions: walked.slice(-3), next: null });
  for (const after of [revision, Number.MAX_SAFE_INTEGER]) {
    const none = await revisions(run, `?after=${after}`);
    assert.deepEqual(none, { run_id: run.id, revisions: [], next: null });
  }
});

test('a run without a step has none to tell, and a wrong query is told where it is wrong', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const http = httpOf(kit.runtime);
  const start = { team: 'QueueDesk', sessionId: 'ses_1' };
  await kit.runtime.start({ ...start, message: 'One' });
  const { id } = await kit.runtime.start({ ...start, message: 'Two' });
  const path = `/runs/${id}/revisions`;
  assert.deepEqual((await http('GET', path)).body, { run_id: id, revisions: [], next: null });
  const wrong = {
    '/after': ['after=-1', 'after=x', 'after=1.5', 'after=1e99', 'after=1&after=2'],
    '/limit': ['limit=0', 'limit=201', 'limit=', 'limit=x'],
    '/before': ['before=3'],
  };
  for (const [pointer, queries] of Object.entries(wrong)) {
    for (const query of queries) {
      const { status, body } = await http('GET', `${path}?${query}`);
      const [error] = Object(body['errors']);
      assert.deepEqual([status, error?.pointer], [422, pointer], query);
    }
  }
});

test('both charts are told with the places of what is in them, and no other', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const http = httpOf(kit.runtime);
  for (const [kind, own] of [
    ['agent', 'agent'],
    ['tool_call', 'toolCall'],
  ] as const) {
    const { body } = await http('GET', `/charts/${kind}`);
    assert.deepEqual(body, { ...chartOf(own), kind });
  }
  for (const kind of ['toolCall', 'pie', 'Agent']) {
    const { status, body } = await http('GET', `/charts/${kind}`);
    assert.deepEqual([status, body['code']], [404, 'chart_not_found']);
    assert.match(String(body['detail']), /There is: agent, tool_call\.$/);
  }
});
