/** Every way a tool call goes, from the model's request to its one result. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolCallEvent } from '../../machines/tool-call.ts';
import type { PlannedCall } from '../../machines/vocabulary.ts';
import { call, delegation, short, startRun } from './live-run.ts';

const finished = { type: 'tool.finished' } as const;
const unknown = { type: 'tool.outcomeUnknown' } as const;
const runAgain = { type: 'user.answered', unlocksTool: true } as const;
const leaveIt = { type: 'user.answered', unlocksTool: false } as const;
const cancelled = { type: 'run.cancelled' } as const;

/** Beside the call, another stays open: so the end of the call is not the end of the wait. */
function startCall(planned: PlannedCall) {
  const run = startRun();
  const begun = run.reply('', call('other', 'tool'), planned);
  const tell = (event: ToolCallEvent) => short(run.toCall(planned.id, event));
  return { run, begun: begun.filter((it) => 'call' in it && it.call === planned.id), tell };
}

test('a tool call asks for its tool, under the name of its agent', () => {
  const { run, begun } = startCall(call('t', 'tool'));
  assert.deepEqual(begun, [{ kind: 'runTool', call: 't', askedBy: 'Leader' }]);
  assert.equal(run.call('t'), 'toolResultPending');
});

test('what a tool returns is the result', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  assert.deepEqual(tell(finished), ['recordResult t tool']);
  assert.equal(run.call('t'), 'gone');
});

test('a question asks the person, and the answer is the result', () => {
  const { run, begun, tell } = startCall(call('q', 'question'));
  const question = { kind: 'askUser', call: 'q', askedBy: 'Leader', reason: 'input_required' };
  assert.deepEqual(begun, [question]);
  assert.equal(run.call('q'), 'awaitingUserInput');
  assert.deepEqual(tell(leaveIt), ['recordResult q user']);
  assert.equal(run.call('q'), 'gone');
});

test('a refused call has its result in the step that made it', () => {
  const { run, begun } = startCall(call('r', 'refusal'));
  assert.deepEqual(short(begun), ['recordResult r refusal']);
  assert.equal(run.call('r'), 'gone');
});

test('a delegation has one member at work and asks for nothing itself', () => {
  const { run, begun } = startCall(delegation('d', 'Worker'));
  assert.deepEqual(begun, []);
  assert.equal(run.call('d'), 'delegating');
  assert.equal(run.agent('d'), 'thinking');
});

test('a tool whose outcome is unknown becomes a question', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  assert.deepEqual(tell(unknown), ['askUser t outcome_unknown']);
  assert.equal(run.call('t'), 'outcomeUnknown');
});

test('a tool whose outcome is unknown runs again when the person says so', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  tell(unknown);
  assert.deepEqual(tell(runAgain), ['runTool t']);
  assert.equal(run.call('t'), 'toolResultPending');
  assert.deepEqual(tell(finished), ['recordResult t tool']);
});

test('a tool whose outcome is unknown does not run again when the person says no', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  tell(unknown);
  assert.deepEqual(tell(leaveIt), ['recordResult t user']);
  assert.equal(run.call('t'), 'gone');
});

test('a tool may become unknown again when it runs again', () => {
  const { tell } = startCall(call('t', 'tool'));
  tell(unknown);
  tell(runAgain);
  assert.deepEqual(tell(unknown), ['askUser t outcome_unknown']);
});

test('an unknown outcome pauses the run, and running the tool again resumes it', () => {
  const run = startRun();
  run.reply('', call('t', 'tool'));
  run.toCall('t', unknown);
  assert.equal(run.agent(''), 'answeringCalls.awaitingUserInput');
  run.toCall('t', runAgain);
  assert.equal(run.agent(''), 'answeringCalls.toolResultPending');
});

test('a call that is cancelled has its result, whomever it waits for', () => {
  const result = (id: string) => [`recordResult ${id} cancellation`];
  assert.deepEqual(startCall(call('t', 'tool')).tell(cancelled), result('t'));
  assert.deepEqual(startCall(call('q', 'question')).tell(cancelled), result('q'));
  assert.deepEqual(startCall(delegation('d', 'Worker')).tell(cancelled), result('d'));
  const { tell } = startCall(call('u', 'tool'));
  tell(unknown);
  assert.deepEqual(tell(cancelled), result('u'));
});

test("a cancelled delegation closes its member's calls before its own", () => {
  const { run, tell } = startCall(delegation('d', 'Worker'));
  run.reply('d', call('q', 'question'), call('t', 'tool'));
  const inOrder = ['d/q', 'd/t', 'd'].map((path) => `recordResult ${path} cancellation`);
  assert.deepEqual(tell(cancelled), inOrder);
});

/** Events that fit another state, and what must not happen: anything. */
const strays: [PlannedCall, ToolCallEvent[], ToolCallEvent[]][] = [
  [call('t', 'tool'), [], [runAgain, leaveIt]],
  [call('q', 'question'), [], [finished, unknown]],
  [delegation('d', 'Worker'), [], [finished, unknown, runAgain, leaveIt]],
  [call('u', 'tool'), [unknown], [finished, unknown]],
];

for (const [planned, before, events] of strays) {
  const { run, tell } = startCall(planned);
  for (const event of before) tell(event);
  const state = run.call(planned.id);

  test(`a call in ${state} ignores ${events.map(({ type }) => type).join(', ')}`, () => {
    for (const event of events) assert.deepEqual(tell(event), []);
    assert.equal(run.call(planned.id), state);
  });
}
