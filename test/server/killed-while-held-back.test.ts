/** A run that was answered and waits for a place, in a process that is killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Turn } from '../../src/testing/index.ts';
import { effectsIn, until } from '../kit/retries.ts';
import { served } from '../kit/served.ts';
import { ask } from '../kit/turns.ts';
import { post, request } from '../kit/wire.ts';

test('a killed server loses no run that waits for a place, and does not begin it before its turn', async (t) => {
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const last: Turn = async ({ messages }) => {
    const who = String(messages.find(({ role }) => role === 'user')?.content);
    asked.push(who);
    await gate.promise;
    return `done ${who}`;
  };
  t.after(() => gate.resolve());
  const env = { CADENZA_RUNS_AT_ONCE: '1' };
  const { app, db, again } = await served(t, { agents: { Desk: [[ask('q', 'city')], last] }, env });
  const answers: object[] = [];
  for (const message of ['One', 'Two']) {
    const { body } = await post(app.url, '/chat', { message });
    const id = body.questions?.[0]?.id ?? '';
    answers.push({ run_id: body.run_id, answers: { [id]: { city: 'Rome' } } });
  }
  const runId = Object(answers[1]).run_id;
  const isHeldBack = (url: string) =>
    until(async () => {
      const { body } = await request<{ sentence: string }>(url, 'GET', `/runs/${runId}/explain`);
      return body.sentence.startsWith('The run waits for its turn') || undefined;
    });
  const cut = answers.map((body, index) =>
    until(() => index === 0 || asked.length > 0 || undefined).then(() =>
      assert.rejects(post(app.url, '/resume', body)),
    ),
  );
  await isHeldBack(app.url);
  await app.kill();
  await Promise.all(cut);
  const next = await again();
  await isHeldBack(next.url);
  await until(() => asked.length === 2 || undefined);
  assert.deepEqual(asked, ['One', 'One']);
  const ends = answers.map((body) => post(next.url, '/resume', body));
  gate.resolve();
  const contents = (await Promise.all(ends)).map(({ body }) => body.final_content);
  assert.deepEqual(contents, ['done One', 'done Two']);
  assert.deepEqual(asked, ['One', 'One', 'Two']);
  const attempts = effectsIn(db).map(({ status, attempt }) => `${status} ${attempt}`);
  assert.deepEqual(attempts.sort(), ['done 1', 'done 1', 'done 1', 'done 2']);
});
