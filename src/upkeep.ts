/** What keeps a served store in order: looking whether it works, and deleting what is old. */
import { setTimeout as sleep } from 'node:timers/promises';
import { closedError } from './engine.ts';
import { DefinitionError, RequestError } from './errors.ts';
import type { PruneOptions } from './runtime-options.ts';
import type { Runtime } from './runtime-types.ts';
import type { Store } from './stores/store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** How many runs are deleted in one transaction. */
const batch = 20;

/** The pause between two batches, in milliseconds: runs take their steps meanwhile. */
const breatheMs = 5;

/** How long a look at the store counts, in milliseconds. */
const lookMs = 1_000;

/** The part of a runtime that is about its store as a whole. */
export function createUpkeep(
  store: Store,
  telemetry: Pick<Telemetry, 'figures'>,
  isClosed: () => boolean,
): Pick<Runtime, 'ready' | 'figures' | 'prune'> {
  let looked: Promise<void> | undefined;
  let lookedAt = 0;
  return {
    async ready() {
      if (isClosed()) throw closedError();
      if (!looked || Date.now() - lookedAt >= lookMs) {
        lookedAt = Date.now();
        looked = look(store);
      }
      await looked;
    },

    async figures() {
      if (isClosed()) throw closedError();
      return telemetry.figures();
    },

    prune: ({ olderThanMs, onProgress }) =>
      prune(store, { olderThanMs, ...(onProgress ? { onProgress } : {}) }, () => {
        if (isClosed()) throw closedError();
      }),
  };
}

/**
 * Deletes what ended long ago, batch by batch.
 *
 * @param check throws where it must not go on
 * @throws DefinitionError `limit_unusable`
 */
export async function prune(
  store: Store,
  { olderThanMs, onProgress }: PruneOptions,
  check: () => void = () => undefined,
): Promise<number> {
  if (!(olderThanMs >= 0)) {
    throw new DefinitionError(
      'limit_unusable',
      `Pruning has olderThanMs ${olderThanMs}. Use a number from 0.`,
    );
  }
  const before = Date.now() - olderThanMs;
  for (let deleted = 0; ; await sleep(breatheMs)) {
    check();
    const count = await store.prune(before, batch);
    deleted += count;
    if (count > 0) onProgress?.(deleted);
    if (count < batch) return deleted;
  }
}

async function look(store: Store): Promise<void> {
  try {
    await store.check();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const refused = new RequestError(
      'store_unusable',
      'The store cannot be written or read. What was acknowledged is kept: see to its disk.',
    );
    refused.cause = error;
    throw refused;
  }
}
