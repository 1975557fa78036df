/** The time limits of a model call. The package's own ends with the response's headers. */
import { silent } from './faults.ts';

export interface CallLimits {
  /**
   * Until the response begins, the connection included, in milliseconds. Default 60,000; without a
   * stream `totalMs`, because the response then begins when the reply is ready.
   */
  readonly firstByteMs?: number;
  /** Between two pieces of a response, in milliseconds. Default 120,000: a model that reasons may say nothing for long. */
  readonly idleMs?: number;
  /** For the call as a whole, in milliseconds. Default 300,000. */
  readonly totalMs?: number;
}

/** How long a server may take to close a reply that it said is over, in milliseconds. */
const closingMs = 250;

/**
 * Watches one call. Abort looks like a normal end to whoever reads a stream, so whoever reads one
 * must ask `check` afterwards.
 */
export class Watch {
  readonly signal: AbortSignal;
  readonly #model: string;
  readonly #outer: AbortSignal;
  readonly #inner = new AbortController();
  readonly #idleMs: number;
  readonly #total: NodeJS.Timeout;
  readonly #stop = () => this.#inner.abort(this.#outer.reason);
  #next: NodeJS.Timeout;
  #hears = false;
  #hasBegun = false;
  #passed: string | undefined;

  /** @param streams whether the reply is asked for as a stream */
  constructor(model: string, outer: AbortSignal, limits: CallLimits, streams: boolean) {
    const { idleMs = 120_000, totalMs = 300_000 } = limits;
    const { firstByteMs = streams ? 60_000 : totalMs } = limits;
    this.#model = model;
    this.#outer = outer;
    this.#idleMs = idleMs;
    this.signal = this.#inner.signal;
    outer.addEventListener('abort', this.#stop, { once: true });
    if (outer.aborted) this.#stop();
    this.#next = this.#limit(firstByteMs, `did not begin to answer within ${firstByteMs} ms`);
    this.#total = this.#limit(totalMs, `did not finish within ${totalMs} ms`);
  }

  /** Whether anything came of the body, and not only the headers. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The headers of the response came, or a piece of its body. */
  heard(): void {
    if (this.#hears) {
      this.#hasBegun = true;
      this.#next.refresh();
      return;
    }
    this.#hears = true;
    clearTimeout(this.#next);
    this.#next = this.#limit(this.#idleMs, `said nothing more for ${this.#idleMs} ms`);
  }

  /** The reply is whole; what the server does from now on changes nothing. */
  closing(): void {
    this.end();
    this.#next = setTimeout(() => this.#inner.abort(), closingMs);
  }

  /**
   * Asks whether the call ran to its end.
   *
   * @throws RunError `model_unavailable` if a limit was passed
   * @throws the outer signal's reason if that was aborted
   */
  check(): void {
    this.#outer.throwIfAborted();
    if (this.#passed === undefined) return;
    throw silent(this.#model, this.#passed, this.#hasBegun);
  }

  end(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#total);
    this.#outer.removeEventListener('abort', this.#stop);
  }

  #limit(ms: number, what: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#passed ??= what;
      this.#inner.abort();
    }, ms);
  }
}
