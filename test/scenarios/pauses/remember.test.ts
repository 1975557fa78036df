/** "Allow it for the rest of this session": said explicitly, listed, revoked, and nothing wider. */
import assert from 'node:assert/strict';
import { call } from '../../../src/testing/index.ts';
import { freshClient } from '../../kit/fresh-client.ts';
import { openCalls, pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

const pay = (id: string, amount = 500) => call('pay', { amount, to: 'Bob' }, id);

const agents = { Desk: [[pay('p')], 'done'] };

interface Approvals {
  readonly approvals: readonly { id: string; agent: string; tool: string; created_at: string }[];
}

test('an approval that is remembered holds in its session until it is revoked', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents });
  const first = await client.chat('Pay');
  const session = first.session_id;
  const chat = (session_id: unknown) => client.post('/chat', { message: 'Again', session_id });
  const id = first.questions?.[0]?.id ?? '';
  await client.resume(first.run_id, { [id]: { approved: true, remember: true } });
  assert.equal((await chat(session)).body.status, 'completed', 'nobody is asked');
  const listed = await client.send<Approvals>('GET', `/sessions/${session}/approvals`);
  const [approval, ...others] = listed.body.approvals;
  assert.deepEqual([approval?.agent, approval?.tool, others], ['Desk', 'pay', []]);
  const revoked = await client.send('DELETE', `/approvals/${approval?.id}`);
  assert.equal(revoked.status, 200);
  assert.equal((await chat(session)).body.status, 'input_required', 'the next one asks again');
  const gone = await client.send('DELETE', `/approvals/${approval?.id}`);
  assert.deepEqual([gone.status, gone.body.code], [404, 'approval_not_found']);
  assert.deepEqual(client.witness(), ['pay 500 Bob', 'pay 500 Bob']);
});

test('remembering one call decides none of the calls that are open already', async (t) => {
  const kit = await pausingRuntime(t, {
    Desk: [[pay('p1'), pay('p2', 600)], [pay('p3', 700)], 'done'],
  });
  const run = await kit.runtime.start({ message: 'Pay', sessionId: 'ses_1' });
  const remembered = { approved: true, remember: true };
  const half = await kit.runtime.resume(run.id, { [questionOf(run, 'p1').id]: remembered });
  assert.deepEqual(openCalls(half), ['p2']);
  assert.deepEqual(kit.written, ['pay 500 Bob']);
  const end = await kit.runtime.resume(run.id, { [questionOf(run, 'p2').id]: remembered });
  assert.equal(end.status, 'completed', 'a later call of the run is allowed');
  const [one, ...rest] = await kit.runtime.rememberedApprovals('ses_1');
  assert.equal(rest.length, 0, 'said twice, it is one permission to revoke');
  assert.equal(await kit.runtime.forgetApproval(one?.id ?? ''), true);
  const next = await kit.runtime.start({ message: 'Pay', sessionId: 'ses_1' });
  assert.equal(openCalls(next).length, 2, 'once revoked, each is asked again');
});

test('what is remembered holds for one tool of one agent, and only if it was approved', async (t) => {
  const script = [[pay('p'), call('send', { to: 'Ada' }, 's')], 'reported'];
  const kit = await pausingRuntime(t, {
    Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
    A: script,
    B: [[pay('q')], 'reported'],
  });
  const run = await kit.runtime.start({ message: 'Pay', sessionId: 'ses_1' });
  await kit.runtime.resume(run.id, {
    [questionOf(run, 'p').id]: { approved: true, remember: true },
    [questionOf(run, 's').id]: { approved: true },
    [questionOf(run, 'q').id]: { approved: false, remember: true },
  });
  const [remembered, ...rest] = await kit.runtime.rememberedApprovals('ses_1');
  assert.deepEqual([remembered?.agent, remembered?.tool, rest], ['Desk/A', 'pay', []]);
  const later = await kit.reopen();
  const next = await later.start({ message: 'Pay', sessionId: 'ses_1' });
  assert.deepEqual(openCalls(next), ['q', 's']);
  const elsewhere = await later.start({ message: 'Pay', sessionId: 'ses_2' });
  assert.deepEqual(openCalls(elsewhere), ['p', 'q', 's'], 'in another session it holds not');
});
