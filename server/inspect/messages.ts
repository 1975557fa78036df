/**
 * What Stately's inspector is told of a run, in its own protocol: which actors there are, the events
 * that they took, and their states. Nothing that a person, a model or a tool said is in it.
 */
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { type Actor, machineJson, type Revision, type Transition } from '../../src/index.ts';

/** States in which an actor has ended. */
const lastStates = new Set(['done', 'failed', 'cancelled', 'answered']);

/** The version of the protocol: that of the package whose messages these are. */
const protocol = '0.7.2';

/** The name of an actor, the same before and after a restart: the run's id, and the actor's path. */
function sessionOf(runId: string, path: string): string {
  return path === '' ? runId : `${runId}/${path}`;
}

type Standing = Pick<Actor, 'path' | 'parent' | 'kind' | 'name' | 'state'>;

/** Says that there is an actor, and in which state. A person tells it by its name, and runs by theirs. */
export function actorMessage(runId: string, actor: Standing, at: Date): StatelyInspectionEvent {
  const { path, parent, kind, name } = actor;
  return {
    ...baseOf(runId, path, at),
    type: '@xstate.actor',
    name: path === '' ? `${name} ${runId}` : name,
    parentId: parent === null ? undefined : sessionOf(runId, parent),
    definition: JSON.stringify(machineJson(kind)),
    snapshot: snapshotOf(actor),
  };
}

/** What a step did: the actors that it made, the event, and the states after it. */
export function stepMessages(runId: string, step: Revision): StatelyInspectionEvent[] {
  const { at, event, transitions } = step;
  const happened = { type: event.type };
  const made = transitions.filter(({ from }) => from === null);
  return [
    ...made.map((one) => actorMessage(runId, standing(one), at)),
    {
      ...baseOf(runId, event.path, at),
      type: '@xstate.event',
      event: happened,
      sourceId: undefined,
    },
    ...transitions.map(
      (one): StatelyInspectionEvent => ({
        ...baseOf(runId, one.path, at),
        type: '@xstate.snapshot',
        event: happened,
        snapshot: snapshotOf(standing(one)) as never,
      }),
    ),
  ];
}

function standing({ to, ...actor }: Transition): Standing {
  return { ...actor, state: to };
}

/** A snapshot as XState would show it, with a context of names alone. */
function snapshotOf({ path, name, state }: Standing) {
  const keys = state.split('.');
  const value = keys.reduceRight<object | string>(
    (inner, key) => (inner === '' ? key : { [key]: inner }),
    '',
  );
  const status = lastStates.has(state) ? ('done' as const) : ('active' as const);
  return { status, value, context: { path, name } };
}

function baseOf(runId: string, path: string, at: Date) {
  return {
    sessionId: sessionOf(runId, path),
    rootId: runId,
    createdAt: String(at.getTime()),
    id: '',
    _version: protocol,
  };
}
