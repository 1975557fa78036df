/**
 * Spares a model that does not answer: after several failures in a row nothing is sent for a while,
 * then one call, to see. What is known is shared by all runs of the process.
 */
import { RunError } from '../errors.ts';
import type { ModelFault, ReplyOptions } from './model.ts';

export interface BreakerOptions {
  /** Failures in a row after which nothing is sent for a while. Default 5. */
  readonly failures?: number;
  /** The first such while, doubled each time that the model fails again; in milliseconds. Default 30,000. */
  readonly coolDownMs?: number;
  /** The longest such while, in milliseconds. Default 300,000. */
  readonly longestCoolDownMs?: number;
}

interface State {
  failures: number;
  /** What it failed with the last time. */
  last: string;
  coolDownMs: number;
  /** By the process's own clock, which never jumps; undefined while calls are sent. */
  openUntil: number | undefined;
}

/** The models that failed last, by base URL and name. */
const failing = new Map<string, State>();

/** What tells that a model is out of order; any other answer tells that it is not. */
const failures: ReadonlySet<unknown> = new Set<ModelFault>(['unreached', 'cut', 'overloaded']);

export class Breaker {
  readonly #model: string;
  readonly #options: Required<BreakerOptions>;

  constructor(model: string, options: BreakerOptions = {}) {
    this.#model = model;
    this.#options = { failures: 5, coolDownMs: 30_000, longestCoolDownMs: 300_000, ...options };
  }

  /**
   * Makes a call, unless the model is spared.
   *
   * @throws RunError `model_unavailable` with `details.fault` `breaker_open`; nothing was sent
   * @throws what the call throws
   */
  async call<T>(
    url: string,
    { signal, insists = false }: ReplyOptions,
    body: () => Promise<T>,
  ): Promise<T> {
    const key = `${url} ${this.#model}`;
    const isProbe = this.#admit(key, insists);
    try {
      const reply = await body();
      failing.delete(key);
      return reply;
    } catch (error) {
      if (signal.aborted || !(error instanceof RunError)) this.#letOthersProbe(key, isProbe);
      else if (failures.has(error.details['fault'])) this.#failed(key, isProbe, error.message);
      else failing.delete(key);
      throw error;
    }
  }

  /** Whether the call is the one that finds out how the model is. */
  #admit(key: string, insists: boolean): boolean {
    const state = failing.get(key);
    if (state?.openUntil === undefined) return false;
    const leftMs = state.openUntil - performance.now();
    if (leftMs > 0 && !insists) throw this.#spared(leftMs, state.last);
    if (leftMs > 0) return false;
    // The others do not wait for this call for ever.
    state.openUntil = performance.now() + this.#options.coolDownMs;
    return true;
  }

  #failed(key: string, isProbe: boolean, what: string): void {
    const { coolDownMs, longestCoolDownMs } = this.#options;
    const none = { failures: 0, last: what, coolDownMs, openUntil: undefined };
    const state: State = failing.get(key) ?? none;
    failing.set(key, state);
    state.failures += 1;
    state.last = what;
    const opens = state.openUntil === undefined && state.failures >= this.#options.failures;
    if (isProbe) state.coolDownMs = Math.min(state.coolDownMs * 2, longestCoolDownMs);
    if (isProbe || opens) state.openUntil = performance.now() + state.coolDownMs;
  }

  /** A call that was given up tells nothing. */
  #letOthersProbe(key: string, isProbe: boolean): void {
    const state = failing.get(key);
    if (isProbe && state) state.openUntil = performance.now();
  }

  #spared(leftMs: number, last: string): RunError {
    const fault: ModelFault = 'breaker_open';
    return new RunError(
      'model_unavailable',
      `The model "${this.#model}" failed several times in a row and is not asked for a while. The last time: ${last}`,
      { retryable: true, fault, retryAfterMs: Math.ceil(leftMs) },
    );
  }
}
