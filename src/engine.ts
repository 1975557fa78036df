/**
 * Drives runs: takes the step of each waiting event, has the effects performed that the step asked
 * for, and takes the next step when an outcome comes back. Runs do not wait for each other.
 */
import { chartVersion } from '../machines/version.ts';
import type { Agent } from './define/agent.ts';
import { type Performer, perform, type ReportError } from './effects/perform.ts';
import { RequestError } from './errors.ts';
import { takeStep } from './step.ts';
import type { Effect, RunRow, Store } from './stores/store.ts';

export class Engine {
  readonly #performer: Performer;
  readonly #models = new AbortController();
  readonly #tools = new AbortController();
  /** The last step of each run that is under way. */
  readonly #steps = new Map<string, Promise<void>>();
  readonly #effects = new Set<Promise<void>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Why a run cannot go on in this process, though it is kept. */
  readonly #stuck = new Map<string, unknown>();
  #closed = false;

  constructor(store: Store, agents: ReadonlyMap<string, Agent>, report: ReportError) {
    const signals = { models: this.#models.signal, tools: this.#tools.signal };
    this.#performer = { store, agents, report, ...signals };
  }

  /** Makes what a crash interrupted go on. */
  async recover(): Promise<void> {
    const { runIds, effects } = await this.#performer.store.recover(chartVersion);
    for (const effect of effects) this.#begin(effect);
    for (const runId of runIds) {
      this.advance(runId).catch((error: unknown) => this.#performer.report(error, { runId }));
    }
  }

  /** Takes every waiting event of a run. One run's steps come one after the other. */
  advance(runId: string): Promise<void> {
    const next = (this.#steps.get(runId) ?? Promise.resolve()).then(() => this.#drain(runId));
    const quiet = next
      .catch(() => undefined)
      .then(() => {
        if (this.#steps.get(runId) === quiet) this.#steps.delete(runId);
      });
    this.#steps.set(runId, quiet);
    return next;
  }

  /**
   * Resolves when only the person can move the run, or it has ended.
   *
   * @throws what keeps the run from going on; the run is kept
   */
  async settled(runId: string): Promise<RunRow> {
    await this.advance(runId);
    for (;;) {
      if (this.#closed) throw closedError();
      const woken = Promise.withResolvers<void>();
      const waiting = this.#waiting.get(runId) ?? new Set();
      this.#waiting.set(runId, waiting.add(woken.resolve));
      const row = await this.#performer.store.run(runId);
      if (row && row.status !== 'working') {
        waiting.delete(woken.resolve);
        return row;
      }
      if (this.#stuck.has(runId)) throw this.#stuck.get(runId);
      await woken.promise;
    }
  }

  /** Aborts model calls, lets tools finish for a while, then aborts them too. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#models.abort(closedError());
    const grace = setTimeout(() => this.#tools.abort(closedError()), graceMs);
    await Promise.all(this.#effects);
    clearTimeout(grace);
    await Promise.all(this.#steps.values());
    for (const runId of this.#waiting.keys()) this.#wake(runId);
  }

  async #drain(runId: string): Promise<void> {
    while (!this.#closed) {
      const result = await this.#performer.store.step(runId, takeStep);
      if (result.event === null) return;
      for (const effect of result.effects) this.#begin(effect);
      if (result.status !== 'working') this.#wake(runId);
    }
  }

  #begin(effect: Effect): void {
    if (this.#closed) return;
    const { runId, id: effectId } = effect;
    const done = perform(this.#performer, effect)
      .then((delivered) => (delivered ? this.advance(runId) : undefined))
      .catch((error: unknown) => {
        if (this.#closed) return;
        this.#performer.report(error, { runId, effectId });
        // The run is kept as it is; whoever waits for it must hear that it does not go on.
        this.#stuck.set(runId, error);
        this.#wake(runId);
      });
    this.#effects.add(done);
    void done.then(() => this.#effects.delete(done));
  }

  #wake(runId: string): void {
    for (const resolve of this.#waiting.get(runId) ?? []) resolve();
    this.#waiting.delete(runId);
  }
}

/** The refusal of work by a runtime that was closed. */
export function closedError(): RequestError {
  return new RequestError(
    'runtime_closed',
    'The runtime is closing. The run is kept: ask again after the restart.',
  );
}
