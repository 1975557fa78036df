/** A runtime in this process, on a real file and a real model server. */
import type { TestContext } from 'node:test';
import {
  type Agent,
  createRuntime,
  type Run,
  type Runtime,
  type RuntimeOptions,
  sqliteStore,
} from '../../src/index.ts';
import type { ModelServer, Turn } from '../../src/testing/index.ts';
import { folderFor } from './folder.ts';
import { startStrictModel } from './strict-model.ts';

export interface TestRuntime {
  readonly runtime: Runtime;
  readonly model: ModelServer;
  /** The database file. */
  readonly db: string;
  /** What was reported as failing inside a run. */
  readonly reported: unknown[];
  /** Closes the runtime and opens another on the same file. */
  reopen(): Promise<Runtime>;
}

/** `teams` is made with the model server's url. */
export async function testRuntime(
  t: TestContext,
  agents: Readonly<Record<string, readonly Turn[]>> | undefined,
  teams: (baseURL: string) => readonly Agent[],
  options: Omit<Partial<RuntimeOptions>, 'teams' | 'store'> = {},
): Promise<TestRuntime> {
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel(agents ? { agents } : {});
  const reported: unknown[] = [];
  const open = () =>
    createRuntime({
      teams: teams(model.url),
      store: sqliteStore(db),
      onError: (error) => reported.push(error),
      ...options,
    });
  let runtime = await open();
  t.after(async () => {
    await runtime.close({ graceMs: 0 });
    await model.close();
  });
  return {
    get runtime() {
      return runtime;
    },
    model,
    db,
    reported,
    reopen: async () => {
      await runtime.close({ graceMs: 0 });
      runtime = await open();
      return runtime;
    },
  };
}

/** The open questions of a run that pauses. */
export function openQuestions(run: Run) {
  if (run.status !== 'input_required') throw new Error(`The run is ${run.status}.`);
  return run.questions;
}
