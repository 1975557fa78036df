/** Runs at large: a list of them, and the messages of one. */
import { closedError } from './engine.ts';
import { RequestError } from './errors.ts';
import { readRun } from './run.ts';
import type { Runtime } from './runtime-types.ts';
import type { RunRow } from './stores/rows.ts';
import type { Store } from './stores/store.ts';

/** The part of a runtime that reads without moving anything. */
export function createLists(
  store: Store,
  isClosed: () => boolean,
): Pick<Runtime, 'get' | 'list' | 'messages'> {
  async function found(runId: string): Promise<RunRow> {
    if (isClosed()) throw closedError();
    return foundRun(store, runId);
  }

  return {
    get: async (runId) => readRun(store, await found(runId)),

    async list(filter = {}) {
      if (isClosed()) throw closedError();
      if (filter.after !== undefined) await found(filter.after);
      const rows = await store.listRuns(filter);
      return Promise.all(rows.map((row) => readRun(store, row)));
    },

    async messages(runId, { agent } = {}) {
      await found(runId);
      return store.messages(runId, agent);
    },
  };
}

/** @throws RequestError `run_not_found` */
export async function foundRun(store: Store, runId: string): Promise<RunRow> {
  const row = await store.run(runId);
  if (row) return row;
  throw new RequestError('run_not_found', `There is no run "${runId.toWellFormed()}".`);
}
