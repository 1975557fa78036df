/** What sentences about a run are made of: its actors and rows, and words for lists of them. */
import type { Path } from '../../machines/vocabulary.ts';
import { parentOf, type SavedActor } from '../actors.ts';
import type { Question } from '../questions/question.ts';
import type { Standing } from '../stores/standing.ts';

export interface Scene extends Standing {
  /** Whether it goes on as soon as fewer runs are at work in this process. */
  readonly isHeldBack: boolean;
  readonly actors: readonly SavedActor[];
}

/** The actors that belong to one. */
export function childrenOf({ actors }: Scene, path: Path): SavedActor[] {
  return actors.filter((actor) => parentOf(actor.path) === path);
}

/** The open questions of a tool call, or of an agent's own calls. */
export function openAt({ questions }: Scene, path: Path): Question[] {
  return questions.filter(
    (one) => one.status === 'open' && (one.path === path || parentOf(one.path) === path),
  );
}

/** The members at work on a delegation, by their own names. */
export function membersOf(scene: Scene, call: Path): string[] {
  return childrenOf(scene, call).map(({ context }) => ownName(context.name ?? ''));
}

/** The last of an agent's names: `WorkerAgent` of `OrchestratorTeam/WorkerAgent`. */
export function ownName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** `its member "a"`, or `its members "a" and "b"`. */
export function its(noun: string, names: readonly string[]): string {
  return `its ${noun}${names.length > 1 ? 's' : ''} ${listed(names.map((name) => `"${name}"`))}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${last}` : last;
}

/** ` (try 2)`, once something was begun again after a restart. */
export function tries(attempt: number): string {
  return attempt > 1 ? ` (try ${attempt})` : '';
}
