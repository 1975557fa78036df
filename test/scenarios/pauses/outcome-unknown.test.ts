/** A process that dies inside a tool: nobody can know, so the person is asked. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { pausingRuntime, questionOf, resultsIn } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import type { WireBody, WireQuestion } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';

interface Inbox {
  readonly questions: readonly (WireQuestion & { readonly run_id: string })[];
}

/** A member's tool kills the process; the next process asks what happened. */
async function afterTheCrash(t: TestContext) {
  const client = await freshClient(t, {
    team: 'test/teams/pauses.ts',
    dies: true,
    agents: {
      Desk: [[delegate('c1', 'A'), call('send', { to: 'Ada' }, 's')], 'done'],
      A: [[call('risky', { what: 'work' }, 'r')], 'A RESULT'],
    },
  });
  await assert.rejects(client.post('/chat', { message: 'Work' }), 'the process died');
  assert.deepEqual(client.witness(), ['risky work']);
  const { body } = await client.send<Inbox>('GET', '/questions');
  const unknown = body.questions.find(({ reason }) => reason === 'outcome_unknown');
  assert.equal(unknown?.asked_by, 'Desk/A');
  assert.equal(unknown.tool_name, 'risky');
  assert.equal(unknown.arguments, '{"what":"work"}');
  assert.equal(body.questions.length, 2, 'the question of the sibling is still open');
  assert.deepEqual(client.witness(), ['risky work'], 'it is not run again in silence');
  const send = body.questions.find(({ reason }) => reason === 'approval')?.id ?? '';
  const answer = (values: Record<string, unknown>): Promise<WireBody> =>
    client.resume(unknown.run_id, { [unknown.id]: values, [send]: { approved: true } });
  return { client, answer, result: () => resultsIn(lastRequest(client.model, 'A'))['r'] };
}

test('"it happened" takes the result from the person, and the tool does not run', async (t) => {
  const { client, answer, result } = await afterTheCrash(t);
  const end = await answer({ outcome: 'it_happened', result: 'It was done at nine.' });
  assert.equal(end.final_content, 'done');
  assert.equal(result(), 'It was done at nine.');
  assert.deepEqual(client.witness(), ['risky work', 'send Ada']);
});

test('"run it again" runs the tool once more', async (t) => {
  const { client, answer, result } = await afterTheCrash(t);
  const end = await answer({ outcome: 'run_it_again' });
  assert.equal(end.final_content, 'done');
  assert.equal(result(), 'did work');
  assert.deepEqual(client.witness().sort(), ['risky work', 'risky work', 'send Ada']);
});

test('"give up" tells the model, and the tool does not run', async (t) => {
  const { client, answer, result } = await afterTheCrash(t);
  const end = await answer({ outcome: 'give_up' });
  assert.equal(end.final_content, 'done');
  assert.match(result() ?? '', /chose not to run it again/);
  assert.deepEqual(client.witness(), ['risky work', 'send Ada']);
});

test('what was approved with other arguments is asked about, and told, with those', async (t) => {
  const began = Promise.withResolvers<void>();
  const die = () => {
    began.resolve();
    return sleep(60_000, undefined, { ref: false });
  };
  const turn = [call('pay', { amount: 500, to: 'Bob' }, 'p')];
  const kit = await pausingRuntime(t, { Desk: [turn, 'done'] }, { tools: { die } });
  const run = await kit.runtime.start({ message: 'Pay' });
  const approval = { approved: true, arguments: { amount: 120, to: 'Bob' } };
  const cut = assert.rejects(kit.runtime.resume(run.id, { [questionOf(run, 'p').id]: approval }));
  await began.promise;
  const runtime = await kit.reopen();
  await cut;
  const paused = await runtime.resume(run.id, {});
  const { id, prompt } = questionOf(paused, 'p');
  assert.match(prompt, /^"pay" was begun with the arguments \{"amount":120,"to":"Bob"\} before/);
  await runtime.resume(run.id, { [id]: { outcome: 'it_happened', result: 'It was paid.' } });
  assert.deepEqual(kit.results(), {
    p: 'The person changed the arguments to {"amount":120,"to":"Bob"}. It was paid.',
  });
  assert.deepEqual(kit.written, ['pay 120 Bob']);
});
