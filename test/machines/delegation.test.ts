/** What a leader hears of its members, at every depth: reports, failures, pauses, answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { short, startRun } from './live-run.ts';
import { call, delegation } from './planned-calls.ts';

const finished = { type: 'tool.finished' } as const;
const answered = { type: 'user.answered', unlocksTool: false } as const;

test('a member thinks at the path of its assignment, under the names above it', () => {
  const run = startRun();
  const asked = run.reply('', delegation('d', 'Worker'));
  assert.deepEqual(asked, [{ kind: 'callModel', agent: 'd:Worker', name: 'Leader/Worker' }]);
});

test("a member's report is recorded, and is the result of its delegation", () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  assert.deepEqual(run.reply('d:Worker'), [
    {
      kind: 'recordReport',
      call: 'd',
      agent: 'd:Worker',
      name: 'Leader/Worker',
      outcome: 'reported',
    },
    {
      kind: 'recordResult',
      call: 'd',
      askedBy: 'Leader',
      source: 'member',
      reports: ['d:Worker'],
    },
    { kind: 'callModel', agent: '', name: 'Leader' },
  ]);
  assert.equal(run.state('d:Worker'), 'gone');
});

test('a member that fails answers its delegation too, and the leader goes on', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  assert.deepEqual(short(run.toAgent('d:Worker', { type: 'model.failed' })), [
    'recordReport d:Worker failed',
    'recordResult d member',
    'callModel Leader',
  ]);
  assert.equal(run.state(''), 'thinking');
});

test('two delegations are at work at once, and the leader goes on after both', () => {
  const run = startRun();
  const begun = run.reply('', delegation('a', 'Ann'), delegation('b', 'Bob'));
  assert.deepEqual(short(begun), ['callModel Leader/Ann', 'callModel Leader/Bob']);
  const first = ['recordReport b:Bob reported', 'recordResult b member'];
  assert.deepEqual(short(run.reply('b:Bob')), first);
  assert.equal(run.state(''), 'answeringCalls.delegating');
  const last = ['recordReport a:Ann reported', 'recordResult a member', 'callModel Leader'];
  assert.deepEqual(short(run.reply('a:Ann')), last);
});

test('one delegation to two members has its result when both have reported', () => {
  const run = startRun();
  const begun = run.reply('', delegation('d', 'Ann', 'Bob'));
  assert.deepEqual(short(begun), ['callModel Leader/Ann', 'callModel Leader/Bob']);
  assert.deepEqual(short(run.reply('d:Bob')), ['recordReport d:Bob reported']);
  assert.equal(run.state('d:Bob'), 'gone');
  assert.equal(run.state('d'), 'delegating');
  const last = ['recordReport d:Ann reported', 'recordResult d member', 'callModel Leader'];
  assert.deepEqual(short(run.reply('d:Ann')), last);
});

test('a member that works twice for one reply works at two places', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'), delegation('e', 'Worker'));
  run.reply('d:Worker', call('t', 'tool'));
  assert.equal(run.state('d:Worker/t'), 'toolResultPending');
  assert.equal(run.state('e:Worker'), 'thinking');
});

test("a member's tool is the member's work: the leader delegates", () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  run.reply('d:Worker', call('t', 'tool'));
  assert.equal(run.state('d:Worker'), 'answeringCalls.toolResultPending');
  assert.equal(run.state(''), 'answeringCalls.delegating');
});

test('a member that pauses pauses its leader, and resumes it with the answer', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  const asked = run.reply('d:Worker', call('q', 'question'));
  assert.deepEqual(asked, [{ kind: 'askUser', call: 'd:Worker/q', askedBy: 'Leader/Worker' }]);
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
  const resumed = ['recordResult d:Worker/q user', 'callModel Leader/Worker'];
  assert.deepEqual(short(run.toCall('d:Worker/q', answered)), resumed);
  assert.equal(run.state(''), 'answeringCalls.delegating');
});

test('a run does not pause while another member works', () => {
  const run = startRun();
  run.reply('', delegation('a', 'Ann'), delegation('b', 'Bob'));
  run.reply('a:Ann', call('q', 'question'));
  assert.equal(run.state('a:Ann'), 'answeringCalls.awaitingUserInput');
  assert.equal(run.state(''), 'answeringCalls.delegating');
  run.reply('b:Bob');
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
});

test('a run pauses when every member of one delegation that has not reported waits', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Ann', 'Bob', 'Cem'));
  run.reply('d:Ann', call('q', 'question'));
  run.reply('d:Bob', call('q', 'question'));
  assert.equal(run.state(''), 'answeringCalls.delegating');
  run.reply('d:Cem');
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
  run.toCall('d:Bob/q', answered);
  assert.equal(run.state(''), 'answeringCalls.delegating');
  run.reply('d:Bob');
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
});

test('a member whose answer starts its tool is at work again', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  run.reply('d:Worker', call('h', 'heldTool'));
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
  const unlocked = { type: 'user.answered', unlocksTool: true } as const;
  assert.deepEqual(short(run.toCall('d:Worker/h', unlocked)), ['runTool d:Worker/h']);
  assert.equal(run.state(''), 'answeringCalls.delegating');
  run.toCall('d:Worker/h', finished);
  assert.equal(run.state('d:Worker'), 'thinking');
});

test('a run with two open questions stays paused when one is answered', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'), call('q', 'question'));
  run.reply('d:Worker', call('q', 'question'));
  run.toCall('q', answered);
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
  assert.deepEqual(run.openCalls(''), [{ id: 'd', waitsFor: 'user' }]);
});

test('a question three levels down pauses everyone above it, and its answer resumes them', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Lead'));
  run.reply('d:Lead', delegation('e', 'Worker'));
  run.reply('d:Lead/e:Worker', call('q', 'question'));
  for (const path of ['', 'd:Lead', 'd:Lead/e:Worker']) {
    assert.equal(run.state(path), 'answeringCalls.awaitingUserInput');
  }
  const resumed = ['recordResult d:Lead/e:Worker/q user', 'callModel Leader/Lead/Worker'];
  assert.deepEqual(short(run.toCall('d:Lead/e:Worker/q', answered)), resumed);
  assert.equal(run.state('d:Lead'), 'answeringCalls.delegating');
  assert.equal(run.state(''), 'answeringCalls.delegating');
});

test('a report three levels down reaches the next leader only', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Lead'));
  run.reply('d:Lead', delegation('e', 'Worker'));
  assert.deepEqual(short(run.reply('d:Lead/e:Worker')), [
    'recordReport d:Lead/e:Worker reported',
    'recordResult d:Lead/e member',
    'callModel Leader/Lead',
  ]);
  assert.equal(run.state('d:Lead'), 'thinking');
  assert.equal(run.state(''), 'answeringCalls.delegating');
});
