/**
 * Lets anybody follow a run's log. A reader costs its run nothing: it holds no row and no lock, is
 * woken when the log has grown, and reads when it likes.
 */
import { RequestError } from './errors.ts';
import { isEnding, type LogEvent, loggedResultMax } from './log-events.ts';
import type { RunKey } from './resume.ts';
import type { EventsOptions } from './runtime-options.ts';
import type { RunRow } from './stores/rows.ts';
import type { Store } from './stores/store.ts';

/** How many events are read in one go. */
const pageSize = 500;

/** So many events are looked through at once for the last pause, which is most often the last of all. */
const lookBack = 50;

/** What moves runs, as far as readers ask. */
interface Mover {
  /** Takes the steps of what has happened already. */
  advance(runId: string): Promise<void>;
  /** @throws why the run cannot go on in this process, though it is kept */
  checkStuck(runId: string): void;
}

/**
 * Refuses a place that a log does not reach: whoever waited there would miss what comes before it.
 *
 * @throws RequestError `event_unknown`
 */
export function checkPlace({ id, logLength }: RunRow, { after = 0 }: EventsOptions): void {
  if (after <= logLength) return;
  throw new RequestError(
    'event_unknown',
    `The last event of run "${id}" has the number ${logLength}, so nothing can come after ${after}. If the store was restored from a backup, follow the run from its start.`,
  );
}

export class LogReaders {
  readonly #store: Store;
  readonly #waiting = new Map<string, Set<() => void>>();
  #closed = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The store, with the readers of a run woken by each method that makes its log grow. */
  watched(): Store {
    const store = this.#store;
    const waking = async <T>(growth: Promise<T>, ...runIds: readonly string[]): Promise<T> => {
      try {
        return await growth;
      } finally {
        for (const runId of runIds) this.wake(runId);
      }
    };
    return {
      ...store,
      step: (runId, decide) => waking(store.step(runId, decide), runId),
      cancel: (tenantId, runId, atOnce) => waking(store.cancel(tenantId, runId, atOnce), runId),
      adopt: (runId, ...rest) => waking(store.adopt(runId, ...rest), runId),
      appendLog: (said) => waking(store.appendLog(said), ...said.map(({ effect }) => effect.runId)),
      claim: async (...given) => {
        const effect = await store.claim(...given);
        if (effect) this.wake(effect.runId);
        return effect;
      },
    };
  }

  /** Lets the readers of a run look at it. */
  wake(runId: string): void {
    for (const resolve of this.#waiting.get(runId) ?? []) resolve();
  }

  /** Ends every reader. */
  close(): void {
    this.#closed = true;
    for (const runId of [...this.#waiting.keys()]) this.wake(runId);
  }

  /** The events of a run that there is; see `Runtime.events`. */
  async *follow(
    { tenantId, runId }: RunKey,
    { after = 0, until = 'ended', wholeResults = false, signal }: EventsOptions,
    mover: Mover,
  ): AsyncGenerator<LogEvent, void> {
    const pause = until === 'settled' ? await this.#pauseOf({ tenantId, runId }, mover) : undefined;
    let seq = pause?.isPast ? Math.min(after, pause.seq - 1) : after;
    for (;;) {
      const woken = this.#wokenOnce(runId, signal);
      let page: readonly LogEvent[] = [];
      try {
        if (this.#closed || signal?.aborted) return;
        page = await this.#store.log(tenantId, runId, seq, pageSize);
        if (page.length === 0) {
          const run = await this.#store.runOf(tenantId, runId);
          // It may have ended since the log was read.
          if (run && run.logLength > seq) continue;
          if (run?.status !== 'working' && run?.status !== 'input_required') return;
          if (pause) mover.checkStuck(runId);
          if (pause && (await this.#store.stall(tenantId, runId))) return;
          await woken.promise;
        }
      } finally {
        woken.forget();
      }
      for (const event of page) {
        if (this.#closed || signal?.aborted) return;
        seq = event.seq;
        yield wholeResults ? await this.#whole({ tenantId, runId }, event) : event;
        if (isEnding(event)) return;
        if (pause && event.type === 'run.paused' && seq >= pause.seq) return;
      }
    }
  }

  /** An event with a result as the transcript has it: of those that are cut, one is held at a time. */
  async #whole({ tenantId, runId }: RunKey, event: LogEvent): Promise<LogEvent> {
    if (event.type !== 'call.answered' || event.result.length <= loggedResultMax) return event;
    const result = await this.#store.result(tenantId, runId, event.path);
    return result === undefined ? event : { ...event, result };
  }

  /** The number from which on a pause is the one to wait for; that of the last one if it is past. */
  async #pauseOf({ tenantId, runId }: RunKey, mover: Mover) {
    await mover.advance(runId);
    const run = await this.#store.runOf(tenantId, runId);
    const length = run?.logLength ?? 0;
    if (run?.status === 'working') return { seq: length + 1, isPast: false };
    // A migration is logged after it, and there may have been any number of them.
    for (let end = length; end > 0; end -= lookBack) {
      const start = Math.max(0, end - lookBack);
      const events = await this.#store.log(tenantId, runId, start, end - start);
      const last = events.findLast((event) => event.type === 'run.paused' || isEnding(event));
      if (last) return { seq: last.seq, isPast: true };
    }
    return { seq: length + 1, isPast: false };
  }

  #wokenOnce(runId: string, signal: AbortSignal | undefined) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(runId) ?? new Set();
    const wake = () => resolve();
    this.#waiting.set(runId, waiting.add(wake));
    signal?.addEventListener('abort', wake, { once: true });
    const forget = () => {
      signal?.removeEventListener('abort', wake);
      waiting.delete(wake);
      if (waiting.size === 0 && this.#waiting.get(runId) === waiting) this.#waiting.delete(runId);
    };
    return { promise, forget };
  }
}
