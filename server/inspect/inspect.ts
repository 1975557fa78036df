/**
 * `npm start -- --inspect`: shows the runs of a runtime, of whatever tenant, in Stately's inspector,
 * step by step.
 */
import { type Runtime, type Store, sqliteReader, type TenantRuntime } from '../../src/index.ts';
import { actorMessage, stepMessages } from './messages.ts';
import { type Relay, startRelay } from './relay.ts';

export interface Inspection {
  /** Where to look. */
  readonly url: string;
  /** The store, to be given to the runtime: what is committed in it is shown. */
  watched(store: Store): Store;
  /** Shows the runs of the file that have not ended, as they stand, and from then on every step. */
  begin(runtime: Runtime, file: string): Promise<void>;
  close(): void;
}

/** @param onError told of what keeps a step from being shown; the run goes on */
export async function startInspection(
  port: number,
  onError: (error: unknown) => void,
): Promise<Inspection> {
  const relay = await startRelay(port);
  /** The last revision that was shown of each run that has not ended. */
  const shown = new Map<string, number>();
  let runtime: Runtime | undefined;
  let work: Promise<unknown> = Promise.resolve();
  const later = (show: () => Promise<void>) => {
    work = work.then(show).catch(onError);
    return work;
  };
  const showSteps = async (started: Runtime, store: Store, runId: string) => {
    const run = await store.run(runId);
    // Read before its steps: of an ended run those are all.
    const isOver = run?.status !== 'working' && run?.status !== 'input_required';
    const { tenantId } = run ?? {};
    for (;;) {
      const after = shown.get(runId) ?? 0;
      const steps = tenantId ? await started.as({ tenantId }).revisions(runId, { after }) : [];
      for (const step of steps) for (const one of stepMessages(runId, step)) relay.send(one);
      const last = steps.at(-1)?.revision;
      if (last === undefined) break;
      shown.set(runId, last);
    }
    if (isOver) shown.delete(runId);
  };
  return {
    url: relay.url,
    watched: (store) => ({
      ...store,
      async step(runId, decide) {
        const result = await store.step(runId, decide);
        const started = runtime;
        // What an ended run is told changes nothing that could be shown.
        const isShown = result.event !== null && result.taken;
        if (started && isShown) void later(() => showSteps(started, store, runId));
        return result;
      },
    }),
    async begin(started, file) {
      runtime = started;
      for (const { id, tenantId } of await unfinished(file)) {
        await later(async () => {
          shown.set(id, await showStanding(relay, started.as({ tenantId }), id));
        });
      }
    },
    close: () => relay.close(),
  };
}

interface RunName {
  readonly id: string;
  readonly tenantId: string;
}

async function unfinished(file: string): Promise<RunName[]> {
  const reader = sqliteReader(file);
  const runs: RunName[] = [];
  try {
    for (;;) {
      const after = runs.at(-1)?.id;
      const filter = { limit: 100, ...(after === undefined ? {} : { after }) };
      const page = await reader.unfinished(filter);
      runs.push(...page.map(({ run: { id, tenantId } }) => ({ id, tenantId })));
      if (page.length < 100) return runs;
    }
  } finally {
    await reader.close();
  }
}

/** Shows a run's actors in the states in which they were restored; returns its revision. */
async function showStanding(relay: Relay, runtime: TenantRuntime, runId: string): Promise<number> {
  const { actors, revision } = await runtime.explain(runId);
  for (const actor of actors) relay.send(actorMessage(runId, actor, actor.since));
  return revision;
}
