/**
 * Two hundred clients in two processes answer one question at once: of different answers one is taken,
 * equal ones are all taken for one.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { call } from '../../src/testing/index.ts';
import type { Asked, Told } from './answering-process.ts';
import { startApp } from './app.ts';
import { folderFor } from './folder.ts';
import { startStrictModel } from './strict-model.ts';
import { fetchRun, post } from './wire.ts';

const clients = 200;

/** A process that answers as many times as it is told to. */
function answering(t: TestContext) {
  const file = fileURLToPath(new URL('./answering-process.ts', import.meta.url));
  const child = fork(file, { execArgv: ['--conditions=cadenza-source'] });
  t.after(() => child.kill());
  return async (asked: Asked): Promise<Told> => {
    child.send(asked);
    const [told] = (await once(child, 'message')) as [Told];
    return told;
  };
}

/**
 * Lets them answer, round after round, alike in every second one, and checks that each round has one
 * answer and one continuation.
 */
export async function contest(t: TestContext, rounds: number): Promise<void> {
  const file = folderFor(t);
  const model = await startStrictModel({
    agents: { Desk: [[call('send', { to: 'Ada' }, 's')], 'done'] },
  });
  t.after(() => model.close());
  const env = { WITNESS: file('witness') };
  const app = await startApp({
    team: 'test/teams/pauses.ts',
    db: file('runs.db'),
    model: model.url,
    env,
  });
  t.after(() => app.kill());
  const processes = [answering(t), answering(t)];
  for (let round = 1; round <= rounds; round += 1) {
    const { body: run } = await post(app.url, '/chat', { message: 'Send' });
    const questionId = run.questions?.[0]?.id ?? '';
    const alike = round % 2 === 0;
    const asked = { url: app.url, runId: run.run_id, questionId, clients: clients / 2, alike };
    const told = (await Promise.all(processes.map((answer) => answer(asked)))).flat();
    const taken = told.filter((one) => one === '200');
    const refused = told.filter((one) => one === '409 answer_conflict');
    const expected = alike ? [clients, 0] : [1, clients - 1];
    assert.deepEqual([taken.length, refused.length], expected, String(new Set(told)));
    assert.equal((await fetchRun(app.url, run.run_id)).status, 'completed');
    const sent = readFileSync(file('witness'), 'utf8').trim().split('\n');
    assert.equal(sent.length, round, 'the tool ran once in each round');
    assert.equal(model.requests.length, 2 * round, 'and the model was called twice');
  }
  assert.deepEqual(model.refusals, []);
}
