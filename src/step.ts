/**
 * One event in, one commit out: the only file that touches a live actor tree.
 *
 * The tree is rehydrated from the saved run, takes one event, settles synchronously, and is thrown
 * away. What its charts asked for becomes rows. Nothing here reads a clock, a random number or the
 * outside world, so the same run and the same event always make the same change.
 */
import { type AnyActorRef, createActor } from 'xstate';
import { agentMachine } from '../machines/agent.ts';
import { type ChartRequest, openRequests, takeRequests } from '../machines/effects.ts';
import { chartVersion } from '../machines/version.ts';
import { type Path, pathOf, type RunStatus } from '../machines/vocabulary.ts';
import { InvariantError, RequestError } from './errors.ts';
import { logOf } from './log.ts';
import type {
  NewEffect,
  NewMessage,
  NewQuestion,
  RunEvent,
  SavedRun,
  StepChange,
} from './stores/store.ts';

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
  if (before !== null) actor?.send(chartEvent(event));
  const requests = takeRequests(tree.root.system);
  const failed = tree.failure();
  if (failed !== undefined) throw new InvariantError(`A chart failed on "${event.type}".`, failed);
  const snapshot = JSON.stringify(tree.root.getPersistedSnapshot());
  if (snapshot === before && requests.length === 0) return undefined;
  const status = statusOf(tree.root);
  return {
    snapshot,
    chartVersion,
    status,
    content: status === 'completed' && event.type === 'model.replied' ? (event.text ?? '') : null,
    failure: status === 'failed' && event.type === 'model.failed' ? event.failure : null,
    messages: messagesOf(event),
    results: requests.flatMap((request) =>
      request.kind === 'recordResult'
        ? [{ call: request.call, source: request.source, result: resultOf(request, event) }]
        : [],
    ),
    effects: effectsOf(requests, event, `${run.id}:${run.revision + 1}`),
    questions: questionsOf(requests, event, `${run.id}:${run.revision + 1}`),
    log: logOf(run.team, who, event, requests, status),
  };
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
  if ('agent' in event) return childAt(root, addressOf(event.agent, true));
  if ('call' in event) return childAt(root, addressOf(event.call, false));
  return root;
}

/** The name of an agent, or of the agent whose tool call this is. */
function nameOf(actor: AnyActorRef): string {
  const { name, askedBy } = actor.getSnapshot().context;
  return name ?? askedBy;
}

function addressOf(path: Path, isAgent: boolean): string[] {
  if (path === '') return [];
  const ids = path.split('/').flatMap((id) => [id, 'member']);
  return isAgent ? ids : ids.slice(0, -1);
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
        calls: event.calls.map(({ id, intent, member }) => ({
          id,
          intent,
          ...(member === undefined ? {} : { member }),
        })),
      };
    case 'user.answered':
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

function messagesOf(event: RunEvent): NewMessage[] {
  if (event.type === 'run.started') return [{ agent: '', role: 'user', text: event.message }];
  if (event.type !== 'model.replied') return [];
  const { agent, text, calls } = event;
  const tasks = calls.flatMap(({ id, task }): NewMessage[] =>
    task === undefined ? [] : [{ agent: pathOf(agent, id), role: 'user', text: task }],
  );
  return [{ agent, role: 'assistant', text, calls }, ...tasks];
}

function effectsOf(requests: ChartRequest[], event: RunEvent, idPrefix: string): NewEffect[] {
  return requests.flatMap((request, index): NewEffect[] => {
    const id = `${idPrefix}:${index}`;
    if (request.kind === 'callModel') {
      return [{ id, kind: 'callModel', agent: request.agent, name: request.name }];
    }
    if (request.kind !== 'runTool') return [];
    const repeatable = readCallAt(event, request.call)?.repeatable ?? false;
    return [{ id, kind: 'runTool', call: request.call, name: request.askedBy, repeatable }];
  });
}

function questionsOf(requests: ChartRequest[], event: RunEvent, idPrefix: string): NewQuestion[] {
  return requests.flatMap((request, index): NewQuestion[] => {
    if (request.kind !== 'askUser') return [];
    const draft =
      event.type === 'tool.outcomeUnknown'
        ? event.question
        : readCallAt(event, request.call)?.question;
    if (!draft) throw new InvariantError(`Tool call "${request.call}" asks nothing.`);
    const { call, askedBy, reason } = request;
    return [
      {
        ...draft,
        id: `q_${idPrefix.replace(/^run_/, '').replace(':', '_')}_${index}`,
        call,
        askedBy,
        reason,
      },
    ];
  });
}

/** The call of the reply in this event that stands at a path. */
function readCallAt(event: RunEvent, path: Path) {
  if (event.type !== 'model.replied') return undefined;
  return event.calls.find(({ id }) => pathOf(event.agent, id) === path);
}

/** The sentence that answers a call, from the event that brought it about. */
function resultOf(
  { call, source }: Extract<ChartRequest, { kind: 'recordResult' }>,
  event: RunEvent,
): string {
  if (source === 'cancellation') return 'The run was cancelled before this call had a result.';
  if (source === 'refusal') {
    const refusal = readCallAt(event, call)?.refusal;
    if (refusal !== undefined) return refusal;
  }
  if (source === 'member' && event.type === 'model.replied') return event.text ?? '';
  if (source === 'member' && event.type === 'model.failed') {
    return `The member could not finish: ${event.failure.message}`;
  }
  if (source === 'tool' && event.type === 'tool.finished') return event.result;
  if (source === 'user' && event.type === 'user.answered' && event.result !== undefined) {
    return event.result;
  }
  throw new InvariantError(`"${event.type}" brought no result for tool call "${call}".`);
}
