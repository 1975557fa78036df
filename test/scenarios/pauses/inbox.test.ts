/** The questions of all runs: listed by page and filter, given to somebody, claimed, released. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError, type RuntimeOptions } from '../../../src/index.ts';
import { call, type Turn } from '../../../src/testing/index.ts';
import { freshClient } from '../../kit/fresh-client.ts';
import { httpOf } from '../../kit/local-http.ts';
import { pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import type { WireBody, WireQuestion } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';

interface Page {
  readonly questions: readonly WireQuestion[];
  readonly next: string | null;
}

const asks: readonly Turn[] = [
  [call('send', { to: 'Ada' }, 's'), call('vote', { topic: 'tea' }, 'v')],
  'done',
];

const agents = { Desk: [[delegate('c1', 'A')], 'done'], A: asks, QueueDesk: asks };

/** Two paused runs of two teams, each with two questions. */
async function twoRuns(t: TestContext, options: Omit<Partial<RuntimeOptions>, 'teams'> = {}) {
  const tools = { deadlineMs: 60_000 };
  const kit = await pausingRuntime(t, agents, { ...options, tools });
  const one = await kit.runtime.start({ message: 'One', sessionId: 'ses_1' });
  const two = await kit.runtime.start({ message: 'Two', sessionId: 'ses_2', team: 'QueueDesk' });
  return { kit, one, two, http: httpOf(kit.runtime) };
}

const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

test('the questions of all runs are listed by team, session, run, status and age', async (t) => {
  const { kit, one, two, http } = await twoRuns(t);
  const [s1, v1, s2, v2] = [
    questionOf(one, 's').id,
    questionOf(one, 'v').id,
    questionOf(two, 's').id,
    questionOf(two, 'v').id,
  ];
  const listed = async (query: string) =>
    idsOf((await http<Page>('GET', `/questions${query}`)).body.questions);
  assert.deepEqual(await listed(''), [s1, v1, s2, v2], 'oldest first');
  assert.deepEqual(await listed('?team=QueueDesk'), [s2, v2]);
  assert.deepEqual(await listed('?session_id=ses_1'), [s1, v1]);
  assert.deepEqual(await listed(`?run_id=${two.id}`), [s2, v2]);
  assert.deepEqual(await listed(`?run_id=${two.id}&session_id=ses_1`), [], 'all must hold');
  assert.deepEqual(await listed('?older_than_ms=60000'), []);
  await sleep(30);
  assert.deepEqual(await listed('?older_than_ms=20'), [s1, v1, s2, v2]);
  await kit.runtime.resume(one.id, { [s1]: { approved: true } });
  await kit.runtime.cancel(two.id);
  assert.deepEqual(await listed(''), [v1], 'only open ones, unless a status is named');
  assert.deepEqual(await listed('?status=answered'), [s1]);
  assert.deepEqual(await listed('?status=cancelled'), [s2, v2]);
  assert.deepEqual(await listed('?status=expired'), []);
  const runtime = await kit.reopen();
  assert.equal((await runtime.questions()).length, 4, 'a library is told of all');
  assert.deepEqual(idsOf(await runtime.questions({ status: 'open', olderThanMs: 0 })), [v1]);
});

test('questions are read page by page, also while some are closed meanwhile', async (t) => {
  const { kit, one, http } = await twoRuns(t);
  const page = (query: string) => http<Page>('GET', `/questions?limit=1${query}`);
  const seen: string[] = [];
  let { next, questions } = (await page('')).body;
  while (next !== null) {
    seen.push(...idsOf(questions));
    if (seen.length === 1) {
      await kit.runtime.resume(one.id, { [questionOf(one, 's').id]: { approved: true } });
    }
    ({ next, questions } = (await page(`&after=${next}`)).body);
  }
  assert.equal(seen.length, 4, 'none is left out and none comes twice');
  assert.equal(new Set(seen).size, 4);
  const unknown = await page('&after=q_other');
  assert.equal(unknown.status, 404, 'an unknown place does not begin again from the start');
  for (const query of ['&limit=0', '&limit=201', '&limit=x', '&older_than_ms=-1', '&colour=red']) {
    const { status } = await http('GET', `/questions?${query.slice(1)}`);
    assert.equal(status, 422, query);
  }
  assert.equal((await kit.runtime.questions({ limit: -1 })).length, 0);
});

test('a question is assigned, found by its assignee, and given to nobody again', async (t) => {
  const { kit, one, http } = await twoRuns(t);
  const { id } = questionOf(one, 's');
  const assign = (assignee: unknown) => http('POST', `/questions/${id}/assign`, { assignee });
  assert.equal((await assign('ada')).body['assignee'], 'ada');
  assert.deepEqual(idsOf(await kit.runtime.questions({ assignee: 'ada' })), [id]);
  const runtime = await kit.reopen();
  assert.deepEqual(idsOf(await runtime.questions({ assignee: 'ada' })), [id]);
  assert.equal((await runtime.assign(id, null)).assignee, undefined);
  assert.deepEqual(await runtime.questions({ assignee: 'ada' }), []);
  await assert.rejects(runtime.assign('q_other', 'ada'), refusal('question_not_found'));
  await runtime.resume(one.id, { [id]: { approved: true } });
  await assert.rejects(runtime.assign(id, 'ada'), refusal('question_not_open'));
  assert.equal((await assign(7)).status, 422);
});

test('of several who claim a question at once, one has it until it is released', async (t) => {
  const { kit, one, http } = await twoRuns(t);
  const { id } = questionOf(one, 's');
  const say = (what: 'claim' | 'release', user?: string) =>
    http<WireBody>('POST', `/questions/${id}/${what}`, undefined, user);
  const users = ['ada', 'bob', 'cyd', 'dee'];
  const claims = await Promise.all(users.map((user) => say('claim', user)));
  assert.deepEqual(claims.map(({ status }) => status).sort(), [200, 409, 409, 409]);
  const winner = users[claims.findIndex(({ status }) => status === 200)] ?? '';
  const other = users.find((user) => user !== winner) ?? '';
  assert.equal((await say('claim', winner)).status, 200, 'claiming again keeps it');
  assert.equal((await say('release', other)).body.code, 'question_claimed');
  const nobody = await say('claim');
  assert.deepEqual([nobody.status, nobody.body.code], [403, 'not_allowed']);
  const found = await http<Page>('GET', `/questions?claimed_by=${winner}`);
  assert.deepEqual(idsOf(found.body.questions), [id]);
  const runtime = await kit.reopen();
  assert.equal((await runtime.claim(id, winner)).claimedBy, winner, 'a restart frees nothing');
  assert.equal((await runtime.release(id, winner)).claimedBy, undefined);
  assert.equal((await runtime.claim(id, other)).claimedBy, other);
  await runtime.resume(one.id, { [id]: { approved: true } }, { userId: other });
  await assert.rejects(runtime.claim(id, winner), refusal('question_not_open'));
});

test('who may answer is decided by the server, and who answered is who the server knows', async (t) => {
  const { kit, one, http } = await twoRuns(t, {
    mayAnswer: ({ reason, assignee }, userId) => reason !== 'approval' || assignee === userId,
  });
  const [s, v] = [questionOf(one, 's').id, questionOf(one, 'v').id];
  await kit.runtime.assign(s, 'ada');
  const answers = { [s]: { approved: true } };
  const resume = (user: string | undefined, given: object, more: object = {}) =>
    http<WireBody>('POST', '/resume', { run_id: one.id, answers: given, ...more }, user);
  for (const user of ['bob', undefined]) {
    const refused = await resume(user, answers);
    assert.deepEqual([refused.status, refused.body.code], [403, 'not_allowed']);
  }
  const claim = await http<WireBody>('POST', `/questions/${s}/claim`, undefined, 'bob');
  assert.deepEqual([claim.status, claim.body.code], [403, 'not_allowed']);
  const both = await resume('ada', { ...answers, [v]: { approved: true } });
  assert.equal(both.status, 403, 'one that is not hers refuses all');
  assert.deepEqual(await kit.runtime.get(one.id).then(({ status }) => status), 'input_required');
  assert.deepEqual(kit.written, []);
  assert.equal((await resume('ada', answers, { answered_by: 'eve' })).status, 422);
  assert.equal((await resume('ada', { [s]: { approved: true, answered_by: 'eve' } })).status, 422);
  assert.equal((await resume('ada', answers)).status, 200);
  assert.deepEqual(kit.written, ['send Ada']);
  const [answered] = (await http<Page>('GET', '/questions?status=answered')).body.questions;
  assert.deepEqual([answered?.id, answered?.answered_by], [s, 'ada']);
  assert.deepEqual(answered?.answer, { approved: true });
});

test('the inbox is read, and a question assigned, by fresh processes', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents });
  const run = await client.chat('Work');
  const id = run.questions?.find(({ tool_call_id }) => tool_call_id === 's')?.id ?? '';
  const assigned = await client.post(`/questions/${id}/assign`, { assignee: 'ada' });
  assert.equal(assigned.status, 200);
  const { body } = await client.send<Page>('GET', '/questions?assignee=ada&team=Desk');
  assert.deepEqual(idsOf(body.questions), [id]);
  assert.equal(body.questions[0]?.asked_by, 'Desk/A');
  const claimed = await client.post(`/questions/${id}/claim`, {});
  assert.equal(claimed.status, 403, 'this server knows nobody');
});
