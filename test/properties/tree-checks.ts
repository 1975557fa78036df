/** What must hold at every moment: the rows of a run say just what its saved tree says. */
import assert from 'node:assert/strict';
import { createActor } from 'xstate';
import { agentMachine } from '../../machines/agent.ts';
import { memberPathOf, type Path, pathOf, type RunStatus } from '../../machines/vocabulary.ts';
import type { RunEvent } from '../../src/stores/events.ts';
import { readTree } from '../machines/tree.ts';
import { isOver, type SavedRows } from './saved-rows.ts';

/** A saved actor, as XState writes it. */
interface SavedActor {
  readonly value: string | Readonly<Record<string, string>>;
  readonly children: Readonly<Record<string, { readonly snapshot: SavedActor }>>;
}

/** Whom a part of the tree waits for, without asking the charts: by the names of its states. */
interface Waits {
  /** Agents whose model chooses the next step. */
  readonly model: Path[];
  /** Calls whose tool runs. */
  readonly tool: Path[];
  /** Calls that have a question. */
  readonly user: Path[];
  /** Calls whose members are at work. */
  readonly members: Path[];
}

function waitsOfAgent(path: Path, actor: SavedActor, waits: Waits): void {
  if (actor.value === 'thinking') waits.model.push(path);
  for (const [id, { snapshot }] of Object.entries(actor.children)) {
    waitsOfCall(pathOf(path, id), snapshot, waits);
  }
}

function waitsOfCall(path: Path, actor: SavedActor, waits: Waits): void {
  if (actor.value === 'toolResultPending') waits.tool.push(path);
  else if (actor.value === 'awaitingUserInput') waits.user.push(path);
  else if (actor.value === 'outcomeUnknown') waits.user.push(path);
  else if (actor.value === 'delegating') waits.members.push(path);
  else assert.fail(`Call ${path} is saved in ${JSON.stringify(actor.value)}.`);
  for (const [id, { snapshot }] of Object.entries(actor.children)) {
    waitsOfAgent(memberPathOf(path, id), snapshot, waits);
  }
}

/** The status that the tree means, as the charts' own tags say it. */
function statusOf(snapshot: string): RunStatus {
  const root = createActor(agentMachine, {
    input: { path: '', name: '' },
    snapshot: JSON.parse(snapshot),
  }).getSnapshot();
  if (root.matches('done')) return 'completed';
  if (root.matches('failed')) return 'failed';
  if (root.matches('cancelled')) return 'cancelled';
  return root.hasTag('settled') ? 'input_required' : 'working';
}

/** States of which an actor does not come back. */
const ends = new Set(['done', 'failed', 'cancelled', 'answered']);

/** Asserts that status, calls, effects and questions are those of the saved tree. */
export function checkTree(rows: SavedRows): void {
  const { snapshot, status, calls, questions, effects } = rows;
  if (snapshot === null) {
    assert.equal(status, 'working', 'before its first step a run works');
    return;
  }
  assert.equal(status, statusOf(snapshot), 'the status is not what the tree says');
  const waits: Waits = { model: [], tool: [], user: [], members: [] };
  waitsOfAgent('', JSON.parse(snapshot), waits);
  const { model, tool, user, members } = waits;
  const ends = [...model, ...tool, ...user];
  if (!isOver(rows)) {
    const moves = model.length + tool.length > 0;
    assert.equal(status, moves ? 'working' : 'input_required', 'the status forgets who is at work');
    assert.ok(ends.length > 0, 'a run that is not over waits for nobody');
  }
  const open = calls.filter(({ result }) => result === null).map(({ path }) => path);
  assert.deepEqual(open.sort(), [...tool, ...user, ...members].sort(), 'open calls');
  assert.deepEqual(
    [...busyWith(rows, 'callModel')].sort(),
    model.sort(),
    'model calls under way are those that the tree waits for',
  );
  assert.deepEqual([...busyWith(rows, 'runTool')].sort(), tool.sort(), 'tools under way');
  assert.deepEqual(
    [...asked(rows)].sort(),
    user.sort(),
    'open questions are those that the tree waits for',
  );
  for (const { status: of, path } of effects) {
    if (isOver(rows)) assert.ok(of === 'done' || of === 'cancelled', `effect of ${path} is ${of}`);
  }
  for (const one of questions) {
    if (isOver(rows)) assert.notEqual(one.status, 'open', `question ${one.id} of an ended run`);
  }
}

/** Asserts that the steps as they are kept, one after the other, lead to the states of the tree. */
export function checkRevisions({ revision, revisions, snapshot }: SavedRows): void {
  assert.deepEqual(
    revisions.map((one) => one.revision),
    Array.from({ length: revision }, (_, index) => index + 1),
    'every revision is kept',
  );
  const states = new Map<Path, string>();
  for (const { path, from, to } of revisions.flatMap(({ moves }) => moves)) {
    assert.equal(from, states.get(path) ?? null, `${path} does not move on from where it was`);
    if (path !== '' && ends.has(to)) states.delete(path);
    else states.set(path, to);
  }
  const actors = snapshot === null ? [] : readTree(snapshot).actors;
  const saved = actors.map(({ path, state }): [Path, string] => [path, state]);
  assert.deepEqual(
    [...states].sort(),
    saved.sort(),
    'the steps lead to other states than the tree',
  );
}

/** The paths whose effect is under way, or has come back and waits for its step. */
function busyWith(rows: SavedRows, kind: 'callModel' | 'runTool'): Path[] {
  const under = rows.effects.filter(
    (one) => one.kind === kind && (one.status === 'pending' || one.status === 'running'),
  );
  const types: readonly RunEvent['type'][] =
    kind === 'callModel'
      ? ['model.replied', 'model.failed']
      : ['tool.finished', 'tool.asked', 'tool.outcomeUnknown'];
  return [...under.map(({ path }) => path), ...waitingFor(rows, types)];
}

/** The calls with an open question, or with a closed one that waits for its step. */
function asked(rows: SavedRows): Path[] {
  const open = rows.questions.filter(({ status }) => status === 'open').map(({ call }) => call);
  const failing = rows.inbox.flatMap(({ status, event, key }) =>
    status === 'waiting' && event.type === 'run.failed'
      ? rows.questions.filter(({ id }) => id === key).map(({ call }) => call)
      : [],
  );
  return [...open, ...failing, ...waitingFor(rows, ['user.answered', 'question.expired'])];
}

/** The paths that waiting events of these types are about, as far as they do not come too late. */
function waitingFor(rows: SavedRows, types: readonly RunEvent['type'][]): Path[] {
  if (isOver(rows)) return [];
  return rows.inbox.flatMap(({ status, event }) => {
    if (status !== 'waiting' || !types.includes(event.type)) return [];
    return 'agent' in event ? [event.agent] : 'call' in event ? [event.call] : [];
  });
}

/** Asserts that nothing which was said to a model, or to a client, was changed afterwards. */
export function checkKept(before: SavedRows | undefined, now: SavedRows): void {
  if (!before) return;
  assert.equal(now.id, before.id);
  assert.ok(now.revision >= before.revision, 'a revision never goes back');
  const results = new Map(now.calls.map((call) => [call.path, call]));
  for (const call of before.calls) {
    const later = results.get(call.path);
    assert.ok(later, `call ${call.path} is gone`);
    if (call.result !== null) assert.equal(later.result, call.result, 'a result never changes');
  }
  const questions = new Map(now.questions.map((question) => [question.id, question]));
  for (const question of before.questions) {
    if (question.status === 'open') continue;
    const later = questions.get(question.id);
    assert.equal(later?.status, question.status, `question ${question.id} was closed already`);
    assert.deepEqual(later?.answer, question.answer, `question ${question.id} has its answer`);
  }
  if (isOver(before)) assert.equal(now.status, before.status, 'an ended run has ended');
}
