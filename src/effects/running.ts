/** The effects that are under way in this process, each with the signal that tells it to stop. */
import type { Effect } from '../stores/rows.ts';

interface Running {
  readonly effect: Effect;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export class RunningEffects {
  readonly #running = new Set<Running>();

  /** Begins an effect; `body` must not reject. */
  begin(effect: Effect, body: (signal: AbortSignal) => Promise<void>): void {
    const stop = new AbortController();
    const running = { effect, stop, done: body(stop.signal) };
    this.#running.add(running);
    void running.done.finally(() => this.#running.delete(running));
  }

  /** The runs that have an effect under way, each as often as it has one. */
  runIds(): string[] {
    return [...this.#running].map(({ effect }) => effect.runId);
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
