/**
 * The actors of a saved run: which there are, what state each is in, and how a step moved them. A
 * snapshot is read as plain JSON, so it costs no live tree.
 */
import type { ChartRequest } from '../machines/effects.ts';
import type { Progress } from '../machines/plan.ts';
import {
  type Assignment,
  type OpenCall,
  type Path,
  pathOf,
  type ReportOutcome,
} from '../machines/vocabulary.ts';
import type { RunEvent } from './stores/events.ts';

/** Which chart an actor follows. */
export type ActorKind = 'agent' | 'toolCall';

/** An actor as its snapshot has it. */
export interface SavedActor {
  readonly kind: ActorKind;
  readonly path: Path;
  /** The state it is in, below the states that contain it: `answeringCalls.delegating`. */
  readonly state: string;
  readonly context: SavedContext;
}

/** What decides an actor's transitions; an agent has open calls, a tool call has an asker. */
interface SavedContext {
  readonly path: Path;
  readonly name?: string;
  readonly askedBy?: string;
  readonly openCalls?: readonly OpenCall[];
  readonly plan?: readonly Assignment[];
  readonly progress?: Progress;
}

/** One actor that a step moved. */
export interface Move {
  readonly path: Path;
  readonly kind: ActorKind;
  /** The agent's name with the names above it, or the tool's; present where it is new. */
  readonly name?: string;
  /** Null if the step made the actor. */
  readonly from: string | null;
  readonly to: string;
}

interface Saved {
  readonly value: unknown;
  readonly context: SavedContext;
  readonly children: Readonly<Record<string, { readonly snapshot: Saved }>>;
}

/** The actors of a snapshot, each before those that it made; none before the first step. */
export function actorsIn(snapshot: string | null): SavedActor[] {
  const below = ({ value, context, children }: Saved): SavedActor[] => [
    {
      kind: context.openCalls === undefined ? 'toolCall' : 'agent',
      path: context.path,
      state: stateOf(value),
      context,
    },
    ...Object.values(children).flatMap((child) => below(child.snapshot)),
  ];
  return snapshot === null ? [] : below(JSON.parse(snapshot));
}

/** XState writes nested states as nested objects; no state of our charts is parallel. */
function stateOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}.${stateOf(inner)}`)
    .join(' ');
}

/** The agent of a tool call, or the delegation of a member; null for the leader. */
export function parentOf(path: Path): Path | null {
  if (path === '') return null;
  return path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf(':'), 0));
}

/** What a step did to the actors, in the order of the tree; those that it ended come last. */
export function movesOf(
  before: string | null,
  after: string,
  requests: readonly ChartRequest[],
  event: RunEvent,
): Move[] {
  const was = new Map(actorsIn(before).map((actor) => [actor.path, actor.state]));
  const is = actorsIn(after);
  const names = toolNames(event);
  const name = ({ kind, path, context }: SavedActor) =>
    kind === 'agent' ? context.name : names.get(path);
  const moved = is.flatMap((actor): Move[] => {
    const { path, kind, state: to } = actor;
    const from = was.get(path) ?? null;
    if (from === to) return [];
    return [{ path, kind, ...(from === null ? { name: name(actor) ?? '' } : {}), from, to }];
  });
  const left = new Set(is.map(({ path }) => path));
  return [...moved, ...endsOf(requests, names, was).filter(({ path }) => !left.has(path))];
}

/** A call gets its tool's name from the reply that it stands in. */
function toolNames(event: RunEvent): ReadonlyMap<Path, string> {
  const calls = event.type === 'model.replied' ? event.calls : [];
  const agent = 'agent' in event ? event.agent : '';
  return new Map(calls.map(({ id, name }) => [pathOf(agent, id), name]));
}

const lastStates: Readonly<Record<ReportOutcome, string | undefined>> = {
  reported: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  // It never began.
  skipped: undefined,
};

/** The actors that ended: each is stopped as it ends, so the snapshot does not have it any more. */
function endsOf(
  requests: readonly ChartRequest[],
  names: ReadonlyMap<Path, string>,
  was: ReadonlyMap<Path, string>,
): Move[] {
  return requests.flatMap((request): Move[] => {
    const from = (path: Path) => was.get(path) ?? null;
    if (request.kind === 'recordResult') {
      const path = request.call;
      const name = names.get(path);
      const born = name === undefined ? {} : { name };
      return [{ path, kind: 'toolCall', ...born, from: from(path), to: 'answered' }];
    }
    if (request.kind !== 'recordReport') return [];
    const { agent: path, outcome } = request;
    const to = lastStates[outcome];
    return to === undefined ? [] : [{ path, kind: 'agent', from: from(path), to }];
  });
}

/** How a rewritten run differs: in the names of its actors, and in states that are called anew. */
export function rewrittenMoves(
  before: string | null,
  after: string | null,
  tools: Readonly<Record<Path, string>>,
): Move[] {
  const was = new Map(actorsIn(before).map((actor) => [actor.path, actor]));
  return actorsIn(after).flatMap(({ path, kind, state: to, context }): Move[] => {
    const old = was.get(path);
    const name = kind === 'agent' ? context.name : tools[path];
    const isNew = name !== undefined && name !== old?.context.name;
    const from = old?.state ?? null;
    return from === to && !isNew ? [] : [{ path, kind, ...(isNew ? { name } : {}), from, to }];
  });
}
