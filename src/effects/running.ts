/** The effects that are under way in this process, each with the signal that tells it to stop. */
import type { Effect } from '../stores/rows.ts';

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export class RunningEffects {
  /** By run, because there may be ten thousand that wait for a place, and each step asks for its own. */
  readonly #running = new Map<string, Set<Running>>();
  readonly #onEnd: (runId: string) => void;

  /** `onEnd` is told of each run of which an effect is no longer under way. */
  constructor(onEnd: (runId: string) => void) {
    this.#onEnd = onEnd;
  }

  /** Begins an effect; `body` must not reject. */
  begin({ runId }: Pick<Effect, 'runId'>, body: (signal: AbortSignal) => Promise<void>): void {
    const stop = new AbortController();
    const running = { stop, done: body(stop.signal) };
    const ofRun = this.#running.get(runId) ?? new Set();
    this.#running.set(runId, ofRun.add(running));
    void running.done.finally(() => {
      ofRun.delete(running);
      if (ofRun.size === 0) this.#running.delete(runId);
      this.#onEnd(runId);
    });
  }

  /** Whether an effect of a run is under way, or waits for a place. */
  has(runId: string): boolean {
    return this.#running.has(runId);
  }

  /** Tells effects to stop: those of a run, or all. */
  abort(reason: Error, runId?: string): void {
    const running = runId === undefined ? this.#all() : [...(this.#running.get(runId) ?? [])];
    for (const { stop } of running) stop.abort(reason);
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#all().map(({ done }) => done));
  }

  #all(): Running[] {
    return [...this.#running.values()].flatMap((ofRun) => [...ofRun]);
  }
}
