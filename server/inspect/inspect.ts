/** `npm start -- --inspect`: shows the runs of a runtime in Stately's inspector, step by step. */
import { type Runtime, type Store, sqliteReader } from '../../src/index.ts';
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
  /** The last revision of each run that was shown. */
  const shown = new Map<string, number>();
  let runtime: Runtime | undefined;
  let work: Promise<unknown> = Promise.resolve();
  const later = (show: () => Promise<void>) => {
    work = work.then(show).catch(onError);
    return work;
  };
  const showSteps = async (runId: string) => {
    for (;;) {
      const after = shown.get(runId) ?? 0;
      const steps = (await runtime?.revisions(runId, { after })) ?? [];
      for (const step of steps) for (const one of stepMessages(runId, step)) relay.send(one);
      const last = steps.at(-1)?.revision;
      if (last === undefined) return;
      shown.set(runId, last);
    }
  };
  return {
    url: relay.url,
    watched: (store) => ({
      ...store,
      async step(runId, decide) {
        const result = await store.step(runId, decide);
        if (result.event !== null && runtime) void later(() => showSteps(runId));
        return result;
      },
    }),
    async begin(started, file) {
      runtime = started;
      for (const runId of await unfinished(file)) {
        await later(async () => {
          shown.set(runId, await showStanding(relay, started, runId));
        });
      }
    },
    close: () => relay.close(),
  };
}

async function unfinished(file: string): Promise<string[]> {
  const reader = sqliteReader(file);
  const ids: string[] = [];
  try {
    for (;;) {
      const after = ids.at(-1);
      const filter = { limit: 100, ...(after === undefined ? {} : { after }) };
      const page = await reader.unfinished(filter);
      ids.push(...page.map(({ run }) => run.id));
      if (page.length < 100) return ids;
    }
  } finally {
    await reader.close();
  }
}

/** Shows a run's actors in the states in which they were restored; returns its revision. */
async function showStanding(relay: Relay, runtime: Runtime, runId: string): Promise<number> {
  const { actors, revision } = await runtime.explain(runId);
  for (const actor of actors) relay.send(actorMessage(runId, actor, actor.since));
  return revision;
}
