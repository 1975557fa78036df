/** How a delegation's assignments follow each other: which may begin, and which never can. */
import { type Assignment, memberPathOf, type Path } from './vocabulary.ts';

/** How far a delegation has come. Every list holds ids of assignments. */
export interface Progress {
  /** At work, or paused. */
  readonly working: readonly string[];
  /** Those of `working` that only the person can move. */
  readonly paused: readonly string[];
  readonly reported: readonly string[];
  /** Failed, cancelled, or skipped because one that they build on was. */
  readonly failed: readonly string[];
}

export const notBegun: Progress = { working: [], paused: [], reported: [], failed: [] };

function begun({ working, reported, failed }: Progress): ReadonlySet<string> {
  return new Set([...working, ...reported, ...failed]);
}

/** The assignments that have not begun and build on reported ones only. */
export function runnable(plan: readonly Assignment[], progress: Progress): Assignment[] {
  const already = begun(progress);
  const reported = new Set(progress.reported);
  return plan.filter(
    ({ id, after }) => !already.has(id) && after.every((one) => reported.has(one)),
  );
}

/** The assignments that have not begun and build, through others or not, on a failed one. */
function unreachable(plan: readonly Assignment[], progress: Progress): Assignment[] {
  const already = begun(progress);
  const dead = new Set(progress.failed);
  let found: Assignment[] = [];
  for (;;) {
    const more = plan.filter(
      ({ id, after }) => !already.has(id) && !dead.has(id) && after.some((one) => dead.has(one)),
    );
    if (more.length === 0) return found;
    for (const { id } of more) dead.add(id);
    found = [...found, ...more];
  }
}

/** The ids without one of them. */
export function without(ids: readonly string[], id: string): string[] {
  return ids.filter((one) => one !== id);
}

/** The progress after an assignment ended, and the assignments that can now never begin. */
export function afterEnd(
  plan: readonly Assignment[],
  before: Progress,
  id: string,
  reported: boolean,
): { readonly progress: Progress; readonly skipped: readonly string[] } {
  const ended = {
    working: without(before.working, id),
    paused: without(before.paused, id),
    reported: reported ? [...before.reported, id] : before.reported,
    failed: reported ? before.failed : [...before.failed, id],
  };
  const skipped = unreachable(plan, ended).map((one) => one.id);
  return { progress: { ...ended, failed: [...ended.failed, ...skipped] }, skipped };
}

/** Whether every assignment has ended. */
export function isOver(plan: readonly Assignment[], { reported, failed }: Progress): boolean {
  return reported.length + failed.length === plan.length;
}

/** The paths of the members that work on assignments, in the order of the ids. */
export function pathsOf(call: Path, ids: readonly string[]): Path[] {
  return ids.map((id) => memberPathOf(call, id));
}
