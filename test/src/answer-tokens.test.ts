/** Answer tokens: each answers one question, once, without any other authentication. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError, type RuntimeOptions } from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { settled } from '../kit/team-run.ts';

const asks: readonly Turn[] = [
  [call('send', { to: 'Ada' }, 's'), call('vote', { topic: 'tea' }, 'v')],
  'done',
];

async function paused(t: TestContext, options: Omit<Partial<RuntimeOptions>, 'teams'> = {}) {
  const kit = await pausingRuntime(
    t,
    { Desk: asks },
    { ...options, tools: { deadlineMs: 60_000 } },
  );
  const ann = kit.runtime.as({ tenantId: 'acme', userId: 'ann' });
  const run = await ann.start({ message: 'Work' });
  return { kit, ann, run, send: questionOf(run, 's'), vote: questionOf(run, 'v') };
}

const refusal = (code: string) => (error: unknown) =>
  error instanceof RequestError && error.code === code;

const yes = { approved: true };

test('a token answers its question once, also after a restart', async (t) => {
  const { kit, ann, run, send } = await paused(t);
  const { token } = await ann.createAnswerToken(send.id);
  assert.match(token, /^[A-Za-z0-9_-]{43}$/, '256 bits');
  const runtime = await kit.reopen();
  assert.equal((await runtime.questionByToken(token)).id, send.id);
  const answered = await runtime.answerByToken(token, yes);
  assert.deepEqual([answered.status, answered.answer], ['answered', yes]);
  await assert.rejects(runtime.answerByToken(token, yes), refusal('token_invalid'));
  await assert.rejects(runtime.questionByToken(token), refusal('token_invalid'));
  const later = await runtime.as({ tenantId: 'acme' }).resume(run.id, {});
  assert.equal(later.status, 'input_required', 'the other question is still open');
  assert.deepEqual(kit.written, ['send Ada']);
});

test('the run goes on by itself once a token has answered its last question', async (t) => {
  const { kit, ann, run, send, vote } = await paused(t);
  for (const { id } of [send, vote]) {
    const { token } = await ann.createAnswerToken(id);
    await kit.runtime.answerByToken(token, yes);
  }
  assert.equal((await settled(ann, run.id)).status, 'completed');
});

test('an answer that is refused leaves the token good', async (t) => {
  const { kit, ann, send } = await paused(t);
  const { token } = await ann.createAnswerToken(send.id);
  const wrong = kit.runtime.answerByToken(token, { approved: 'perhaps' });
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof RequestError && error.code === 'answer_invalid');
    assert.deepEqual(
      error.errors.map(({ pointer }) => pointer),
      ['/approved'],
    );
    return true;
  });
  assert.equal((await kit.runtime.answerByToken(token, yes)).status, 'answered');
});

test('of many who answer with one token at once, one does', async (t) => {
  const { kit, ann, send } = await paused(t);
  const { token } = await ann.createAnswerToken(send.id);
  const all = await Promise.allSettled(
    Array.from({ length: 50 }, (_, index) =>
      kit.runtime.answerByToken(token, { approved: true, note: String(index) }),
    ),
  );
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const one of all) {
    if (one.status === 'rejected') assert.ok(refusal('token_invalid')(one.reason), one.reason);
  }
  await settled(ann, send.runId);
  assert.deepEqual(kit.written, ['send Ada']);
});

test('unknown, spent and expired tokens are refused in the same words', async (t) => {
  const { kit, ann, send, vote } = await paused(t);
  const spent = await ann.createAnswerToken(send.id);
  await kit.runtime.answerByToken(spent.token, yes);
  const expired = await ann.createAnswerToken(vote.id, { expiresAt: new Date(Date.now() + 30) });
  await sleep(40);
  const said = await Promise.all(
    [spent.token, expired.token, 'x'.repeat(43), '', 'a\0b'].map((token) =>
      kit.runtime
        .answerByToken(token, yes)
        .then(String, (error) => `${error.code} ${error.message}`),
    ),
  );
  assert.equal(new Set(said).size, 1, said.join('\n'));
  assert.match(String(said[0]), /^token_invalid/);
});

test('a token expires with its question, or in a week', async (t) => {
  const { ann, send, vote } = await paused(t);
  assert.deepEqual((await ann.createAnswerToken(vote.id)).expiresAt, vote.expiresAt);
  const { expiresAt } = await ann.createAnswerToken(send.id);
  const days = (expiresAt.getTime() - Date.now()) / 86_400_000;
  assert.ok(days > 6.9 && days <= 7);
  for (const bad of [new Date(0), new Date(Number.NaN)]) {
    await assert.rejects(
      ann.createAnswerToken(send.id, { expiresAt: bad }),
      refusal('body_invalid'),
    );
  }
});

test('a token says who answers, and does not lead around mayAnswer', async (t) => {
  const { kit, ann, send } = await paused(t, { mayAnswer: (_, userId) => userId === 'bob' });
  const nobody = await ann.createAnswerToken(send.id);
  await assert.rejects(kit.runtime.answerByToken(nobody.token, yes), refusal('not_allowed'));
  const { token } = await ann.createAnswerToken(send.id, { userId: 'bob' });
  assert.equal((await kit.runtime.answerByToken(token, yes)).answeredBy, 'bob');
});

test('a closed question gets no token, and one that it has answers nothing', async (t) => {
  const { kit, ann, run, send } = await paused(t);
  const { token } = await ann.createAnswerToken(send.id);
  await ann.resume(run.id, { [send.id]: { approved: false } });
  await assert.rejects(ann.createAnswerToken(send.id), refusal('question_not_open'));
  await assert.rejects(kit.runtime.answerByToken(token, yes), refusal('token_invalid'));
  await ann.cancel(run.id);
  await assert.rejects(kit.runtime.answerByToken(token, yes), refusal('token_invalid'));
  assert.deepEqual(kit.written, []);
});

test('a token tells nobody what was answered, and confirms no guess, once its question is closed', async (t) => {
  const { kit, ann, run, send, vote } = await paused(t);
  const bearers = ['ann', 'bob', 'cleo'];
  const made = await Promise.all(
    bearers.map((userId) => ann.createAnswerToken(send.id, { userId })),
  );
  const [anns = '', bobs = '', cleos = ''] = made.map(({ token }) => token);
  const { token: votes } = await ann.createAnswerToken(vote.id);
  const note = { approved: false, note: '4711' };
  const refused = async (token: string, answer: typeof note) => {
    await assert.rejects(kit.runtime.questionByToken(token), refusal('token_invalid'));
    await assert.rejects(kit.runtime.answerByToken(token, answer), refusal('token_invalid'));
  };
  // Both had the question before either had answered.
  const both = await Promise.allSettled([
    kit.runtime.answerByToken(anns, note),
    kit.runtime.answerByToken(bobs, note),
  ]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  for (const token of [anns, bobs, cleos]) {
    await refused(token, note);
    await refused(token, { ...note, note: '4712' });
  }
  await ann.cancel(run.id);
  await refused(votes, note);
});

test('a token itself is never written down', async (t) => {
  const { kit, ann, send } = await paused(t);
  const { token } = await ann.createAnswerToken(send.id);
  await kit.runtime.answerByToken(token, yes);
  for (const file of [kit.db, `${kit.db}-wal`]) {
    assert.equal(readFileSync(file).includes(token), false, file);
  }
});
