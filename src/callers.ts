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
  whenSettled(runId: string): Promise<Run> {
    this.#telemetry.called(runId);
    const settled = readSettled(this.#store, runId, this.#engine);
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
  letGoOn(runId: string): void {
    this.#telemetry.called(runId);
    this.#engine.advanceSoon(runId);
    setImmediate(() => this.#telemetry.returned(runId));
  }

  /**
   * Begins a run, and lets it go on.
   *
   * @param begin writes it, or tells which run stands in its place
   * @throws RequestError `too_many_runs`, `too_many_tenant_runs` if so many are at work already
   */
  async start<T>(
    run: RunKey,
    begin: () => Promise<T | undefined>,
    goOn: (known: T | undefined) => Promise<Run>,
  ): Promise<Run> {
    this.#room.enter(run);
    try {
      const known = await begin();
      if (known) this.#room.leave(run.runId);
      return await goOn(known);
    } finally {
      this.#engine.rest(run.runId);
    }
  }

  /** Resolves when nobody waits: the store may be closed. */
  async idle(): Promise<void> {
    while (this.#waiting.size > 0) await Promise.allSettled(this.#waiting);
  }
}
