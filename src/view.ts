/** How a run is looked at: why it stands where it stands, and what brought it there. */
import { InvariantError } from './errors.ts';
import { explanationOf } from './explain/explanation.ts';
import { pageOf, revisionsFrom } from './revisions.ts';
import type { Runtime } from './runtime-types.ts';
import type { RunRow } from './stores/rows.ts';
import type { Store } from './stores/store.ts';
import type { TakeUp } from './take-up.ts';

/**
 * The part of a runtime that looks at runs. It reads what was committed, and moves nothing.
 *
 * @param found reads a run, and refuses where there is none
 */
export function createView(
  store: Store,
  takeUp: TakeUp,
  found: (runId: string) => Promise<RunRow>,
): Pick<Runtime, 'explain' | 'revisions'> {
  return {
    async explain(runId) {
      await found(runId);
      const objection = await takeUp.objection(runId);
      const standing = await store.standing(runId);
      if (!standing) throw new InvariantError(`Run "${runId}" is gone.`);
      return explanationOf(standing, objection);
    },

    async revisions(runId, filter = {}) {
      await found(runId);
      const { after, upTo } = pageOf(filter);
      return revisionsFrom(await store.revisions(runId, upTo), after);
    },
  };
}
