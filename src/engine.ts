/**
 * Drives runs: takes the step of each waiting event, has the effects performed that the step asked
 * for, and takes the next step when an outcome comes back. Runs do not wait for each other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Deadlines } from './deadlines.ts';
import { Deliveries } from './deliveries.ts';
import { type Performer, perform } from './effects/perform.ts';
import { RunningEffects } from './effects/running.ts';
import { RequestError } from './errors.ts';
import type { Target } from './notices.ts';
import { takeStep } from './step.ts';
import type { Effect, RunRow } from './stores/rows.ts';
import type { Store } from './stores/store.ts';
import type { TakeUp } from './take-up.ts';
import { Wakes } from './wakes.ts';
import { withinLimits } from './within-limits.ts';

export class Engine {
  readonly #performer: Performer;
  readonly #store: Store;
  readonly #takeUp: TakeUp;
  readonly #onWake: (runId: string) => void;
  readonly #effects = new RunningEffects((runId) => this.rest(runId));
  readonly #deadlines: Deadlines;
  readonly #wakes: Wakes;
  readonly #deliveries: Deliveries;
  /** The effects for which somebody asked, though they may wait for a place already. */
  readonly #insisted = new Set<string>();
  /** The last step of each run that is under way. */
  readonly #steps = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  /** Why a run cannot go on in this process, though it is kept. */
  readonly #stuck = new Map<string, unknown>();
  /** No effect begins any more; those under way may still finish. */
  #closed = false;
  /** No step is taken any more either. */
  #stopped = false;

  /** `onWake` is told of each run of which waiting requests look again how it stands. */
  constructor(
    performer: Performer,
    takeUp: TakeUp,
    targets: readonly Target[],
    onWake: (runId: string) => void,
  ) {
    this.#performer = performer;
    this.#onWake = onWake;
    this.#takeUp = takeUp;
    this.#store = performer.store;
    this.#deadlines = new Deadlines(
      performer.store,
      takeUp,
      (runId) => this.advanceSoon(runId),
      (error) => performer.report(error, { runId: '' }),
    );
    this.#wakes = new Wakes(
      performer.store,
      takeUp,
      () => performer.room.effectsHeldBack,
      (effect) => {
        if (!this.#stuck.has(effect.runId)) this.#begin(effect);
      },
      (error) => performer.report(error, { runId: '' }),
    );
    this.#deliveries = new Deliveries({
      store: performer.store,
      targets,
      report: performer.report,
      whileBusy: (work) => this.#whileBusy(work),
    });
  }

  /** Makes what a crash interrupted go on, except what this code cannot continue. */
  async recover(): Promise<void> {
    await this.#deliveries.subscribe();
    const interrupted = await this.#takeUp.interrupted();
    const { runIds, effects } = await this.#store.recover(interrupted);
    for (const effect of effects) this.#begin(effect);
    for (const runId of runIds) this.advanceSoon(runId);
    await this.#wakes.look();
    await this.#deadlines.look();
    this.#deliveries.lookSoon();
  }

  /** Closes the questions whose time is over now. */
  expireDue(): Promise<void> {
    return this.#deadlines.look();
  }

  /** Makes the stalled calls of a run begin now. */
  async retry(runId: string): Promise<void> {
    for (const effect of await this.#store.retry(runId)) this.#begin(effect, true);
  }

  /** Takes every waiting event of a run. One run's steps come one after the other. */
  advance(runId: string): Promise<void> {
    const next = (this.#steps.get(runId) ?? Promise.resolve()).then(() => this.#drain(runId));
    const quiet = next
      .catch(() => undefined)
      .then(() => {
        if (this.#steps.get(runId) === quiet) this.#steps.delete(runId);
        this.rest(runId);
      });
    this.#steps.set(runId, quiet);
    return next;
  }

  /**
   * Resolves when only the person can move the run, when it has ended, when it must wait for another
   * run of its session, or when it is stalled.
   *
   * @throws what keeps the run from going on; the run is kept
   */
  async settled(runId: string): Promise<RunRow> {
    await this.advance(runId);
    for (;;) {
      if (this.#stopped) throw closedError();
      const woken = Promise.withResolvers<void>();
      const waiting = this.#waiting.get(runId) ?? new Set();
      this.#waiting.set(runId, waiting.add(woken.resolve));
      try {
        const row = await this.#store.run(runId);
        if (row && (row.status !== 'working' || row.queued)) return row;
        if (row && (await this.#store.stall(row.tenantId, runId))) return row;
        this.checkStuck(runId);
        if (this.#closed && !this.#effects.has(runId)) throw closedError();
        await woken.promise;
      } finally {
        waiting.delete(woken.resolve);
        if (waiting.size === 0 && this.#waiting.get(runId) === waiting) this.#waiting.delete(runId);
      }
    }
  }

  /** @throws what keeps the run from going on; the run is kept */
  checkStuck(runId: string): void {
    if (this.#stuck.has(runId)) throw this.#stuck.get(runId);
  }

  /** Whether a run goes on as soon as fewer are at work. */
  isHeldBack(runId: string): boolean {
    return this.#performer.room.isHeldBack(runId);
  }

  /** Lets another run have the place of one of which nothing is under way. */
  rest(runId: string): void {
    if (this.#steps.has(runId) || this.#effects.has(runId)) return;
    this.#performer.room.leave(runId);
  }

  /**
   * Begins nothing more, lets what is under way finish for a while, then aborts it. Who waits for a
   * run hears how it settled, if that is all it needed.
   */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#deadlines.close();
    await this.#wakes.close();
    this.#performer.room.close();
    for (const runId of this.#waiting.keys()) this.#wake(runId);
    const grace = setTimeout(() => this.#effects.abort(closedError()), graceMs);
    await Promise.all([this.#effects.idle(), this.#deliveries.close(graceMs)]);
    clearTimeout(grace);
    await Promise.all(this.#steps.values());
    this.#stopped = true;
    for (const runId of this.#waiting.keys()) this.#wake(runId);
  }

  async #drain(runId: string): Promise<void> {
    const { limits } = this.#performer;
    while (!this.#stopped) {
      const result = await this.#store.step(runId, (run, event) =>
        takeStep(this.#takeUp.checked(run, event), withinLimits(event, run, limits)),
      );
      this.#deliveries.lookSoon();
      if (result.event === null) return;
      this.#stuck.delete(runId);
      for (const effect of result.effects) this.#begin(effect);
      for (const next of result.unblocked) this.advanceSoon(next);
      if (result.asked) this.#deadlines.lookSoon();
      if (result.status === 'working') continue;
      this.#performer.telemetry.settled(runId, result.status, result);
      if (result.status !== 'input_required') {
        this.#effects.abort(new EndedError(), runId);
      }
      this.#wake(runId);
    }
  }

  /** Takes the steps of a run without anybody waiting for it. */
  advanceSoon(runId: string): void {
    this.advance(runId).catch((error: unknown) => this.#performer.report(error, { runId }));
  }

  /** @param insists whether somebody asked for this try */
  #begin(effect: Effect, insists = false): void {
    const { runId, id: effectId } = effect;
    if (insists) this.#insisted.add(effectId);
    if (this.#closed || this.#performer.room.isHeldBack(runId, effectId)) return;
    this.#effects.begin(effect, async (signal) => {
      try {
        const how = { signal, insists: () => this.#insisted.has(effectId) };
        const end = await perform(this.#performer, effect, how, (work) => this.#whileBusy(work));
        // Also if its time had not come after all: a clock may be put back.
        if (end === 'later' || (end === 'not begun' && effect.attempt > 0)) void this.#wakes.look();
        if (end !== 'later') await this.advance(runId);
      } catch (error) {
        if (this.#closed || error instanceof EndedError) return;
        this.#performer.report(error, { runId, effectId });
        // The run is kept as it is; whoever waits for it must hear that it does not go on.
        this.#stuck.set(runId, error);
      } finally {
        this.#insisted.delete(effectId);
        this.#wake(runId);
      }
    });
  }

  /** Tries again while the store is busy: what an effect brought back must not be lost. */
  async #whileBusy<T>(work: () => Promise<T>): Promise<T> {
    for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 5_000)) {
      try {
        return await work();
      } catch (error) {
        const busy = error instanceof RequestError && error.code === 'store_busy';
        if (!busy || this.#closed) throw error;
        await sleep(waitMs);
      }
    }
  }

  #wake(runId: string): void {
    for (const resolve of this.#waiting.get(runId) ?? []) resolve();
    this.#onWake(runId);
  }
}

/** Tells an effect that its run has ended, so that nobody waits for its outcome. */
class EndedError extends Error {
  override readonly name = 'EndedError';
}

/** The refusal of work by a runtime that was closed. */
export function closedError(): RequestError {
  return new RequestError(
    'runtime_closed',
    'The runtime is closing. The run is kept: ask again after the restart.',
  );
}
