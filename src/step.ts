/**
 * One event in, one commit out: the only file that touches a live actor tree.
 *
 * The tree is rehydrated from the saved run, takes one event, settles synchronously, and is thrown
 * away. What its charts asked for becomes rows. Nothing here reads a clock, a random number or the
 * outside world, so the same run and the same event always make the same change.
 */
import { type AnyActorRef, createActor } from 'xstate';
import { agentMachine } from '../machines/agent.ts';
import { openRequests, takeRequests } from '../machines/effects.ts';
import { chartVersion } from '../machines/version.ts';
import type { Path, RunStatus } from '../machines/vocabulary.ts';
import { movesOf } from './actors.ts';
import { InvariantError, RequestError } from './errors.ts';
import { logOf } from './log.ts';
import {
  askedOf,
  briefsOf,
  effectsOf,
  messagesOf,
  questionsOf,
  reportsOf,
  resultOf,
  usesOf,
} from './step-rows.ts';
import type { RunEvent } from './stores/events.ts';
import type { SavedRun, StepChange } from './stores/rows.ts';

/**
 * What an event changes in a run; undefined if the charts do not take it, because it comes too late.
 *
 * @throws RequestError `snapshot_unreadable` if other charts saved the run
 * @throws InvariantError if the saved run cannot be taken up, or a chart fails
 */
export function takeStep(run: SavedRun, event: RunEvent): StepChange | undefined {
  const tree = rehydrate(run);
  const before = run.snapshot;
  const actor = actorAt(tree.root, event);
  const who = actor === undefined ? run.team : nameOf(actor);
  const isEnd = event.type === 'run.cancelled';
  const wasPaused = before !== null && statusOf(tree.root) === 'input_required';
  // What a run asks for as it begins, nobody wants of one that ends before.
  if (before === null && isEnd) takeRequests(tree.root.system);
  if (before !== null || isEnd) actor?.send(chartEvent(event));
  const requests = takeRequests(tree.root.system);
  const failed = tree.failure();
  if (failed !== undefined) throw new InvariantError(`A chart failed on "${event.type}".`, failed);
  const snapshot = JSON.stringify(tree.root.getPersistedSnapshot());
  if (snapshot === before && requests.length === 0) return undefined;
  const status = statusOf(tree.root);
  const reports = reportsOf(requests, event);
  const known = { ...run.reports };
  for (const { agent, text } of reports) known[agent] = text;
  const effects = effectsOf(requests, `${run.id}:${run.revision + 1}`);
  const questions = questionsOf(requests, event, `${run.id}:${run.revision + 1}`);
  const change: Omit<StepChange, 'log'> = {
    snapshot,
    chartVersion,
    status,
    content: contentOf(status, event),
    failure: status === 'failed' && 'failure' in event ? event.failure : null,
    messages: [...messagesOf(event), ...briefsOf(requests, known)],
    uses: usesOf(event, who),
    reports,
    results: requests.flatMap((request) =>
      request.kind === 'recordResult'
        ? [
            {
              call: request.call,
              source: request.source,
              result: resultOf(request, event, known),
            },
          ]
        : [],
    ),
    effects,
    questions,
    session: 'session' in event ? event.session : {},
    revision: {
      event: { type: event.type, path: placeOf(event) },
      moves: movesOf(before, snapshot, requests, event),
      effects: askedOf(effects, questions),
    },
  };
  return { ...change, log: logOf({ run, event, who, wasPaused, requests, change }) };
}

/** The report at the end, and what the leader said on the way: null leaves what it said before. */
function contentOf(status: RunStatus, event: RunEvent): string | null {
  if (event.type !== 'model.replied') return null;
  if (status === 'completed') return event.text ?? '';
  return event.agent === '' ? event.text || null : null;
}

/** The refusal of a run that this build's charts did not save. */
export function unreadable(runId: string, savedBy: number): RequestError {
  return new RequestError(
    'snapshot_unreadable',
    `Run "${runId}" was saved by chart version ${savedBy}; this build reads ${chartVersion}. It is unchanged: continue it with a build that reads it.`,
  );
}

interface Tree {
  readonly root: AnyActorRef & ReturnType<typeof createActor<typeof agentMachine>>;
  readonly failure: () => unknown;
}

function rehydrate(run: SavedRun): Tree {
  if (run.snapshot !== null && run.chartVersion !== chartVersion) {
    throw unreadable(run.id, run.chartVersion);
  }
  const root = createActor(agentMachine, {
    id: 'leader',
    systemId: 'leader',
    input: { path: '', name: run.team },
    ...(run.snapshot === null ? {} : { snapshot: JSON.parse(run.snapshot) }),
  });
  openRequests(root.system);
  let failure: unknown;
  // Without an observer XState throws a chart's error where nobody can catch it.
  root.subscribe({
    error: (error: unknown) => {
      failure = error ?? new Error('unknown');
    },
  });
  root.start();
  if (run.snapshot !== null && takeRequests(root.system).length > 0) {
    throw new InvariantError(`Run "${run.id}" asked for effects while it was taken up.`);
  }
  return { root, failure: () => failure };
}

/** The actor that an event is meant for; undefined if it is gone. */
function actorAt(root: AnyActorRef, event: RunEvent): AnyActorRef | undefined {
  return childAt(root, addressOf(placeOf(event)));
}

/** The path of whom an event happens to; the leader's if it happens to the run. */
function placeOf(event: RunEvent): Path {
  if ('agent' in event) return event.agent;
  return 'call' in event ? event.call : '';
}

/** The name of an agent, or of the agent whose tool call this is. */
function nameOf(actor: AnyActorRef): string {
  const { name, askedBy } = actor.getSnapshot().context;
  return name ?? askedBy;
}

/** The ids of the actors that lead to a place: calls and members in turn. */
function addressOf(path: Path): string[] {
  return path === '' ? [] : path.split(/[/:]/);
}

function childAt(root: AnyActorRef, address: readonly string[]): AnyActorRef | undefined {
  return address.reduce<AnyActorRef | undefined>((actor, id) => {
    const children: Record<string, AnyActorRef> = actor?.getSnapshot().children ?? {};
    return Object.hasOwn(children, id) ? children[id] : undefined;
  }, root);
}

/** What the charts are told of an event: what decides transitions, and nothing else. */
function chartEvent(event: RunEvent) {
  switch (event.type) {
    case 'model.replied':
      return {
        type: event.type,
        corrected: event.correction !== undefined,
        routes: event.routes,
        calls: event.calls.map(({ id, intent, plan }) => ({
          id,
          intent,
          ...(plan ? { plan: plan.map(({ task: _, ...assignment }) => assignment) } : {}),
        })),
      };
    case 'user.answered':
    case 'question.expired':
      return { type: event.type, unlocksTool: event.result === undefined };
    default:
      return { type: event.type };
  }
}

function statusOf(root: Tree['root']): RunStatus {
  const snapshot = root.getSnapshot();
  if (snapshot.matches('done')) return 'completed';
  if (snapshot.matches('failed')) return 'failed';
  if (snapshot.matches('cancelled')) return 'cancelled';
  return snapshot.hasTag('settled') ? 'input_required' : 'working';
}
