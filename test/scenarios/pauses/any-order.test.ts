/** Questions of every kind at once, from every depth, answered in any order and in any company. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import type { Answer, Run } from '../../../src/index.ts';
import { call, type Turn } from '../../../src/testing/index.ts';
import { askers, freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { openCalls, pausingRuntime, questionOf, resultsIn } from '../../kit/pauses.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';

const options = [{ label: 'yes' }, { label: 'no' }];

/** Three levels, six kinds; `t` asks twice, and after `u` its agent asks again. */
const agents: Record<string, readonly Turn[]> = {
  Desk: [[call('send', { to: 'Ada' }, 's'), delegate('c1', 'A'), delegate('c2', 'Inner')], 'done'],
  A: [[call('book', { guests: 2 }, 'b'), call('ship', { order: 'o1' }, 'x')], 'A RESULT'],
  Inner: [[call('pay', { amount: 500, to: 'Bob' }, 'p'), delegate('c3', 'D')], 'INNER RESULT'],
  D: [
    [call('transfer', { amount: 5 }, 't'), call('ask_user', asked(), 'u')],
    [ask('g', 'city')],
    'D RESULT',
  ],
};

function asked() {
  return { questions: [{ question: 'Sure?', options }] };
}

/** What is answered to each call, one entry for each time that it asks. */
const answers: Readonly<Record<string, readonly Answer[]>> = {
  s: [{ approved: true }],
  b: [{ name: 'Ada', seats: 'terrace' }],
  x: [{ result: { tracking: 't9', days: 3 } }],
  p: [{ approved: false, note: 'Too much.' }],
  t: [{ code: 'old' }, { code: 'new' }],
  u: [{ question_1: 'yes' }],
  g: [{ city: 'Rome' }],
};

const deeds = ['book 2 Ada terrace', 'send Ada', 'transfer 5 new'];

const results = {
  Desk: { s: 'sent to Ada', c1: 'A RESULT', c2: 'INNER RESULT' },
  A: { b: 'booked 2 for Ada, terrace', x: '{"tracking":"t9","days":3}' },
  Inner: { p: 'The person declined. Their note: Too much.', c3: 'D RESULT' },
  D: { t: 'transferred 5', u: '{"question_1":"yes"}', g: '{"city":"Rome"}' },
};

const first = ['b', 'p', 's', 't', 'u', 'x'];

/** Answers what is open, in the order and the groups that `choose` makes, until the run ends. */
async function answerAll(
  run: Run,
  choose: (open: readonly string[]) => readonly string[],
  resume: (runId: string, answers: Record<string, Answer>) => Promise<Run>,
): Promise<Run> {
  const times = new Map<string, number>();
  let now = run;
  for (let open = openCalls(now); open.length > 0; open = openCalls(now)) {
    const chosen = choose(open);
    const given = chosen.map((callId): [string, Answer] => {
      const time = times.get(callId) ?? 0;
      times.set(callId, time + 1);
      return [questionOf(now, callId).id, answers[callId]?.[time] ?? {}];
    });
    now = await resume(run.id, Object.fromEntries(given));
    const asksAgain = (callId: string) => (times.get(callId) ?? 0) < (answers[callId]?.length ?? 0);
    for (const callId of open) {
      const stays = !chosen.includes(callId) || asksAgain(callId);
      assert.equal(openCalls(now).includes(callId), stays, `${callId} after ${chosen}`);
    }
  }
  return now;
}

async function everyKind(t: TestContext) {
  const kit = await pausingRuntime(t, agents);
  const check = (end: Run) => {
    assert.equal(end.status === 'completed' && end.content, 'done');
    assert.deepEqual(kit.written.splice(0).sort(), deeds, 'everything was done once');
    for (const [agent, expected] of Object.entries(results)) {
      const lines = lastRequest(kit.model, agent);
      assert.deepEqual(resultsIn(lines), expected);
      const calls = lines.filter((line) => line.startsWith('tool['));
      const order = Object.keys(expected);
      assert.deepEqual(
        calls.map((line) => /\[(.*?)\]/.exec(line)?.[1]),
        order,
        'in call order',
      );
    }
  };
  return { kit, check };
}

test('questions of six kinds at three levels are answered in many orders, each by a new runtime', async (t) => {
  const { kit, check } = await everyKind(t);
  const order = fc.array(fc.nat({ max: 1_000 }), { minLength: 30, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(order, async (numbers) => {
      const run = await kit.runtime.start({ message: 'Work' });
      assert.deepEqual(openCalls(run), first);
      const next = () => numbers.pop() ?? 0;
      const choose = (open: readonly string[]) => {
        const some = open.filter(() => next() % 3 === 0);
        return some.length > 0 ? some : [open[next() % open.length] ?? ''];
      };
      const end = await answerAll(run, choose, async (runId, given) => {
        const runtime = next() % 2 === 0 ? await kit.reopen() : kit.runtime;
        const paused = await runtime.get(runId);
        assert.deepEqual(await runtime.resume(runId, {}), paused, 'no answer moves nothing');
        return runtime.resume(runId, given);
      });
      check(end);
    }),
    { numRuns: 12 },
  );
});

test('all at once, or one request for each question at the same moment, ends alike', async (t) => {
  const { kit, check } = await everyKind(t);
  const together = await kit.runtime.start({ message: 'Work' });
  check(
    await answerAll(
      together,
      (open) => open,
      (id, given) => kit.runtime.resume(id, given),
    ),
  );
  const apart = await kit.runtime.start({ message: 'Work' });
  const end = await answerAll(
    apart,
    (open) => open,
    async (id, given) => {
      const requests = Object.entries(given).map((one) =>
        kit.runtime.resume(id, Object.fromEntries([one])),
      );
      await Promise.all(requests);
      return kit.runtime.resume(id, {});
    },
  );
  check(end);
});

test('a nested team is answered from the bottom up, each request by a fresh process', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents });
  let run = await client.chat('Work');
  const all = run.questions ?? [];
  assert.equal(all.find(({ tool_call_id }) => tool_call_id === 't')?.asked_by, 'Desk/Inner/D');
  for (const [callIds, left] of [
    [
      ['t', 'x'],
      ['A', 'D', 'D', 'Desk', 'Inner'],
    ],
    [
      ['t', 'u'],
      ['A', 'D', 'Desk', 'Inner'],
    ],
    [
      ['g', 'p'],
      ['A', 'Desk'],
    ],
    [['b', 's'], []],
  ] as const) {
    const given = (run.questions ?? []).flatMap(({ id, tool_call_id: callId, prompt }) => {
      const time = callId === 't' && prompt.startsWith('That one is old') ? 1 : 0;
      return (callIds as readonly string[]).includes(callId) ? [[id, answers[callId]?.[time]]] : [];
    });
    assert.equal(given.length, callIds.length);
    run = await client.resume(run.run_id, Object.fromEntries(given));
    assert.deepEqual(askers(run), left, 'exactly what remains');
  }
  assert.equal(run.final_content, 'done');
  assert.deepEqual(client.witness().sort(), deeds);
  assert.deepEqual(resultsIn(lastRequest(client.model, 'Inner')), results.Inner);
});
