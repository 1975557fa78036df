/** Mistakes of who writes a test: they are told, and do not look like an outage of the model. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createRuntime, defineAgent, openai, sqliteStore } from '../../src/index.ts';
import { startModelServer } from '../../src/testing/index.ts';
import { failureOf } from '../kit/team-run.ts';
import { serverFor } from './requests.ts';

const atOnce: [string, object, RegExp][] = [
  ['an unknown option', { agent: {} }, /^A model server has no option "agent"\. .*agents/],
  ['an unknown fault', { fault: 'outage' }, /^There is no fault "outage"/],
  ['an unknown fault of a turn', { agents: { A: [{ fault: 'outage' }] } }, /no fault "outage"/],
  ['a turn that is null', { agents: { A: ['Hello.', null] } }, /^Turn 1 of agent "A" is null/],
  ['a script that is no list', { agents: { A: 'Hello.' } }, /"A" is no list of turns/],
];

for (const [what, options, message] of atOnce) {
  test(`a server does not start with ${what}`, () =>
    assert.rejects(startModelServer(options), { name: 'TypeError', message }));
}

const atTheRequest: [string, object, RegExp][] = [
  ['a script that is missing', { agents: { Another: ['Hello.'] } }, /no script for agent "Desk"/],
  ['a turn that comes to nothing', { agents: { Desk: [() => null] } }, /"Desk" failed: it is null/],
  ['a fault that there is not', { fault: () => 'outage' }, /There is no fault "outage"/],
];

for (const api of ['chat', 'responses'] as const) {
  for (const [what, options, message] of atTheRequest) {
    test(`${what} fails a run at once, and is told: ${api}`, async (t) => {
      const server = await serverFor(t, options);
      const model = openai('gpt-4o-mini', { baseURL: server.url, api });
      const reported: unknown[] = [];
      const runtime = await createRuntime({
        teams: [defineAgent({ name: 'Desk', model })],
        store: sqliteStore(':memory:'),
        onError: (error) => reported.push(error),
      });
      t.after(() => runtime.close());
      const failure = failureOf(await runtime.start({ message: 'Hello' }));
      assert.equal(failure.code, 'model_request_refused');
      assert.equal(server.requests.length, 1);
      assert.match(inspect(reported, { depth: 9 }), message);
    });
  }
}
