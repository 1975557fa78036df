/** A step, read for checking: what it asked for, and which states it led into. */
import type { ChartRequest } from '../../machines/effects.ts';
import { memberPathOf, type Path } from '../../machines/vocabulary.ts';
import type { SeenActor } from './tree.ts';
import type { Edge } from './whole-tree.ts';

/** Paths as one comparable text. Sorted, with repetitions: "once each" is part of a property. */
export function listed(paths: readonly string[]): string {
  return [...paths].sort().join(' ');
}

/** The paths for which a step asked for something: of agents, of members, or of calls. */
export function noted({ after }: Edge, kind: ChartRequest['kind']): string {
  return listed(after.requests.filter((request) => request.kind === kind).map(subjectOf));
}

function subjectOf(request: ChartRequest): Path {
  return 'agent' in request ? request.agent : request.call;
}

/** The actors that are in one of the states now and were not, or left it and came back. */
export function cameInto({ before, sent, after }: Edge, ...states: string[]): string[] {
  return after.tree.actors
    .filter(({ kind, path, state }) => {
      if (!states.includes(state)) return false;
      const cameBack = sent.event.type === 'model.replied' && sent.to.path === path;
      return cameBack || before.tree.find(kind, path)?.state !== state;
    })
    .map(({ path }) => path);
}

/** The delegations among some actors: the paths of their members, and of those before each. */
export function delegations(actors: readonly SeenActor[]) {
  return actors
    .filter(({ intent }) => intent === 'delegation')
    .map(({ path: call, plan }) => ({
      call,
      members: plan.map(({ id, after }) => ({
        member: memberPathOf(call, id),
        after: after.map((one) => memberPathOf(call, one)),
      })),
    }));
}
