/** Cancelling: whatever the run waits for, at any depth, for good, and with a result for each call. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type Answer, RequestError } from '../../../src/index.ts';
import { call, type ToolCallTurn, type Turn } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { openCalls, type PausingRuntime, pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

const options = [{ label: 'yes' }, { label: 'no' }];

const kinds: Readonly<Record<string, readonly [ToolCallTurn, Answer]>> = {
  input: [ask('k', 'city'), { city: 'Rome' }],
  choices: [
    call('ask_user', { questions: [{ question: 'Sure?', options }] }, 'k'),
    { question_1: 'no' },
  ],
  'values of a tool': [call('book', { guests: 2 }, 'k'), { name: 'Ada' }],
  approval: [call('send', { to: 'Ada' }, 'k'), { approved: true }],
  'another system': [call('fax', { text: 'hi' }, 'k'), { result: 'sent' }],
  'a tool in the middle': [call('transfer', { amount: 5 }, 'k'), { code: 'new' }],
  'a question with a deadline': [call('vote', { topic: 'tea' }, 'k'), { approved: true }],
};

/** Scripts in which one agent makes a call, and those above it delegate. */
function scriptsFor(agent: string, turn: readonly ToolCallTurn[]): Record<string, readonly Turn[]> {
  const below = { Desk: 'Desk', A: 'A', D: 'Inner' }[agent] ?? '';
  const leads = (one: string): readonly ToolCallTurn[] =>
    one === agent ? turn : [delegate(`to_${one}`, one === 'Desk' ? below : 'D')];
  // The second message of the session is answered at once.
  const once: Turn = (request) =>
    request.messages.at(-1)?.content === 'Next' ? 'next' : leads('Desk');
  return {
    Desk: [once, 'done'],
    A: [turn, 'A RESULT'],
    Inner: [leads('Inner'), 'x'],
    D: [turn, 'D'],
  };
}

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

/** Every call of the file has a result, and the session takes another message. */
async function isUsable(kit: PausingRuntime, sessionId: string): Promise<void> {
  const db = new Database(kit.db, { readonly: true });
  const open = `
    SELECT (SELECT count(*) FROM tool_call WHERE result IS NULL)
      + (SELECT count(*) FROM question WHERE status = 'open')
      + (SELECT count(*) FROM effect WHERE status IN ('pending','running','unknown'))`;
  assert.equal(db.prepare(open).pluck().get(), 0);
  db.close();
  const next = await kit.runtime.start({ message: 'Next', sessionId });
  assert.equal(next.status === 'completed' && next.content, 'next');
  const [, calls, ...rest] = lastRequest(kit.model, 'Desk');
  assert.match(calls ?? '', /^assistant\[/, 'the cancelled turn is part of the conversation');
  const stopped = /^tool\[.*\]: The run was stopped before this call had a result\.$/;
  assert.ok(rest.slice(0, -1).every((line) => stopped.test(line)));
  assert.equal(rest.at(-1), 'user: Next');
}

for (const [kind, [turn, answer]] of Object.entries(kinds)) {
  test(`a run that waits for ${kind} is cancelled at every depth`, async (t) => {
    for (const agent of ['Desk', 'A', 'D']) {
      const kit = await pausingRuntime(t, scriptsFor(agent, [turn]));
      const run = await kit.runtime.start({ message: 'Work' });
      const question = questionOf(run, 'k');
      const runtime = await kit.reopen();
      assert.equal((await runtime.cancel(run.id)).status, 'cancelled');
      assert.equal((await runtime.cancel(run.id)).status, 'cancelled', 'twice is once');
      const late = (values: Answer) => runtime.resume(run.id, { [question.id]: values });
      await assert.rejects(late(answer), refusal('run_finished'));
      await assert.rejects(late({ approved: false }), refusal('run_finished'));
      assert.equal((await (await kit.reopen()).get(run.id)).status, 'cancelled');
      await isUsable(kit, run.sessionId);
      assert.deepEqual(kit.written, []);
    }
  });
}

test('a run whose tool may or may not have run is cancelled, and the tool does not run', async (t) => {
  const began = Promise.withResolvers<void>();
  const die = () => {
    began.resolve();
    return sleep(60_000, undefined, { ref: false });
  };
  const turn = [call('risky', { what: 'work' }, 'k')];
  const kit = await pausingRuntime(t, scriptsFor('A', turn), { tools: { die } });
  const cut = assert.rejects(kit.runtime.start({ message: 'Work', sessionId: 'ses_1' }));
  await began.promise;
  const runtime = await kit.reopen();
  await cut;
  const [question] = await runtime.questions({ sessionId: 'ses_1' });
  assert.equal(question?.reason, 'outcome_unknown');
  await runtime.cancel(question.runId);
  const again = { [question.id]: { outcome: 'run_it_again' } };
  await assert.rejects(runtime.resume(question.runId, again), refusal('run_finished'));
  await isUsable(kit, 'ses_1');
  assert.deepEqual(kit.written, ['risky work']);
});

for (const agent of ['Desk', 'A', 'D']) {
  test(`a tool of ${agent} that works is told to stop when its run is cancelled`, async (t) => {
    const turn = [call('slow', {}, 'w'), call('send', { to: 'Ada' }, 's')];
    const kit = await pausingRuntime(t, scriptsFor(agent, turn));
    const started = kit.runtime.start({ message: 'Work', sessionId: 'ses_1' });
    while (kit.written.length === 0) await sleep(5);
    const [question] = await kit.runtime.questions({ sessionId: 'ses_1' });
    const { runId = '' } = question ?? {};
    assert.deepEqual(openCalls(await kit.runtime.get(runId)), ['s'], 'the sibling asks already');
    assert.equal((await kit.runtime.cancel(runId)).status, 'cancelled');
    assert.equal((await started).status, 'cancelled', 'whoever waited is told');
    assert.deepEqual(kit.written, ['slow began', 'slow was told to stop']);
    await isUsable(kit, 'ses_1');
    assert.deepEqual(kit.reported, []);
  });
}

test('a model that is asked is not waited for when the run is cancelled', async (t) => {
  const asked = Promise.withResolvers<void>();
  const never: Turn = () => {
    asked.resolve();
    return new Promise<never>(() => undefined);
  };
  const kit = await pausingRuntime(t, { Desk: [[delegate('c1', 'A')]], A: [never] });
  const started = kit.runtime.start({ message: 'Work', sessionId: 'ses_1' });
  await asked.promise;
  const busy = kit.runtime.start({ message: 'More', sessionId: 'ses_1' });
  await assert.rejects(busy, refusal('run_busy'));
  const db = new Database(kit.db, { readonly: true });
  const runId = db.prepare('SELECT id FROM run').pluck().get();
  db.close();
  assert.equal((await kit.runtime.cancel(String(runId))).status, 'cancelled');
  assert.equal((await started).status, 'cancelled');
});

test('an answer and a cancellation at the same moment leave a run that is one or the other', async (t) => {
  const times = 16;
  const kit = await pausingRuntime(t, scriptsFor('Desk', [call('send', { to: 'Ada' }, 'k')]));
  let sent = 0;
  for (let n = 0; n < times; n += 1) {
    const run = await kit.runtime.start({ message: 'Work' });
    const answers = { [questionOf(run, 'k').id]: { approved: true } };
    const both = [() => kit.runtime.resume(run.id, answers), () => kit.runtime.cancel(run.id)];
    await Promise.allSettled((n % 2 === 0 ? both : both.reverse()).map((one) => one()));
    const { status } = await kit.runtime.get(run.id);
    assert.ok(status === 'completed' || status === 'cancelled', status);
    if (status === 'completed') sent += 1;
  }
  assert.ok(kit.written.length >= sent && kit.written.length <= times);
});

test('a nested run with open questions of several kinds is cancelled by a fresh process', async (t) => {
  const turn = Object.values(kinds).map(([one], index) => ({ ...one, id: `k${index}` }));
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    agents: scriptsFor('D', turn),
  });
  const run = await client.chat('Work');
  assert.equal(run.questions?.length, turn.length);
  const cancelled = await client.post(`/runs/${run.run_id}/cancel`, {});
  assert.deepEqual([cancelled.status, cancelled.body.status], [200, 'cancelled']);
  const id = run.questions?.[3]?.id ?? '';
  const answers = { [id]: { approved: true } };
  const late = await client.post('/resume', { run_id: run.run_id, answers });
  assert.deepEqual([late.status, late.body.code], [409, 'run_finished']);
  const next = await client.post('/chat', { message: 'Next', session_id: run.session_id });
  assert.equal(next.body.final_content, 'next');
  assert.deepEqual(client.witness(), []);
});
