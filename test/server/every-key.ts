/** Requests with keys and answers by token that bring about every answer of the contract to them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from '../../server/app.ts';
import type { OpenQuestion, Runtime } from '../../src/index.ts';
import { ask } from '../kit/contract.ts';
import { type PausingRuntime, questionOf } from '../kit/pauses.ts';

export const json = { 'content-type': 'application/json' };

/** Keys that are none, that came with another request, and whose request is not answered yet. */
export async function keys({ runtime }: PausingRuntime): Promise<void> {
  const app = createApp(runtime);
  const send = async (path: string, key: string, body: unknown) => {
    const headers = { ...json, 'idempotency-key': key };
    return (await ask(app, 'POST', path, { headers, body: JSON.stringify(body) })).body.code;
  };
  const run = await runtime.start({ message: 'Work', sessionId: 'ses_keys' });
  const answers = { [questionOf(run, 'g1').id]: { city: 'Rome' } };
  const requests: readonly [string, object][] = [
    ['/chat', { message: 'Work' }],
    ['/resume', { run_id: run.id, answers }],
    [`/runs/${run.id}/cancel`, {}],
  ];
  for (const [path, body] of requests) {
    assert.equal(await send(path, 'short', body), 'idempotency_key_invalid');
    const both = await Promise.all([send(path, 'key-12345', body), send(path, 'key-12345', body)]);
    assert.deepEqual(both, [undefined, 'request_in_progress']);
    assert.equal(await send(path, 'key-12345', { ...body, x: 1 }), 'idempotency_key_reused');
  }
}

/** What comes of answering a question by a token. */
export async function answerBy(runtime: Runtime, token: string, answer: object): Promise<string> {
  const sent = { headers: json, body: JSON.stringify({ token, answer }) };
  const { status, body } = await ask(createApp(runtime), 'POST', '/answer', sent);
  return body.code ?? `${status}`;
}

/** A token that outlives its question. */
export async function tokenFor(runtime: Runtime, question: OpenQuestion | { id: string }) {
  const expiresAt = new Date(Date.now() + 3_600_000);
  return (await runtime.createAnswerToken(question.id, { expiresAt })).token;
}

/** Tokens that answer, and that do not. */
export async function tokens({ runtime }: PausingRuntime): Promise<void> {
  const run = await runtime.start({ message: 'Work', sessionId: 'ses_tokens' });
  const of = (callId: string) => tokenFor(runtime, questionOf(run, callId));
  const [s, again, v, p, g1] = [
    await of('s'),
    await of('s'),
    await of('v'),
    await of('p'),
    await of('g1'),
  ];
  const sent = { headers: json, body: JSON.stringify({ token: s }) };
  assert.equal((await ask(createApp(runtime), 'POST', '/answer/question', sent)).status, 200);
  const yes = { approved: true };
  assert.equal(await answerBy(runtime, s, { approved: 'perhaps' }), 'answer_invalid');
  assert.equal(await answerBy(runtime, s, yes), '200');
  assert.equal(await answerBy(runtime, s, yes), 'token_invalid');
  assert.equal(await answerBy(runtime, again, { approved: false }), 'token_invalid');
  assert.equal(await answerBy(runtime, p, yes), 'not_allowed');
  while ((await runtime.questions({ runId: run.id, status: 'expired' })).length === 0) {
    await sleep(50);
  }
  assert.equal(await answerBy(runtime, v, yes), 'token_invalid');
  await runtime.cancel(run.id);
  assert.equal(await answerBy(runtime, g1, { city: 'Rome' }), 'token_invalid');
}
