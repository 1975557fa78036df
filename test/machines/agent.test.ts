/** Whom an agent waits for, when it calls the model, and how its team pauses and ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createActor } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { short, startRun } from './live-run.ts';
import { call, delegation } from './planned-calls.ts';

const finished = { type: 'tool.finished' } as const;
const answered = { type: 'user.answered', unlocksTool: false } as const;

test('a run begins by calling the model of its leader', () => {
  const run = startRun();
  assert.equal(run.state(''), 'thinking');
  assert.deepEqual(run.begun, [{ kind: 'callModel', agent: '', name: 'Leader' }]);
});

test('a reply without tool calls is the report and ends the run', () => {
  const run = startRun();
  assert.deepEqual(run.reply(''), []);
  assert.equal(run.state(''), 'done');
});

test('a corrected reply is not the report: the model is called again', () => {
  const run = startRun();
  const corrected = { type: 'model.replied', calls: [], corrected: true, routes: false } as const;
  assert.deepEqual(short(run.toAgent('', corrected)), ['callModel Leader']);
  assert.deepEqual(short(run.toAgent('', corrected)), ['callModel Leader']);
  assert.equal(run.state(''), 'thinking');
  run.reply('');
  assert.equal(run.state(''), 'done');
});

test('a model that fails ends the agent', () => {
  const run = startRun();
  assert.deepEqual(run.toAgent('', { type: 'model.failed' }), []);
  assert.equal(run.state(''), 'failed');
});

test('an agent waits for a member, else for a tool, else for the person', () => {
  const run = startRun();
  run.reply('', call('q', 'question'), call('t', 'tool'), delegation('d', 'Worker'));
  assert.equal(run.state(''), 'answeringCalls.delegating');
  run.reply('d:Worker');
  assert.equal(run.state(''), 'answeringCalls.toolResultPending');
  run.toCall('t', finished);
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
  run.toCall('q', answered);
  assert.equal(run.state(''), 'thinking');
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
  const inOrder = ['runTool t', 'askUser q', 'callModel Leader/Worker'];
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
  assert.equal(run.state(''), 'thinking');
});

test('a refused call beside an open one does not call the model', () => {
  const run = startRun();
  const asked = short(run.reply('', call('r', 'refusal'), call('t', 'tool')));
  assert.deepEqual(asked, ['recordResult r refusal', 'runTool t']);
  assert.equal(run.state(''), 'answeringCalls.toolResultPending');
});

test('an agent that answers calls ignores what a model says', () => {
  const run = startRun();
  run.reply('', call('t', 'tool'));
  assert.deepEqual(run.reply('', call('u', 'tool')), []);
  assert.deepEqual(run.reply(''), []);
  assert.deepEqual(run.toAgent('', { type: 'model.failed' }), []);
  assert.equal(run.state(''), 'answeringCalls.toolResultPending');
  assert.deepEqual(run.openCalls(''), [{ id: 't', waitsFor: 'tool' }]);
});

test('a chart that asks for something outside a step fails', () => {
  const failures: unknown[] = [];
  const actor = createActor(agentMachine, { input: { path: '', name: 'Leader' } });
  actor.subscribe({ error: (failure) => failures.push(failure) });
  actor.start();
  assert.deepEqual(failures, [new Error('A chart asked for "callModel" outside a step.')]);
});
