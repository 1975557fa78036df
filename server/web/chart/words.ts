/** Actors, states, events and effects, in words. */
import type { ExplainedActor, Step, Transition } from './bodies.ts';

type Named = Pick<Transition, 'path' | 'parent' | 'kind' | 'name'>;

/** An agent's own name, without those above it; a tool's name. */
export function ownName({ kind, name }: Named): string {
  return kind === 'agent' ? name.slice(name.lastIndexOf('/') + 1) : name;
}

/** A tool call is told from others by who asked for it. */
export function fullName(actor: Named, { actors, transitions }: Step): string {
  const asker = [...actors, ...transitions].find(({ path }) => path === actor.parent);
  const isCall = actor.kind === 'tool_call' && asker !== undefined;
  return isCall ? `${ownName(asker)} › ${actor.name}` : ownName(actor);
}

/** An actor in a state, after some step. */
type Standing = Pick<Transition, 'path' | 'parent' | 'kind'> & { readonly state: string };

/** What an actor is at, after its name. */
export function standingIn(actor: Standing, all: readonly Standing[]): string {
  const { kind, state } = actor;
  if (kind === 'tool_call') return callWords[state] ?? `is in ${state}`;
  // Of those that only the person can move, most wait for a member that asks.
  const isAbove = asksYou(state) && waitsFor(actor, all) === 'others';
  return isAbove ? 'waits for its members' : (agentWords[state] ?? `is in ${state}`);
}

const agentWords: Readonly<Record<string, string>> = {
  thinking: 'is thinking',
  'answeringCalls.delegating': 'waits for its members',
  'answeringCalls.toolResultPending': 'waits for its tools',
  'answeringCalls.awaitingUserInput': 'waits for you',
  done: 'has reported',
  failed: 'failed',
  cancelled: 'was stopped',
};

const callWords: Readonly<Record<string, string>> = {
  delegating: 'waits for its members',
  awaitingUserInput: 'waits for your answer',
  toolResultPending: 'runs',
  outcomeUnknown: 'waits for you to say whether it ran',
  answered: 'has its result',
};

/** Whom an actor waits for: you, if it asked itself. */
export function waitsFor(actor: Standing, all: readonly Standing[]): 'you' | 'nobody' | 'others' {
  const { path, kind, state } = actor;
  if (['done', 'failed', 'cancelled', 'answered'].includes(state)) return 'nobody';
  const asks =
    kind === 'tool_call'
      ? asksYou(state)
      : all.some((one) => one.parent === path && one.kind === 'tool_call' && asksYou(one.state));
  return asks ? 'you' : 'others';
}

function asksYou(state: string): boolean {
  return /awaitingUserInput$|^outcomeUnknown$/.test(state);
}

/** A state with those that contain it: "answeringCalls › delegating". */
export function stateName(state: string): string {
  return state.replaceAll('.', ' › ');
}

/** The innermost of the states that an actor is in. */
export function innerState(state: string): string {
  return state.slice(state.lastIndexOf('.') + 1);
}

/** When an event comes that an actor can take next. */
export function occasion({ type, cause }: ExplainedActor['events'][number]): string {
  return occasions[type] ?? causes[cause];
}

const occasions: Readonly<Record<string, string>> = {
  'model.replied': 'when its model replies',
  'model.failed': 'if its model gives no usable reply',
  'call.waits': 'when one of its calls waits for somebody else',
  'xstate.done.actor.*': 'when a call or a member of it ends',
  'member.paused': 'when a member has to wait for you',
  'member.resumed': 'when a member goes on after your answer',
  'tool.finished': 'when the tool returns its result',
  'tool.asked': 'if the tool asks you something first',
  'tool.outcomeUnknown': 'if a crash hides whether the tool ran',
  'user.answered': 'when you answer',
  'question.expired': 'when the deadline of the question passes',
  'run.failed': 'when the deadline of a question passes',
  'run.cancelled': 'if the run is stopped',
};

const causes: Readonly<Record<ExplainedActor['events'][number]['cause'], string>> = {
  resume: 'when you answer',
  cancel: 'if the run is stopped',
  model: 'from its model',
  tool: 'from its tool',
  deadline: 'when a deadline passes',
  restart: 'after a crash',
  actor: 'from an actor that belongs to it',
};

/** What a step asked for, in words; the same thing is said once. */
export function effectsIn({ effects }: Step): string {
  const kinds = Map.groupBy(effects, ({ kind }) => kind);
  return [...kinds].map(([kind, { length }]) => effectWords[kind](length)).join(', ');
}

const effectWords: Readonly<Record<Step['effects'][number]['kind'], (n: number) => string>> = {
  callModel: (n) => (n === 1 ? 'calls the model' : `calls ${n} models`),
  runTool: (n) => (n === 1 ? 'runs the tool' : `runs ${n} tools`),
  askUser: (n) => (n === 1 ? 'asks you' : `asks you ${n} questions`),
};
