/** Every way a tool call goes, from the model's request to its one result. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToolCallEvent } from '../../machines/tool-call.ts';
import type { PlannedCall } from '../../machines/vocabulary.ts';
import { short, startRun } from './live-run.ts';
import { call, delegation } from './planned-calls.ts';

const finished = { type: 'tool.finished' } as const;
const unknown = { type: 'tool.outcomeUnknown' } as const;
const asked = { type: 'tool.asked' } as const;
const unlocked = { type: 'user.answered', unlocksTool: true } as const;
const leaveIt = { type: 'user.answered', unlocksTool: false } as const;
const timeIsUp = { type: 'question.expired', unlocksTool: false } as const;
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
  assert.equal(run.state('t'), 'toolResultPending');
});

test('what a tool returns is the result', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  assert.deepEqual(tell(finished), ['recordResult t tool']);
  assert.equal(run.state('t'), 'gone');
});

test('a question asks the person, and the answer is the result', () => {
  const { run, begun, tell } = startCall(call('q', 'question'));
  const question = { kind: 'askUser', call: 'q', askedBy: 'Leader' };
  assert.deepEqual(begun, [question]);
  assert.equal(run.state('q'), 'awaitingUserInput');
  assert.deepEqual(tell(leaveIt), ['recordResult q user']);
  assert.equal(run.state('q'), 'gone');
});

test('a question whose time is over has its result without an answer', () => {
  const { run, tell } = startCall(call('q', 'question'));
  assert.deepEqual(tell(timeIsUp), ['recordResult q expiry']);
  assert.equal(run.state('q'), 'gone');
});

test('a held tool asks the person before it runs', () => {
  const { run, begun, tell } = startCall(call('h', 'heldTool'));
  assert.deepEqual(begun, [{ kind: 'askUser', call: 'h', askedBy: 'Leader' }]);
  assert.equal(run.state('h'), 'awaitingUserInput');
  assert.deepEqual(tell(unlocked), ['runTool h']);
  assert.equal(run.state('h'), 'toolResultPending');
  assert.deepEqual(tell(finished), ['recordResult h tool']);
});

test('a held tool that the person declines does not run', () => {
  const { run, tell } = startCall(call('h', 'heldTool'));
  assert.deepEqual(tell(leaveIt), ['recordResult h user']);
  assert.equal(run.state('h'), 'gone');
});

test('a held tool whose time is over runs or does not run, as its deadline says', () => {
  const runs = startCall(call('h', 'heldTool'));
  assert.deepEqual(runs.tell({ ...timeIsUp, unlocksTool: true }), ['runTool h']);
  assert.equal(runs.run.state('h'), 'toolResultPending');
  const ends = startCall(call('h', 'heldTool'));
  assert.deepEqual(ends.tell(timeIsUp), ['recordResult h expiry']);
  assert.equal(ends.run.state('h'), 'gone');
});

test('a tool may ask the person in the middle of its work, and again after the answer', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  assert.deepEqual(tell(asked), ['askUser t']);
  assert.equal(run.state('t'), 'awaitingUserInput');
  assert.deepEqual(tell(unlocked), ['runTool t']);
  assert.deepEqual(tell(asked), ['askUser t']);
  assert.deepEqual(tell(unlocked), ['runTool t']);
  assert.deepEqual(tell(finished), ['recordResult t tool']);
});

test('a tool that asked and got no leave to go on has the answer as its result', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  tell(asked);
  assert.deepEqual(tell(leaveIt), ['recordResult t user']);
  assert.equal(run.state('t'), 'gone');
});

test('a tool that asks pauses the run, and its answer resumes it', () => {
  const run = startRun();
  run.reply('', call('t', 'tool'));
  run.toCall('t', asked);
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
  run.toCall('t', unlocked);
  assert.equal(run.state(''), 'answeringCalls.toolResultPending');
});

test('a refused call has its result in the step that made it', () => {
  const { run, begun } = startCall(call('r', 'refusal'));
  assert.deepEqual(short(begun), ['recordResult r refusal']);
  assert.equal(run.state('r'), 'gone');
});

test('a delegation has one member at work and asks for nothing itself', () => {
  const { run, begun } = startCall(delegation('d', 'Worker'));
  assert.deepEqual(begun, []);
  assert.equal(run.state('d'), 'delegating');
  assert.equal(run.state('d:Worker'), 'thinking');
});

test('a tool whose outcome is unknown becomes a question', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  assert.deepEqual(tell(unknown), ['askUser t']);
  assert.equal(run.state('t'), 'outcomeUnknown');
});

test('a tool whose outcome is unknown runs again when the person says so', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  tell(unknown);
  assert.deepEqual(tell(unlocked), ['runTool t']);
  assert.equal(run.state('t'), 'toolResultPending');
  assert.deepEqual(tell(finished), ['recordResult t tool']);
});

test('a tool whose outcome is unknown does not run again when the person says no', () => {
  const { run, tell } = startCall(call('t', 'tool'));
  tell(unknown);
  assert.deepEqual(tell(leaveIt), ['recordResult t user']);
  assert.equal(run.state('t'), 'gone');
});

test('a tool may become unknown again when it runs again', () => {
  const { tell } = startCall(call('t', 'tool'));
  tell(unknown);
  tell(unlocked);
  assert.deepEqual(tell(unknown), ['askUser t']);
});

test('an unknown outcome pauses the run, and running the tool again resumes it', () => {
  const run = startRun();
  run.reply('', call('t', 'tool'));
  run.toCall('t', unknown);
  assert.equal(run.state(''), 'answeringCalls.awaitingUserInput');
  run.toCall('t', unlocked);
  assert.equal(run.state(''), 'answeringCalls.toolResultPending');
});

test('a call that is cancelled has its result, whomever it waits for', () => {
  const result = (id: string) => [`recordResult ${id} cancellation`];
  assert.deepEqual(startCall(call('t', 'tool')).tell(cancelled), result('t'));
  assert.deepEqual(startCall(call('q', 'question')).tell(cancelled), result('q'));
  assert.deepEqual(startCall(call('h', 'heldTool')).tell(cancelled), result('h'));
  const delegated = ['recordReport d:Worker cancelled', ...result('d')];
  assert.deepEqual(startCall(delegation('d', 'Worker')).tell(cancelled), delegated);
  const { tell } = startCall(call('u', 'tool'));
  tell(unknown);
  assert.deepEqual(tell(cancelled), result('u'));
});

test("a cancelled delegation closes its member's calls before its own", () => {
  const { run, tell } = startCall(delegation('d', 'Worker'));
  run.reply('d:Worker', call('q', 'question'), call('t', 'tool'));
  assert.deepEqual(tell(cancelled), [
    'recordResult d:Worker/q cancellation',
    'recordResult d:Worker/t cancellation',
    'recordReport d:Worker cancelled',
    'recordResult d cancellation',
  ]);
});

/** Events that fit another state, and what must not happen: anything. */
const strays: [PlannedCall, ToolCallEvent[], ToolCallEvent[]][] = [
  [call('t', 'tool'), [], [unlocked, leaveIt, timeIsUp]],
  [call('q', 'question'), [], [finished, asked, unknown]],
  [delegation('d', 'Worker'), [], [finished, asked, unknown, unlocked, leaveIt, timeIsUp]],
  [call('u', 'tool'), [unknown], [finished, asked, unknown, timeIsUp]],
];

for (const [planned, before, events] of strays) {
  const { run, tell } = startCall(planned);
  for (const event of before) tell(event);
  const state = run.state(planned.id);

  test(`a call in ${state} ignores ${[...new Set(events.map(({ type }) => type))].join(', ')}`, () => {
    for (const event of events) assert.deepEqual(tell(event), []);
    assert.equal(run.state(planned.id), state);
  });
}
