/** Those who called for a run to go on, and wait until it pauses or ends. */
import type { Engine } from './engine.ts';
import type { RunKey } from './resume.ts';
import type { Room } from './room.ts';
import { type Run, readSettled } from './run.ts';
import type { TenantStore } from './stores/tenant-store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export class Callers {
  readonly #store: TenantStore;
  readonly #engine: Engine;
  readonly #telemetry: Telemetry;
  readonly #waiting = new Set<Promise<unknown>>();
  readonly #room: Room;

  constructor(store: TenantStore, engine: Engine, telemetry: Telemetry, room: Room) {
    this.#room = room;
    this.#store = store;
    this.#engine = engine;
    this.#telemetry = telemetry;
  }

  /** Waits for a run to settle. */
  whenSettled({ tenantId, runId }: RunKey): Promise<Run> {
    this.#telemetry.called(runId);
    const settled = readSettled(this.#store, runId, this.#engine);
    this.#room.note(runId, tenantId);
    const returned = () => this.#telemetry.returned(runId);
    settled.then(returned, returned);
    return this.awaited(settled);
  }

  /** Notes that somebody waits for a piece of work, which needs the store to its end. */
  awaited<T>(work: Promise<T>): Promise<T> {
    this.#waiting.add(work);
    const forget = () => this.#waiting.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Lets a run go on, and waits for nothing. */
  letGoOn({ tenantId, runId }: RunKey): void {
    this.#telemetry.called(runId);
    this.#engine.advanceSoon(runId);
    this.#room.note(runId, tenantId);
    setImmediate(() => this.#telemetry.returned(runId));
  }

  /**
   * Begins a run of a tenant, and lets it go on.
   *
   * @throws RequestError `too_many_runs`, `too_many_tenant_runs` if so many are at work already
   */
  async start<T>(
    tenantId: string,
    begin: () => Promise<T>,
    goOn: (begun: T) => Promise<Run>,
  ): Promise<Run> {
    const isAtWork = this.#room.enter(tenantId, this.#engine.atWork);
    try {
      const begun = await begin();
      // Not awaited: from here on the engine counts it.
      return goOn(begun);
    } finally {
      isAtWork();
    }
  }

  /** Resolves when nobody waits: the store may be closed. */
  async idle(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.allSettled(this.#waiting);
  }
}
