/** How a run is looked at: why it stands where it stands, and what brought it there. */
import type { Core } from './core.ts';
import { InvariantError } from './errors.ts';
import { explanationOf } from './explain/explanation.ts';
import type { Known } from './identity.ts';
import { foundRun } from './resume.ts';
import { pageOf, revisionsFrom } from './revisions.ts';
import type { TenantRuntime } from './runtime-types.ts';

/** The part of a runtime that looks at runs. It reads what was committed, and moves nothing. */
export function createView(
  core: Core,
  { tenantId }: Known,
): Pick<TenantRuntime, 'explain' | 'revisions'> {
  const { store, takeUp, engine } = core;
  const found = (runId: string) => foundRun(core, { tenantId, runId });

  return {
    async explain(runId) {
      await found(runId);
      const objection = await takeUp.objection(runId);
      const standing = await store.standing(tenantId, runId);
      if (!standing) throw new InvariantError(`Run "${runId}" is gone.`);
      return explanationOf(standing, objection, engine.isHeldBack(runId));
    },

    async revisions(runId, filter = {}) {
      await found(runId);
      const { after, upTo } = pageOf(filter);
      return revisionsFrom(await store.revisions(tenantId, runId, upTo), after);
    },
  };
}
