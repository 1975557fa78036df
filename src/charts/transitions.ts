/** The states and transitions of a chart as its machine has them, for whatever draws it. */
import type { AnyStateNode } from 'xstate';

export type Transition = NonNullable<AnyStateNode['always']>[number];

/** The transitions of a state, those that need no event first. */
export function transitionsOf(state: AnyStateNode): Transition[] {
  return [...(state.always ?? []), ...[...state.transitions.values()].flat()];
}

/** A guard or an action with its fixed parameter; what the event brings is left out. */
export function call(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part !== 'object' || part === null || !('type' in part)) return 'inline';
  const params = 'params' in part ? part.params : undefined;
  return typeof params === 'string' ? `${part.type}(${params})` : `${part.type}`;
}
