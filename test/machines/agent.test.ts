/** Whom an agent waits for, when it calls the model, and how its team pauses and ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createActor } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { call, delegation, short, startRun } from './live-run.ts';

const finished = { type: 'tool.finished' } as const;
const answered = { type: 'user.answered', unlocksTool: false } as const;

test('a run begins by calling the model of its leader', () => {
  const run = startRun();
  assert.equal(run.agent(''), 'thinking');
  assert.deepEqual(run.begun, [{ kind: 'callModel', agent: '', name: 'Leader' }]);
});

test('a reply without tool calls is the report and ends the run', () => {
  const run = startRun();
  assert.deepEqual(run.reply(''), []);
  assert.equal(run.agent(''), 'done');
});

test('a model that fails ends the agent', () => {
  const run = startRun();
  assert.deepEqual(run.toAgent('', { type: 'model.failed' }), []);
  assert.equal(run.agent(''), 'failed');
});

test('an agent waits for a member, else for a tool, else for the person', () => {
  const run = startRun();
  run.reply('', call('q', 'question'), call('t', 'tool'), delegation('d', 'Worker'));
  assert.equal(run.agent(''), 'answeringCalls.delegating');
  run.reply('d');
  assert.equal(run.agent(''), 'answeringCalls.toolResultPending');
  run.toCall('t', finished);
  assert.equal(run.agent(''), 'answeringCalls.awaitingUserInput');
  run.toCall('q', answered);
  assert.equal(run.agent(''), 'thinking');
});

test('the model is called again with the last result, and not before', () => {
  const run = startRun();
  run.reply('', call('t1', 'tool'), call('t2', 'tool'), call('q', 'question'));
  assert.deepEqual(short(run.toCall('t2', finished)), ['recordResult t2 tool']);
  assert.deepEqual(short(run.toCall('q', answered)), ['recordResult q user']);
  const last = ['recordResult t1 tool', 'callModel Leader'];
  assert.deepEqual(short(run.toCall('t1', finished)), last);
});

test('the calls of a reply start in its order', () => {
  const run = startRun();
  const asked = run.reply('', call('t', 'tool'), call('q', 'question'), delegation('d', 'Worker'));
  const inOrder = ['runTool t', 'askUser q input_required', 'callModel Leader/Worker'];
  assert.deepEqual(short(asked), inOrder);
});

test('an agent remembers of an open call its id and whom it waits for', () => {
  const run = startRun();
  run.reply('', call('t', 'tool'), call('q', 'question'), delegation('d', 'Worker'));
  assert.deepEqual(run.openCalls(''), [
    { id: 't', waitsFor: 'tool' },
    { id: 'q', waitsFor: 'user' },
    { id: 'd', waitsFor: 'member' },
  ]);
});

test('a reply of refused calls is answered at once, and the model is called again', () => {
  const run = startRun();
  const asked = short(run.reply('', call('r1', 'refusal'), call('r2', 'refusal')));
  const results = ['recordResult r1 refusal', 'recordResult r2 refusal'];
  assert.deepEqual(asked, [...results, 'callModel Leader']);
  assert.equal(run.agent(''), 'thinking');
});

test('a refused call beside an open one does not call the model', () => {
  const run = startRun();
  const asked = short(run.reply('', call('r', 'refusal'), call('t', 'tool')));
  assert.deepEqual(asked, ['recordResult r refusal', 'runTool t']);
  assert.equal(run.agent(''), 'answeringCalls.toolResultPending');
});

test('a member thinks at the path of its delegation, under the names above it', () => {
  const run = startRun();
  const asked = run.reply('', delegation('d', 'Worker'));
  assert.deepEqual(asked, [{ kind: 'callModel', agent: 'd', name: 'Leader/Worker' }]);
});

test("a member's report is the result of its delegation", () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  assert.deepEqual(short(run.reply('d')), ['recordResult d member', 'callModel Leader']);
  assert.equal(run.agent('d'), 'gone');
});

test('a member that fails answers its delegation too, and the leader goes on', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  const asked = short(run.toAgent('d', { type: 'model.failed' }));
  assert.deepEqual(asked, ['recordResult d member', 'callModel Leader']);
  assert.equal(run.agent(''), 'thinking');
});

test('two members work at once, and the leader goes on when both have reported', () => {
  const run = startRun();
  const begun = run.reply('', delegation('a', 'Ann'), delegation('b', 'Bob'));
  assert.deepEqual(short(begun), ['callModel Leader/Ann', 'callModel Leader/Bob']);
  assert.deepEqual(short(run.reply('b')), ['recordResult b member']);
  assert.equal(run.agent(''), 'answeringCalls.delegating');
  assert.deepEqual(short(run.reply('a')), ['recordResult a member', 'callModel Leader']);
});

test("a member's tool is the member's work: the leader delegates", () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  run.reply('d', call('t', 'tool'));
  assert.equal(run.agent('d'), 'answeringCalls.toolResultPending');
  assert.equal(run.agent(''), 'answeringCalls.delegating');
});

test('a member that pauses pauses its leader, and resumes it with the answer', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'));
  const asked = run.reply('d', call('q', 'question'));
  const question = { kind: 'askUser', call: 'd/q', askedBy: 'Leader/Worker' };
  assert.deepEqual(asked, [{ ...question, reason: 'input_required' }]);
  assert.equal(run.agent(''), 'answeringCalls.awaitingUserInput');
  const resumed = ['recordResult d/q user', 'callModel Leader/Worker'];
  assert.deepEqual(short(run.toCall('d/q', answered)), resumed);
  assert.equal(run.agent(''), 'answeringCalls.delegating');
});

test('a run does not pause while another member works', () => {
  const run = startRun();
  run.reply('', delegation('a', 'Ann'), delegation('b', 'Bob'));
  run.reply('a', call('q', 'question'));
  assert.equal(run.agent('a'), 'answeringCalls.awaitingUserInput');
  assert.equal(run.agent(''), 'answeringCalls.delegating');
  run.reply('b');
  assert.equal(run.agent(''), 'answeringCalls.awaitingUserInput');
});

test('a run with two open questions stays paused when one is answered', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Worker'), call('q', 'question'));
  run.reply('d', call('q', 'question'));
  run.toCall('q', answered);
  assert.equal(run.agent(''), 'answeringCalls.awaitingUserInput');
  assert.deepEqual(run.openCalls(''), [{ id: 'd', waitsFor: 'user' }]);
});

test('a question three levels down pauses everyone above it, and its answer resumes them', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Lead'));
  run.reply('d', delegation('e', 'Worker'));
  run.reply('d/e', call('q', 'question'));
  for (const path of ['', 'd', 'd/e']) {
    assert.equal(run.agent(path), 'answeringCalls.awaitingUserInput');
  }
  const resumed = ['recordResult d/e/q user', 'callModel Leader/Lead/Worker'];
  assert.deepEqual(short(run.toCall('d/e/q', answered)), resumed);
  assert.equal(run.agent('d'), 'answeringCalls.delegating');
  assert.equal(run.agent(''), 'answeringCalls.delegating');
});

test('a report three levels down reaches the next leader only', () => {
  const run = startRun();
  run.reply('', delegation('d', 'Lead'));
  run.reply('d', delegation('e', 'Worker'));
  assert.deepEqual(short(run.reply('d/e')), ['recordResult d/e member', 'callModel Leader/Lead']);
  assert.equal(run.agent('d'), 'thinking');
  assert.equal(run.agent(''), 'answeringCalls.delegating');
});

test('a cancelled run answers every open call, once and at every depth', () => {
  const run = startRun();
  run.reply('', call('t', 'tool'), delegation('d', 'Lead'), call('q', 'question'));
  run.reply('d', delegation('e', 'Worker'), call('u', 'tool'));
  run.reply('d/e', call('q', 'question'), call('v', 'tool'));
  run.toCall('d/u', { type: 'tool.outcomeUnknown' });
  const calls = ['d', 'd/e', 'd/e/q', 'd/e/v', 'd/u', 'q', 't'];
  const results = calls.map((path) => `recordResult ${path} cancellation`);
  assert.deepEqual(short(run.cancel()).sort(), results);
  assert.equal(run.agent(''), 'cancelled');
});

test('a run that is cancelled while its leader thinks has nothing to answer', () => {
  const run = startRun();
  assert.deepEqual(run.cancel(), []);
  assert.equal(run.agent(''), 'cancelled');
});

test('an agent that answers calls ignores what a model says', () => {
  const run = startRun();
  run.reply('', call('t', 'tool'));
  assert.deepEqual(run.reply('', call('u', 'tool')), []);
  assert.deepEqual(run.reply(''), []);
  assert.deepEqual(run.toAgent('', { type: 'model.failed' }), []);
  assert.equal(run.agent(''), 'answeringCalls.toolResultPending');
  assert.deepEqual(run.openCalls(''), [{ id: 't', waitsFor: 'tool' }]);
});

test('a chart that asks for something outside a step fails', () => {
  const failures: unknown[] = [];
  const actor = createActor(agentMachine, { input: { path: '', name: 'Leader' } });
  actor.subscribe({ error: (failure) => failures.push(failure) });
  actor.start();
  assert.deepEqual(failures, [new Error('A chart asked for "callModel" outside a step.')]);
});
