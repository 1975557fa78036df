/** The revisions of a run: what each step did to its actors, and the actors as they were after it. */
import type { Path } from '../machines/vocabulary.ts';
import { type ActorKind, type Move, parentOf } from './actors.ts';
import type { AskedEffect, RevisionRow } from './stores/rows.ts';

/** An agent or a tool call of a run, as it was at a revision. */
export interface Actor {
  /** Its place in the run; empty for the leader. */
  readonly path: Path;
  /** The path of the actor that it belongs to; null for the leader. */
  readonly parent: Path | null;
  readonly kind: ActorKind;
  /** An agent's name with the names above it, or the tool's name. */
  readonly name: string;
  /** Its state in its chart, below the states that contain it: `answeringCalls.delegating`. */
  readonly state: string;
  /** When it came into this state. */
  readonly since: Date;
}

/** One actor that a step moved. An actor that the step made and ended moved only once. */
export interface Transition extends Pick<Actor, 'path' | 'parent' | 'kind' | 'name'> {
  /** Null if the step made the actor. */
  readonly from: string | null;
  readonly to: string;
}

/** One step of a run, or a rewriting of it for changed code. */
export interface Revision {
  /** Counts from 1. */
  readonly revision: number;
  readonly at: Date;
  /**
   * What happened, and to whom. Beside the events of the charts: `run.adopted` when changed code took
   * the run up, `run.migrated` when a migration renamed what is in it.
   */
  readonly event: { readonly type: string; readonly path: Path };
  readonly transitions: readonly Transition[];
  /** What the step asked for. */
  readonly effects: readonly AskedEffect[];
  /** The actors after the step, each before those that belong to it. An actor that ended is gone. */
  readonly actors: readonly Actor[];
}

/** Which revisions to read. */
export interface RevisionFilter {
  /** Continue after this revision; default 0. */
  readonly after?: number;
  /** Default 50, at most 200. */
  readonly limit?: number;
}

/** What to read, within what may be asked for. */
export function pageOf({ after = 0, limit = 50 }: RevisionFilter): {
  readonly after: number;
  readonly upTo: number;
} {
  return { after, upTo: after + Math.min(Math.max(limit, 0), 200) };
}

/** The revisions after one, from the rows of all steps until then. */
export function revisionsFrom(rows: readonly RevisionRow[], after: number): Revision[] {
  const actors = new Map<Path, Actor>();
  return rows.flatMap(({ revision, at, event, moves, effects }): Revision[] => {
    const transitions = moves.flatMap((move) => moved(actors, move, at));
    if (revision <= after) return [];
    return [{ revision, at: new Date(at), event, transitions, effects, actors: inOrder(actors) }];
  });
}

/** The actors after all steps. */
export function actorsAfter(rows: readonly RevisionRow[]): Actor[] {
  const actors = new Map<Path, Actor>();
  for (const { moves, at } of rows) for (const move of moves) moved(actors, move, at);
  return inOrder(actors);
}

/** States of which an actor does not come back; the leader alone is kept in its own. */
const lastStates = new Set(['done', 'failed', 'cancelled', 'answered']);

function moved(actors: Map<Path, Actor>, move: Move, at: number): Transition[] {
  const { path, kind, from, to } = move;
  const old = actors.get(path);
  const name = move.name ?? old?.name ?? '';
  const actor = { path, parent: parentOf(path), kind, name };
  const since = from === to && old ? old.since : new Date(at);
  if (lastStates.has(to) && path !== '') actors.delete(path);
  else actors.set(path, { ...actor, state: to, since });
  return from === to ? [] : [{ ...actor, from, to }];
}

function inOrder(actors: ReadonlyMap<Path, Actor>): Actor[] {
  const children = Map.groupBy(actors.values(), ({ parent }) => parent);
  const below = (parent: Path | null): Actor[] =>
    (children.get(parent) ?? []).flatMap((actor) => [actor, ...below(actor.path)]);
  return below(null);
}
