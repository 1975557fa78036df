/**
 * Begins model calls again that were put off. One timer for all of them; the times lie in the store,
 * so a restart neither loses nor shortens them.
 */
import type { Effect } from './stores/rows.ts';
import type { Store } from './stores/store.ts';
import type { TakeUp } from './take-up.ts';

/** When to look again at the latest, as the machine's clock may jump; in milliseconds. */
const longestMs = 60_000;

/** When to look again if the store could not be asked, in milliseconds. */
const againMs = 1_000;

export class Wakes {
  readonly #store: Store;
  readonly #takeUp: TakeUp;
  readonly #waiting: () => readonly string[];
  readonly #begin: (effect: Effect) => void;
  readonly #report: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  /** The last look; they come one after the other, so that the last one sets the timer. */
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  /**
   * `begin` is given each effect whose time has come; it may be given one twice. `waiting` tells which
   * effects it was given that wait for something else: there may be ten thousand of them.
   */
  constructor(
    store: Store,
    takeUp: TakeUp,
    waiting: () => readonly string[],
    begin: (effect: Effect) => void,
    report: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#takeUp = takeUp;
    this.#waiting = waiting;
    this.#begin = begin;
    this.#report = report;
  }

  /** Looks for effects whose time has come, and sets the timer for the next one. */
  look(): Promise<void> {
    this.#last = this.#last.then(() => this.#look()).catch((error) => this.#report(error));
    return this.#last;
  }

  async #look(): Promise<void> {
    this.#lookIn(againMs);
    if (this.#closed) return;
    const { leftAlone } = this.#takeUp;
    const { effects, nextAt, isUrgent } = await this.#store.due(leftAlone, this.#waiting());
    for (const effect of effects) {
      if (await this.#takeUp.admits(effect.runId)) this.#begin(effect);
    }
    if (nextAt === null) clearTimeout(this.#timer);
    else this.#lookIn(Math.max(0, nextAt - Date.now()), isUrgent);
  }

  /** @param isUrgent whether the process must not end before: a call between two tries is under way */
  #lookIn(waitMs: number, isUrgent = true): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.look(), Math.min(waitMs, longestMs));
    if (!isUrgent) this.#timer.unref();
  }

  /** Begins nothing any more; resolves when a look that is under way is over. */
  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    return this.#last;
  }
}
