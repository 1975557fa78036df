/** Tenants: they never meet, whatever ids they share, and nothing tells one of another. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Notice,
  RequestError,
  type RuntimeOptions,
  type TenantRuntime,
} from '../../src/index.ts';
import { call, type Turn } from '../../src/testing/index.ts';
import { until } from '../kit/asking.ts';
import { lastRequest } from '../kit/fresh-client.ts';
import { pausingRuntime, questionOf } from '../kit/pauses.ts';
import { testRuntime } from '../kit/runtime.ts';
import { contentOf } from '../kit/team-run.ts';
import { sessionTeams } from '../teams/sessions.ts';

const pays: readonly Turn[] = [[call('pay', { amount: 500, to: 'Bob' }, 'p')], 'done'];
const agents = { Desk: pays, QueueDesk: pays, CancelDesk: pays };

async function twoTenants(t: TestContext, options: Omit<Partial<RuntimeOptions>, 'teams'> = {}) {
  const kit = await pausingRuntime(t, agents, options);
  const as = (tenantId: string) => kit.runtime.as({ tenantId });
  return { kit, as, ann: as('acme'), bob: as('globex') };
}

const start = (runtime: TenantRuntime, team = 'Desk') =>
  runtime.start({ message: 'Pay', sessionId: 'ses_1', team });

const yes = { approved: true, remember: true };

for (const team of ['Desk', 'QueueDesk', 'CancelDesk']) {
  test(`a session of one tenant does not keep ${team} from another one's of the same name`, async (t) => {
    const { ann, bob, kit } = await twoTenants(t);
    const [one, two, three] = [
      await start(ann, team),
      await start(bob, team),
      await start(kit.runtime, team),
    ];
    for (const run of [one, two, three]) assert.equal(run.status, 'input_required');
    assert.deepEqual([one.tenantId, two.tenantId, three.tenantId], ['acme', 'globex', 'default']);
    assert.equal((await ann.get(one.id)).status, 'input_required', 'nobody else cancelled it');
  });
}

test('what one tenant remembers for a session, another one is asked about', async (t) => {
  const { ann, bob } = await twoTenants(t);
  const one = await start(ann);
  await ann.resume(one.id, { [questionOf(one, 'p').id]: yes });
  assert.equal((await start(ann)).status, 'completed', 'nobody is asked');
  const two = await start(bob);
  assert.equal(two.status, 'input_required');
  assert.deepEqual(await bob.rememberedApprovals('ses_1'), []);
  const [remembered] = await ann.rememberedApprovals('ses_1');
  assert.equal(await bob.forgetApproval(remembered?.id ?? ''), false);
  assert.equal((await ann.rememberedApprovals('ses_1')).length, 1);
  await bob.resume(two.id, { [questionOf(two, 'p').id]: yes });
  assert.equal((await bob.rememberedApprovals('ses_1')).length, 1, 'each has its own');
});

test('the state and the history of a session are its tenant’s own', async (t) => {
  const set = call('remember', { key: 'plan', value: 'Rome' }, 's');
  const get = call('recall', { key: 'plan' }, 'g');
  const kit = await testRuntime(
    t,
    { TwoRuns: [({ messages }) => (messages.at(-1)?.content === 'set' ? [set] : [get]), 'done'] },
    sessionTeams,
  );
  const say = async (tenantId: string, message: string) => {
    const asked = { message, sessionId: 'ses_1', team: 'TwoRuns' };
    contentOf(await kit.runtime.as({ tenantId }).start(asked));
    return lastRequest(kit.model, 'TwoRuns').join('\n');
  };
  await say('acme', 'set');
  const other = await say('globex', 'get');
  assert.match(other, /nothing/);
  assert.doesNotMatch(other, /Rome|set/, 'no message of the other tenant is sent to the model');
  const own = await say('acme', 'get');
  assert.match(own, /set[\s\S]*tool\[g\]: "Rome"/);
});

/** Whatever a tenant may ask for by an id. */
const asks: Readonly<
  Record<string, (runtime: TenantRuntime, run: string, question: string) => unknown>
> = {
  get: (runtime, run) => runtime.get(run),
  resume: (runtime, run, question) => runtime.resume(run, { [question]: { approved: true } }),
  'resume with nothing': (runtime, run) => runtime.resume(run, {}),
  cancel: (runtime, run) => runtime.cancel(run),
  assign: (runtime, _, question) => runtime.assign(question, 'eve'),
  claim: (runtime, _, question) => runtime.claim(question, 'eve'),
  release: (runtime, _, question) => runtime.release(question, 'eve'),
  createAnswerToken: (runtime, _, question) => runtime.createAnswerToken(question),
  'questions after': (runtime, _, question) => runtime.questions({ after: question }),
};

for (const [what, asked] of Object.entries(asks)) {
  test(`${what} tells nobody that another tenant has such an id, and does nothing`, async (t) => {
    const { ann, bob, kit } = await twoTenants(t);
    const run = await start(ann);
    const question = questionOf(run, 'p');
    const refusal = async (runtime: TenantRuntime, runId: string, questionId: string) => {
      const error = await Promise.resolve(asked(runtime, runId, questionId)).catch(
        (thrown) => thrown,
      );
      assert.ok(error instanceof RequestError, `it did not refuse ${runId}`);
      return [error.code, error.message.replaceAll(runId, 'RUN').replaceAll(questionId, 'Q')];
    };
    const unknown = await refusal(bob, 'run_none', 'q_none');
    assert.match(String(unknown[0]), /_not_found$/);
    for (const stranger of [bob, kit.runtime]) {
      assert.deepEqual(await refusal(stranger, run.id, question.id), unknown);
    }
    assert.deepEqual(await ann.get(run.id), run, 'it is as it was');
    assert.deepEqual(kit.written, []);
  });
}

test('the runs and questions of a tenant are listed for nobody else, whatever the filter', async (t) => {
  const { ann, bob, kit } = await twoTenants(t);
  const run = await start(ann);
  const filters = [{}, { runId: run.id }, { sessionId: 'ses_1' }, { team: 'Desk' }];
  for (const filter of filters) {
    assert.equal((await ann.questions(filter)).length, 1);
    assert.deepEqual(await bob.questions(filter), []);
    assert.deepEqual(await kit.runtime.questions(filter), []);
    const { runId: _, ...rest } = filter as { runId?: string };
    assert.equal((await ann.list(rest)).length, 1);
    assert.deepEqual(await bob.list(rest), []);
  }
});

test('a restart takes up the runs of every tenant, and they stay theirs', async (t) => {
  const { ann, kit, as } = await twoTenants(t);
  const run = await start(ann);
  await kit.reopen();
  await assert.rejects(as('globex').get(run.id), /There is no run/);
  const end = await as('acme').resume(run.id, { [questionOf(run, 'p').id]: { approved: true } });
  assert.equal(end.status, 'completed');
});

test('the user of an identity is who starts, answers and claims', async (t) => {
  const { kit } = await twoTenants(t);
  const ann = kit.runtime.as({ tenantId: 'acme', userId: 'ann' });
  const run = await start(ann);
  const { id } = questionOf(run, 'p');
  assert.equal(run.userId, 'ann');
  assert.equal((await ann.claim(id)).claimedBy, 'ann');
  assert.equal((await ann.release(id)).claimedBy, undefined);
  await ann.resume(run.id, { [id]: { approved: true } });
  assert.equal((await ann.questions())[0]?.answeredBy, 'ann');
  await assert.rejects(kit.runtime.claim(id), /needs to know who you are/);
});

test('notices say whose they are', async (t) => {
  const told: Notice[] = [];
  const hooks = {
    onQuestion: (n: Notice) => void told.push(n),
    onSettled: (n: Notice) => void told.push(n),
  };
  const { ann } = await twoTenants(t, { hooks });
  await start(ann);
  await until(t, () => told.length === 2);
  const tenants = told.map((one) => (one.type === 'run.settled' ? one.run : one.question).tenantId);
  assert.deepEqual(tenants, ['acme', 'acme']);
});

const unusable: readonly unknown[] = ['', 'x'.repeat(201), 'a\0b', 'a\ud800', 7, null];

test('an identity that could be stored as another one is refused', async (t) => {
  const { kit } = await twoTenants(t);
  for (const id of unusable) {
    for (const identity of [{ tenantId: id }, { userId: id }]) {
      assert.throws(
        () => kit.runtime.as(identity as { tenantId: string }),
        (error) => error instanceof RequestError && error.code === 'identity_invalid',
        JSON.stringify(identity),
      );
    }
  }
});

test('whoever is named in code is held to the same form, and nothing is written', async (t) => {
  const { ann } = await twoTenants(t);
  const run = await start(ann);
  const { id } = questionOf(run, 'p');
  const calls: Readonly<Record<string, (userId: string) => Promise<unknown>>> = {
    start: (userId) => ann.start({ message: 'Pay', userId }),
    resume: (userId) => ann.resume(run.id, { [id]: yes }, { userId }),
    assign: (userId) => ann.assign(id, userId),
    claim: (userId) => ann.claim(id, userId),
    createAnswerToken: (userId) => ann.createAnswerToken(id, { userId }),
  };
  for (const [name, ask] of Object.entries(calls)) {
    // Null is nobody.
    for (const who of unusable.filter((one) => one !== null)) {
      const what = `${name} ${JSON.stringify(who).slice(0, 20)}`;
      await assert.rejects(ask(who as string), { code: 'identity_invalid' }, what);
    }
  }
  assert.deepEqual(await ann.list(), [run]);
});
