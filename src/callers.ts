/** Those who called for a run to go on, and wait until it pauses or ends. */
import type { Engine } from './engine.ts';
import { type Run, readSettled } from './run.ts';
import { tooManyRuns } from './start.ts';
import type { Store } from './stores/store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export class Callers {
  readonly #store: Store;
  readonly #engine: Engine;
  readonly #telemetry: Telemetry;
  readonly #waiting = new Set<Promise<unknown>>();
  #starting = 0;

  constructor(store: Store, engine: Engine, telemetry: Telemetry) {
    this.#store = store;
    this.#engine = engine;
    this.#telemetry = telemetry;
  }

  /** Waits for a run to settle. */
  whenSettled(runId: string): Promise<Run> {
    this.#telemetry.called(runId);
    const settled = readSettled(this.#store, runId, this.#engine);
    this.#waiting.add(settled);
    const forget = () => {
      this.#waiting.delete(settled);
      this.#telemetry.returned(runId);
    };
    settled.then(forget, forget);
    return settled;
  }

  /** Lets a run go on, and waits for nothing. */
  letGoOn(runId: string): void {
    this.#telemetry.called(runId);
    this.#engine.advanceSoon(runId);
    setImmediate(() => this.#telemetry.returned(runId));
  }

  /**
   * Begins a run, and waits for it to settle.
   *
   * @param begin returns the run as it is where nobody waits
   * @throws RequestError `too_many_runs` if so many are at work already
   */
  async start(runId: string, max: number, begin: () => Promise<Run | undefined>): Promise<Run> {
    if (this.#engine.atWork + this.#starting >= max) throw tooManyRuns(max);
    this.#starting += 1;
    try {
      const begun = await begin();
      return begun ?? this.whenSettled(runId);
    } finally {
      this.#starting -= 1;
    }
  }

  /** Resolves when nobody waits: the store may be closed. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#waiting);
  }
}
