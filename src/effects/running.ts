/** The effects that are under way in this process, each with the signal that tells it to stop. */
import type { Effect } from '../stores/rows.ts';

interface Running {
  readonly effect: Effect;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export class RunningEffects {
  readonly #running = new Set<Running>();
  readonly #onEnd: (runId: string) => void;

  /** `onEnd` is told of each run of which an effect is no longer under way. */
  constructor(onEnd: (runId: string) => void) {
    this.#onEnd = onEnd;
  }

  /** Begins an effect; `body` must not reject. */
  begin(effect: Effect, body: (signal: AbortSignal) => Promise<void>): void {
    const stop = new AbortController();
    const running = { effect, stop, done: body(stop.signal) };
    this.#running.add(running);
    void running.done.finally(() => {
      this.#running.delete(running);
      this.#onEnd(effect.runId);
    });
  }

  /** Whether an effect of a run is under way, or waits for a place. */
  has(runId: string): boolean {
    return [...this.#running].some(({ effect }) => effect.runId === runId);
  }

  /** Tells effects to stop. */
  abort(reason: Error, which: (effect: Effect) => boolean = () => true): void {
    for (const { effect, stop } of this.#running) {
      if (which(effect)) stop.abort(reason);
    }
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running].map(({ done }) => done));
  }
}
