/** A delegation whose tasks build on each other: what begins when, and what never begins. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { short, startRun } from './live-run.ts';
import { call, taskList } from './planned-calls.ts';

const failed = { type: 'model.failed' } as const;

/** Two tasks may begin at once; the third builds on the first, the fourth on all before it. */
function startTasks() {
  const run = startRun();
  const tasks = taskList('d', { t1: [], t2: [], t3: ['t1'], t4: ['t2', 't3'] });
  return { run, begun: run.reply('', tasks) };
}

test('the tasks that build on nothing begin at once', () => {
  const { run, begun } = startTasks();
  assert.deepEqual(begun, [
    { kind: 'callModel', agent: 'd:t1', name: 'Leader/Worker of t1' },
    { kind: 'callModel', agent: 'd:t2', name: 'Leader/Worker of t2' },
  ]);
  assert.equal(run.state('d:t3'), 'gone');
});

test('a task begins with the report that it waited for, and its member is told of it first', () => {
  const { run } = startTasks();
  const [report, ...begun] = run.reply('d:t1');
  assert.equal(report?.kind, 'recordReport');
  assert.deepEqual(begun, [
    { kind: 'briefMember', agent: 'd:t3', after: ['d:t1'] },
    { kind: 'callModel', agent: 'd:t3', name: 'Leader/Worker of t3' },
  ]);
});

test('a task that builds on two begins after both', () => {
  const { run } = startTasks();
  run.reply('d:t1');
  assert.deepEqual(short(run.reply('d:t3')), ['recordReport d:t3 reported']);
  assert.equal(run.state('d:t4'), 'gone');
  assert.deepEqual(short(run.reply('d:t2')), [
    'recordReport d:t2 reported',
    'briefMember d:t4 (d:t2,d:t3)',
    'callModel Leader/Worker of t4',
  ]);
});

test('a task that fails skips all that build on it, and no others', () => {
  const { run } = startTasks();
  const report = { kind: 'recordReport', call: 'd' };
  const of = (task: string) => ({ agent: `d:${task}`, name: `Leader/Worker of ${task}` });
  assert.deepEqual(run.toAgent('d:t1', failed), [
    { ...report, ...of('t1'), outcome: 'failed' },
    { ...report, ...of('t3'), outcome: 'skipped' },
    { ...report, ...of('t4'), outcome: 'skipped' },
  ]);
  assert.equal(run.state('d:t2'), 'thinking');
});

test('the result lists every report in the order of the plan', () => {
  const { run } = startTasks();
  run.toAgent('d:t1', failed);
  const [, result] = run.reply('d:t2');
  const reports = ['d:t1', 'd:t2', 'd:t3', 'd:t4'];
  const answer = { kind: 'recordResult', call: 'd', askedBy: 'Leader' };
  assert.deepEqual(result, { ...answer, source: 'member', reports });
});

test('a run pauses when a task waits for the person and the others wait for that task', () => {
  const { run } = startTasks();
  run.reply('d:t2');
  run.reply('d:t1', call('q', 'question'));
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
});

test('a cancelled list cancels the tasks at work and skips the rest, once each', () => {
  const { run } = startTasks();
  run.reply('d:t1', call('q', 'question'));
  assert.deepEqual(short(run.cancel()), [
    'recordResult d:t1/q cancellation',
    'recordReport d:t1 cancelled',
    'recordReport d:t3 skipped',
    'recordReport d:t4 skipped',
    'recordReport d:t2 cancelled',
    'recordResult d cancellation',
  ]);
});
