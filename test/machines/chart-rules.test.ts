/** What a chart may be made of: the rules that keep a run savable at every moment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';

const charts: AnyStateMachine[] = [agentMachine, toolCallMachine];

/** All state nodes of a chart, its root first. */
function nodes(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodes)];
}

/** All transitions out of a state node, with and without an event. */
function transitions(node: AnyStateNode) {
  return [...(node.always ?? []), ...[...node.transitions.values()].flat()];
}

function actions(node: AnyStateNode): unknown[] {
  return [node.entry, node.exit, ...transitions(node).map((it) => it.actions)].flat();
}

function typeOf(part: unknown): unknown {
  return typeof part === 'object' && part !== null && 'type' in part ? part.type : part;
}

for (const chart of charts) {
  const all = nodes(chart.root);
  const ids = (some: AnyStateNode[]) => some.map(({ id }) => id);

  test(`${chart.id}: every state says in one sentence what it is`, () => {
    const states = all.filter((node) => node !== chart.root);
    assert.deepEqual(ids(states.filter((it) => !/^[A-Z].*\.$/.test(it.description ?? ''))), []);
  });

  test(`${chart.id}: no state invokes an actor`, () => {
    assert.deepEqual(ids(all.filter(({ invoke }) => invoke.length > 0)), []);
  });

  test(`${chart.id}: nothing waits for a clock`, () => {
    assert.deepEqual(ids(all.filter(({ after }) => after.length > 0)), []);
    assert.deepEqual(chart.implementations.delays, {});
  });

  test(`${chart.id}: every action and every guard has a name`, () => {
    const parts = all.flatMap((node) => [
      ...actions(node),
      ...transitions(node).flatMap(({ guard }) => guard ?? []),
    ]);
    const { actions: named, guards } = chart.implementations;
    const names = [...Object.keys(named), ...Object.keys(guards)];
    assert.deepEqual(
      parts.map(typeOf).filter((it) => !names.includes(String(it))),
      [],
    );
  });

  test(`${chart.id}: every implementation is used`, () => {
    const parts = all.flatMap((node) => [
      ...actions(node),
      ...transitions(node).map((it) => it.guard),
    ]);
    const used = new Set(parts.map(typeOf));
    const { actions: named, guards } = chart.implementations;
    const unused = Object.keys({ ...named, ...guards }).filter((name) => !used.has(name));
    assert.deepEqual(unused, []);
  });
}

test('the only actors of a chart are the other chart', () => {
  assert.deepEqual(Object.entries(agentMachine.implementations.actors), [
    ['toolCall', toolCallMachine],
  ]);
  assert.deepEqual(Object.entries(toolCallMachine.implementations.actors), [
    ['agent', agentMachine],
  ]);
});

test('thinking is entered at the start, when every tool call is answered, and after a corrected reply', () => {
  const { root } = agentMachine;
  assert.deepEqual(
    root.initial.target.map(({ id }) => id),
    ['agent.thinking'],
  );
  const ways = nodes(root)
    .flatMap(transitions)
    .filter(({ target }) => target?.some(({ id }) => id === 'agent.thinking'))
    .map(({ source, eventType, guard }) => [source.id, eventType, typeOf(guard)]);
  assert.deepEqual(ways, [
    ['agent.thinking', 'model.replied', 'isCorrected'],
    ['agent.answeringCalls', '', 'everyToolCallAnswered'],
  ]);
});

test('a corrected reply enters thinking anew, and only when it has no calls', () => {
  const thinking = agentMachine.getStateNodeById('agent.thinking');
  const ways = thinking.transitions
    .get('model.replied')
    ?.map(({ guard, target, reenter }) => [typeOf(guard), target?.[0]?.key, reenter]);
  // The first that fits is taken: behind `hasCalls` there are no calls.
  assert.deepEqual(ways, [
    ['hasCalls', 'answeringCalls', false],
    ['isCorrected', 'thinking', true],
    [undefined, 'completing', false],
  ]);
});

test('answered calls are followed by the report of a routed member, else by thinking', () => {
  const { always } = agentMachine.getStateNodeById('agent.answeringCalls');
  const ways = always?.map(({ guard, target }) => [typeOf(guard), target?.[0]?.key]);
  assert.deepEqual(ways, [
    ['theReportIsRouted', 'completing'],
    ['everyToolCallAnswered', 'thinking'],
  ]);
});

test('the model is called on entering thinking, and nowhere else', () => {
  const asks = charts
    .flatMap((chart) => nodes(chart.root))
    .flatMap((node) => actions(node).map((action) => [node.id, typeOf(action)]))
    .filter(([, action]) => action === 'callModel');
  assert.deepEqual(asks, [['agent.thinking', 'callModel']]);
  const { entry } = agentMachine.getStateNodeById('agent.thinking');
  assert.deepEqual(entry.map(typeOf), ['callModel']);
});
