/** What a runtime keeps: its runs, what was said in them, and what a person allowed for a session. */
import type { Core } from './core.ts';
import { closedError } from './engine.ts';
import type { Known } from './identity.ts';
import { foundRun } from './resume.ts';
import { readRun } from './run.ts';
import type { TenantRuntime } from './runtime-types.ts';
import type { TenantStore } from './stores/tenant-store.ts';

/** The part of a runtime that moves no run. */
export function createLists(
  core: Core,
  { tenantId }: Known,
): Pick<TenantRuntime, 'get' | 'list' | 'messages' | 'rememberedApprovals' | 'forgetApproval'> {
  const { store } = core;
  const found = (runId: string) => foundRun(core, { tenantId, runId });

  function open(): TenantStore {
    if (core.isClosed()) throw closedError();
    return store;
  }

  return {
    get: async (runId) => readRun(store, await found(runId)),

    async list(filter = {}) {
      if (filter.after !== undefined) await found(filter.after);
      const rows = await open().listRuns(tenantId, filter);
      return Promise.all(rows.map((row) => readRun(store, row)));
    },

    async messages(runId, { agent } = {}) {
      await found(runId);
      return store.messages(tenantId, runId, agent);
    },

    rememberedApprovals: async (sessionId) => open().rememberedApprovals(tenantId, sessionId),
    forgetApproval: async (id) => open().forgetApproval(tenantId, id),
  };
}
