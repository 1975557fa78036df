/** The rules of AG-UI's interrupts, one by one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../src/testing/index.ts';
import {
  aguiDesk,
  asking,
  both,
  joinThread,
  latest,
  onlyInterrupt,
  resolved,
} from '../kit/agui.ts';
import { ask } from '../kit/turns.ts';

test('a payload that does not fit is told of, and the right one goes on', async (t) => {
  const { url } = await aguiDesk(t, asking);
  const thread = joinThread(url, 'ses_1');
  const interrupt = onlyInterrupt(await thread.say('Trip'));
  const refused = await thread.resume(resolved(interrupt, { city: 7 }));
  assert.equal(refused.last['code'], 'answer_invalid');
  assert.match(String(refused.last['message']), /city/);
  const done = await thread.resume(resolved(interrupt, { city: 'Rome' }));
  assert.deepEqual(done.last['outcome'], { type: 'success' });
});

test('one resume answers all open interrupts, or none', async (t) => {
  const { kit, url } = await aguiDesk(t, both);
  const thread = joinThread(url, 'ses_1');
  const { interrupts } = await thread.say('Trip');
  const first = interrupts.find(({ metadata }) => metadata['asked_by'] === 'Desk/A');
  assert.ok(first);
  // The clients refuse to send this themselves.
  const sent = async (resume: object[]) => {
    const messages: object[] = [];
    const body = { threadId: 'ses_1', runId: 'r', messages, tools: [], context: [], resume };
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.text();
  };
  const partial = await sent([resolved(first, { city: 'Rome' })]);
  assert.match(partial, /"type":"RUN_ERROR".*Answer all.*"code":"answer_invalid"/);
  const unknown = { interruptId: 'q_none', status: 'resolved', payload: {} };
  assert.match(await sent([unknown]), /"type":"RUN_ERROR".*"code":"question_not_found"/);
  const twice = interrupts.flatMap((one) => [resolved(one, {}), resolved(one, {})]);
  assert.match(await sent(twice), /"type":"RUN_ERROR".*"code":"answer_ambiguous"/);
  const said = { id: 'u9', role: 'user', content: 'Never mind' };
  const more = { threadId: 'ses_1', runId: 'r', messages: [said], tools: [], context: [] };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(more),
  });
  assert.match(await response.text(), /"type":"RUN_ERROR".*"code":"run_paused"/);
  const { status } = await latest(kit);
  assert.equal(status, 'input_required');
  assert.equal((await kit.runtime.questions({ status: 'open' })).length, 2);
});

test('the same resume again changes nothing and ends alike, and another one is refused', async (t) => {
  const { kit, url } = await aguiDesk(t, asking);
  const interrupt = onlyInterrupt(await joinThread(url, 'ses_1').say('Trip'));
  const ends = [];
  for (let n = 0; n < 3; n += 1) {
    const { last } = await joinThread(url, 'ses_1').resume(resolved(interrupt, { city: 'Rome' }));
    ends.push(last['result']);
  }
  assert.deepEqual(ends, [ends[0], ends[0], ends[0]]);
  assert.equal(kit.model.requests.length, 4, 'each model call was made once');
  const left = { interruptId: interrupt.id, status: 'cancelled' } as const;
  for (const other of [resolved(interrupt, { city: 'Oslo' }), left]) {
    const { last } = await joinThread(url, 'ses_1').resume(other);
    assert.equal(last['code'], 'answer_conflict');
  }
});

test('whoever comes back too late is told, and gets past it by walking away', async (t) => {
  const scripts = { Desk: [[call('vote', { topic: 'tea' }, 'v')], [ask('g', 'city')], 'done'] };
  const { kit, url } = await aguiDesk(t, scripts, 300);
  const thread = joinThread(url, 'ses_1');
  const interrupt = onlyInterrupt(await thread.say('Vote'));
  assert.ok(interrupt.expiresAt);
  while ((await kit.runtime.questions({ status: 'open' }))[0]?.toolCallId !== 'g') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const late = await joinThread(url, 'ses_1').resume(resolved(interrupt, { approved: true }));
  assert.equal(late.last['code'], 'question_expired');
  const entry = { interruptId: interrupt.id, status: 'cancelled' } as const;
  const past = await joinThread(url, 'ses_1').resume(entry);
  assert.equal(onlyInterrupt(past).metadata['tool_call_id'], 'g');
  assert.deepEqual(kit.written, []);
});

test('walking away from a question declines it, and the team goes on with the other answers', async (t) => {
  const { kit, url } = await aguiDesk(t, {
    Desk: [[call('send', { to: 'Ada' }, 's'), ask('g', 'city'), ask('h', 'day')], 'done'],
  });
  const thread = joinThread(url, 'ses_1');
  const { interrupts } = await thread.say('Send');
  const entries = interrupts.map((one) =>
    one.metadata['tool_call_id'] === 'h'
      ? resolved(one, { day: 'Monday' })
      : ({ interruptId: one.id, status: 'cancelled' } as const),
  );
  const end = await thread.resume(...entries);
  assert.deepEqual(end.last['outcome'], { type: 'success' });
  const declined = 'The person declined.';
  assert.deepEqual(kit.results(), { s: declined, g: declined, h: '{"day":"Monday"}' });
  assert.deepEqual(kit.written, []);
  const repeated = await joinThread(url, 'ses_1').resume(...entries);
  assert.deepEqual(repeated.last['outcome'], { type: 'success' });
});

test('a team that is not served, and a thread where nothing was said, are told of', async (t) => {
  const { url } = await aguiDesk(t, {});
  const nothing = await joinThread(url, 'ses_1').run();
  assert.equal(nothing.last['code'], 'message_invalid');
  await assert.rejects(joinThread(`${url}x`, 'ses_1').say('Hello'), /404/);
});
