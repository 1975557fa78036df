/** A saved actor tree, read for checking: every actor in it, by kind and path. */
import type { Progress } from '../../machines/plan.ts';
import type { Assignment, Intent, OpenCall, Path } from '../../machines/vocabulary.ts';

export interface SeenActor {
  /** A stranger comes from neither chart: the real ones have none. */
  readonly kind: 'agent' | 'toolCall' | 'stranger';
  readonly path: Path;
  /** The active state, with its parents: `answeringCalls.delegating`. */
  readonly state: string;
  readonly status: string;
  /** The calls in the context of an agent. */
  readonly openCalls: readonly OpenCall[];
  /** What a tool call means. */
  readonly intent?: Intent | undefined;
  /** Who does what, of a tool call that delegates. */
  readonly plan: readonly Assignment[];
  /** The assignments that a tool call believes to be at work, and those of them that pause. */
  readonly working: readonly string[];
  readonly paused: readonly string[];
  readonly children: readonly SeenActor[];
}

export interface Tree {
  /** The leader's status: `active` until the run has ended. */
  readonly status: string;
  readonly leader: SeenActor;
  readonly actors: readonly SeenActor[];
  has(kind: SeenActor['kind'], path: Path): boolean;
  find(kind: SeenActor['kind'], path: Path): SeenActor | undefined;
}

interface SavedActor {
  readonly status: string;
  readonly value: unknown;
  readonly context?: {
    readonly path: Path;
    readonly openCalls?: readonly OpenCall[];
    readonly intent?: Intent;
    readonly plan?: readonly Assignment[];
    readonly progress?: Progress;
  };
  readonly children?: Readonly<Record<string, { readonly snapshot: SavedActor }>>;
}

export function readTree(json: string): Tree {
  const leader = readActor(JSON.parse(json) as SavedActor);
  const actors = withAllBelow(leader);
  const byAddress = new Map(actors.map((actor) => [`${actor.kind} ${actor.path}`, actor]));
  return {
    status: leader.status,
    leader,
    actors,
    has: (kind, path) => byAddress.has(`${kind} ${path}`),
    find: (kind, path) => byAddress.get(`${kind} ${path}`),
  };
}

function readActor({ context, value, status, children = {} }: SavedActor): SeenActor {
  return {
    kind: kindOf(context),
    path: context?.path ?? '',
    state: stateName(value),
    status,
    openCalls: context?.openCalls ?? [],
    intent: context?.intent,
    plan: context?.plan ?? [],
    working: context?.progress?.working ?? [],
    paused: context?.progress?.paused ?? [],
    children: Object.values(children).map(({ snapshot }) => readActor(snapshot)),
  };
}

function kindOf(context: SavedActor['context']): SeenActor['kind'] {
  if (context === undefined) return 'stranger';
  return context.openCalls === undefined ? 'toolCall' : 'agent';
}

function withAllBelow(actor: SeenActor): SeenActor[] {
  return [actor, ...actor.children.flatMap(withAllBelow)];
}

/** XState writes nested states as nested objects; here they are joined by dots. */
export function stateName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}.${stateName(inner)}`)
    .join(' ');
}
