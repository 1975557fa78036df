/** The short form, by field name: taken where it can mean one thing, refused where it can mean two. */
import assert from 'node:assert/strict';
import { call } from '../../../src/testing/index.ts';
import { freshClient } from '../../kit/fresh-client.ts';
import { httpOf } from '../../kit/local-http.ts';
import { openCalls, pausingRuntime, questionOf } from '../../kit/pauses.ts';
import { delegate } from '../../kit/turns.ts';
import type { WireBody } from '../../kit/wire.ts';
import { test } from '../../kit/wires.ts';

const agents = {
  Desk: [[delegate('c1', 'A'), delegate('c2', 'B')], 'done'],
  A: [[call('book', { guests: 2 }, 'b'), call('send', { to: 'Ada' }, 's1')], 'A RESULT'],
  B: [[call('send', { to: 'Bob' }, 's2')], 'B RESULT'],
};

test('field names are enough for one question, and not for two that share them', async (t) => {
  const client = await freshClient(t, { team: 'test/teams/pauses.ts', agents });
  const run = await client.chat('Work');
  const send = (approved_queries: unknown) =>
    client.post('/resume', { run_id: run.run_id, approved_queries });
  const booked = await send([
    { field_name: 'name', query: 'Ada' },
    { field_name: 'seats', query: 'terrace' },
  ]);
  assert.equal(booked.body.is_paused, true);
  assert.deepEqual(client.witness(), ['book 2 Ada terrace']);
  const both = await send([{ field_name: 'approved', query: 'yes' }]);
  assert.deepEqual([both.status, both.body.code], [422, 'answer_ambiguous']);
  const asked = (call: string) =>
    booked.body.questions?.find(({ tool_call_id }) => tool_call_id === call);
  const [s1, s2] = [asked('s1'), asked('s2')];
  for (const id of [s1?.id, s2?.id]) assert.ok(both.body.errors?.[0]?.message.includes(`${id}`));
  assert.equal(client.witness().length, 1, 'nothing is approved by guessing');
  const named = await send([
    { field_name: 'approved', query: 'yes', question_id: s1?.id },
    { field_name: `${s2?.id}.approved`, query: 'no' },
    { field_name: 'note', query: 'Not him.', question_id: s2?.id },
  ]);
  assert.equal(named.body.final_content, 'done');
  assert.deepEqual(client.witness(), ['book 2 Ada terrace', 'send Ada']);
});

test('what contradicts itself is refused as a whole', async (t) => {
  const kit = await pausingRuntime(t, agents);
  const http = httpOf(kit.runtime);
  const run = await kit.runtime.start({ message: 'Work' });
  const [s1, s2] = [questionOf(run, 's1').id, questionOf(run, 's2').id];
  const name = { field_name: 'name', query: 'Ada' };
  for (const approved_queries of [
    [name, { field_name: 'approved', query: 'yes' }],
    [name, { field_name: `${s2}.approved`, query: 'yes', question_id: s1 }],
    [name, name],
    [name, { field_name: 'guests', query: '9' }],
    [name, { field_name: 'approved', query: 'maybe', question_id: s1 }],
    [name, { field_name: 'approved', query: 'yes', question_id: 'q_other' }],
    [name, { field_name: 'name', query: 'Eve', question_id: s1 }],
  ]) {
    const body = { run_id: run.id, approved_queries };
    const { status } = await http<WireBody>('POST', '/resume', body);
    assert.ok(status === 422 || status === 409, JSON.stringify(approved_queries));
    assert.deepEqual(openCalls(await kit.runtime.get(run.id)), ['b', 's1', 's2']);
  }
  assert.deepEqual(kit.written, []);
});
