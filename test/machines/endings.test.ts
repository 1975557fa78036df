/** How a run ends otherwise than by its leader's report: routed, cancelled, failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from '../../machines/agent.ts';
import { short, startRun } from './live-run.ts';
import { call, delegation } from './planned-calls.ts';

const failed = { type: 'model.failed' } as const;

test('a routed report is the report of the leader, whose model is not called again', () => {
  const run = startRun();
  run.route('', delegation('d', 'Worker'));
  const asked = ['recordReport d:Worker reported', 'recordResult d member'];
  assert.deepEqual(short(run.reply('d:Worker')), asked);
  assert.equal(run.state(''), 'done');
});

test('a routed member that fails is heard by the model of the leader', () => {
  const run = startRun();
  run.route('', delegation('d', 'Worker'));
  assert.deepEqual(short(run.toAgent('d:Worker', failed)), [
    'recordReport d:Worker failed',
    'recordResult d member',
    'callModel Leader',
  ]);
  assert.equal(run.state(''), 'thinking');
});

test('a routed delegation to several members is over when all of them reported', () => {
  const run = startRun();
  run.route('', delegation('d', 'Ann', 'Bob'));
  run.reply('d:Ann');
  assert.equal(run.state(''), 'answeringCalls.delegating');
  run.reply('d:Bob');
  assert.equal(run.state(''), 'done');
});

test('one failed member of several is enough to call the model of the leader', () => {
  const run = startRun();
  run.route('', delegation('d', 'Ann', 'Bob'));
  run.toAgent('d:Ann', failed);
  assert.deepEqual(short(run.reply('d:Bob')).at(-1), 'callModel Leader');
});

test('a call beside the routed delegation calls the model of the leader', () => {
  const run = startRun();
  run.route('', delegation('d', 'Worker'), call('r', 'refusal'));
  assert.deepEqual(short(run.reply('d:Worker')).at(-1), 'callModel Leader');
});

test('a reply is routed by itself: the next one is not', () => {
  const run = startRun();
  run.route('', delegation('d', 'Worker'));
  run.toAgent('d:Worker', failed);
  run.reply('', delegation('e', 'Worker'));
  assert.deepEqual(short(run.reply('e:Worker')).at(-1), 'callModel Leader');
});

test('a report is routed through every level that routes', () => {
  const run = startRun();
  run.route('', delegation('d', 'Lead'));
  run.route('d:Lead', delegation('e', 'Worker'));
  assert.deepEqual(short(run.reply('d:Lead/e:Worker')), [
    'recordReport d:Lead/e:Worker reported',
    'recordResult d:Lead/e member',
    'recordReport d:Lead reported',
    'recordResult d member',
  ]);
  assert.equal(run.state(''), 'done');
});

/** Every kind of open call, at three depths; one of a delegation's members has reported. */
function startBusyRun() {
  const run = startRun();
  run.reply('', call('t', 'tool'), delegation('d', 'Lead', 'Aid'), call('q', 'question'));
  run.reply('d:Aid');
  run.reply('d:Lead', delegation('e', 'Worker'), call('u', 'tool'));
  run.reply('d:Lead/e:Worker', call('h', 'heldTool'), call('v', 'tool'));
  run.toCall('d:Lead/u', { type: 'tool.outcomeUnknown' });
  return run;
}

const leaf = (path: string) => `recordResult ${path} cancellation`;

for (const [type, end] of [
  ['run.cancelled', 'cancelled'],
  ['run.failed', 'failed'],
] as const) {
  test(`a run that is ${end} answers every open call, once and from the leaves up`, () => {
    const run = startBusyRun();
    assert.deepEqual(short(run.toAgent('', { type })), [
      leaf('t'),
      leaf('d:Lead/e:Worker/h'),
      leaf('d:Lead/e:Worker/v'),
      'recordReport d:Lead/e:Worker cancelled',
      leaf('d:Lead/e'),
      leaf('d:Lead/u'),
      'recordReport d:Lead cancelled',
      leaf('d'),
      leaf('q'),
    ]);
    assert.equal(run.state(''), end);
  });

  test(`a run that is ${end} while its leader thinks has nothing to answer`, () => {
    const run = startRun();
    assert.deepEqual(run.toAgent('', { type }), []);
    assert.equal(run.state(''), end);
  });
}

test('a member that cannot go on answers its own calls, and its leader goes on', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  run.reply('d:Worker', call('t', 'tool'));
  const told: AgentEvent = { type: 'run.failed' };
  assert.deepEqual(short(run.toAgent('d:Worker', told)), [
    leaf('d:Worker/t'),
    'recordReport d:Worker failed',
    'recordResult d member',
    'callModel Leader',
  ]);
});
