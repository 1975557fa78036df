/** What a runtime keeps: its runs, what was said in them, and what a person allowed for a session. */
import { closedError } from './engine.ts';
import { RequestError } from './errors.ts';
import { readRun } from './run.ts';
import type { Runtime } from './runtime-types.ts';
import type { RunRow } from './stores/rows.ts';
import type { Store } from './stores/store.ts';

/** The part of a runtime that moves no run. */
export function createLists(
  store: Store,
  isClosed: () => boolean,
): Pick<Runtime, 'get' | 'list' | 'messages' | 'rememberedApprovals' | 'forgetApproval'> {
  function open(): Store {
    if (isClosed()) throw closedError();
    return store;
  }

  const found = async (runId: string) => foundRun(open(), runId);

  return {
    get: async (runId) => readRun(store, await found(runId)),

    async list(filter = {}) {
      if (filter.after !== undefined) await found(filter.after);
      const rows = await open().listRuns(filter);
      return Promise.all(rows.map((row) => readRun(store, row)));
    },

    async messages(runId, { agent } = {}) {
      await found(runId);
      return store.messages(runId, agent);
    },

    rememberedApprovals: async (sessionId) => open().rememberedApprovals(sessionId),
    forgetApproval: async (id) => open().forgetApproval(id),
  };
}

/** @throws RequestError `run_not_found` */
export async function foundRun(store: Store, runId: string): Promise<RunRow> {
  const row = await store.run(runId);
  if (row) return row;
  throw new RequestError('run_not_found', `There is no run "${runId.toWellFormed()}".`);
}
