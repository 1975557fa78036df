/** Reports with a shape: corrected three times at most, at every level, over pauses and restarts. */
import assert from 'node:assert/strict';
import type { ModelRequest, Turn } from '../../../src/testing/index.ts';
import { freshClient, lastRequest } from '../../kit/fresh-client.ts';
import { testRuntime } from '../../kit/runtime.ts';
import { askedBy, contentOf, failureOf, modelCalls } from '../../kit/team-run.ts';
import { ask, delegate } from '../../kit/turns.ts';
import { test } from '../../kit/wires.ts';
import { guardedTeams } from '../../teams/guarded.ts';

const right = '{"city":"Rome","days":3}';

/** The replies of an agent in turn, however often it is corrected in between. */
function inTurn(...turns: readonly Turn[]): Turn[] {
  const next = ({ messages }: ModelRequest): Turn => {
    const said = messages.filter(({ role }) => role === 'assistant').length;
    return turns[said] ?? 'nothing more';
  };
  return turns.map(() => next);
}

const correction = (problem: string) =>
  `user: Your reply does not fit what was asked for: ${problem} Reply with nothing but JSON that fits.`;

const notJson = correction('it is not JSON.');

test('a report that fits is the answer, and the model knows its shape beforehand', async (t) => {
  const kit = await testRuntime(t, { ShapedDesk: [right] }, guardedTeams);
  assert.equal(contentOf(await kit.runtime.start({ team: 'ShapedDesk', message: 'Trip' })), right);
  const system = JSON.stringify(kit.model.requests[0]?.messages[0]);
  assert.match(system, /nothing but JSON that fits this schema.*days/);
});

test('a report that does not fit is corrected in words, and the next one counts', async (t) => {
  const kit = await testRuntime(
    t,
    { ShapedDesk: inTurn('Rome', '{"city":"","days":0.5}', right) },
    guardedTeams,
  );
  assert.equal(contentOf(await kit.runtime.start({ team: 'ShapedDesk', message: 'Trip' })), right);
  const [first, , third, , fifth] = lastRequest(kit.model, 'ShapedDesk');
  assert.deepEqual([first, third], ['user: Trip', notJson]);
  assert.match(fifth ?? '', /^user: Your reply does not fit .*: city: .*; days: /);
});

test('a report that does not fit after three corrections ends the run', async (t) => {
  const kit = await testRuntime(
    t,
    { ShapedDesk: inTurn('one', 'two', 'three', 'four') },
    guardedTeams,
  );
  assert.deepEqual(failureOf(await kit.runtime.start({ team: 'ShapedDesk', message: 'Trip' })), {
    code: 'output_invalid',
    message: 'The report of "ShapedDesk" did not fit after 3 corrections: it is not JSON.',
    content: 'three',
  });
  assert.equal(modelCalls(kit, 'ShapedDesk'), 4);
});

test('corrections are counted over a pause, each request by a fresh process', async (t) => {
  const client = await freshClient(t, {
    team: 'test/teams/guarded.ts',
    agents: { ShapedDesk: inTurn('one', [ask('g', 'x')], 'two', 'three', 'four') },
  });
  const { body: run } = await client.post('/chat', { team: 'ShapedDesk', message: 'Trip' });
  const end = await client.resume(run.run_id, { [run.questions?.[0]?.id ?? '']: { x: 'y' } });
  assert.equal(end.status, 'failed');
  assert.equal(end.error?.code, 'output_invalid');
  assert.deepEqual(lastRequest(client.model, 'ShapedDesk'), [
    'user: Trip',
    'assistant: one',
    notJson,
    'assistant[g]',
    'tool[g]: {"x":"y"}',
    'assistant: two',
    notJson,
    'assistant: three',
    notJson,
  ]);
});

test('a correction that a restart interrupts is made once', async (t) => {
  const began = Promise.withResolvers<void>();
  const kit = await testRuntime(
    t,
    {
      ShapedDesk: inTurn('one', () => {
        if (modelCalls(kit, 'ShapedDesk') > 2) return right;
        began.resolve();
        return { text: 'never read', delayMs: 10_000 };
      }),
    },
    guardedTeams,
  );
  const started = kit.runtime.start({ team: 'ShapedDesk', message: 'Trip', sessionId: 's' });
  const interrupted = assert.rejects(started, { code: 'runtime_closed' });
  await began.promise;
  const later = await kit.reopen();
  await interrupted;
  const busy = await later.start({ message: 'Next', sessionId: 's' }).catch(String);
  const run = await later.resume(/run_\w+/.exec(String(busy))?.[0] ?? '', {});
  assert.equal(contentOf(run), right);
  assert.deepEqual(lastRequest(kit.model, 'ShapedDesk'), ['user: Trip', 'assistant: one', notJson]);
});

test('a member is corrected within its own task, and its leader sees the report that fits', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Desk: [[delegate('c1', 'Shaped')], 'done'],
      Shaped: inTurn('Rome', [ask('g', 'x')], right),
    },
    guardedTeams,
  );
  const run = await kit.runtime.start({ message: 'Trip' });
  const later = await kit.reopen();
  contentOf(await later.resume(run.id, { [askedBy(run, 'Shaped')]: { x: 'y' } }));
  assert.deepEqual(lastRequest(kit.model, 'Desk').slice(2), [`tool[c1]: ${right}`]);
});

test('a member whose report never fits reports that, and its leader goes on', async (t) => {
  const kit = await testRuntime(
    t,
    {
      Desk: [[delegate('c1', 'Shaped')], 'done'],
      Shaped: inTurn('one', 'two', 'three', 'four'),
    },
    guardedTeams,
  );
  contentOf(await kit.runtime.start({ message: 'Trip' }));
  assert.deepEqual(lastRequest(kit.model, 'Desk').slice(2), [
    'tool[c1]: The member could not finish: The report of "Shaped" did not fit after 3 corrections: it is not JSON.',
  ]);
  assert.equal(modelCalls(kit, 'Shaped'), 4);
});

test('a routed report must fit what its leader promises, also after a restart', async (t) => {
  const kit = await testRuntime(
    t,
    {
      ShapedRoute: [[delegate('c1', 'Inner')]],
      Inner: [[delegate('d1', 'Plain')]],
      Plain: inTurn([ask('g', 'x')], 'Rome', right),
    },
    guardedTeams,
  );
  const run = await kit.runtime.start({ team: 'ShapedRoute', message: 'Trip' });
  const later = await kit.reopen();
  const end = await later.resume(run.id, { [askedBy(run, 'Plain')]: { x: 'y' } });
  assert.equal(contentOf(end), right);
  assert.equal(lastRequest(kit.model, 'Plain').at(-1), notJson);
  assert.match(JSON.stringify(kit.model.requests.at(-1)?.messages[0]), /fits this schema/);
  assert.deepEqual([modelCalls(kit, 'ShapedRoute'), modelCalls(kit, 'Inner')], [1, 1]);
});
