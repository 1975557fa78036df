/**
 * Logs what models say while they say it. Nobody waits for it and nothing depends on it: a piece that
 * could not be logged is in the whole reply, which comes after.
 */
import type { NewLogEvent } from '../log-events.ts';
import type { Delta } from '../models/model.ts';
import type { Effect } from '../stores/rows.ts';
import type { Store } from '../stores/store.ts';
import { withoutNul } from '../text.ts';

/**
 * Pieces are collected and written together, those of all calls under way in one transaction: after
 * 100 ms, or as soon as 2,048 UTF-16 units wait. What waits when the reply is whole is not written.
 */
const waitMs = 100;
const waitingMax = 2_048;

/** No more of one reply is logged, in UTF-16 units: no more of its text is kept. */
const replyMax = 262_144;

/** One model call that is under way. */
interface Speech {
  readonly effect: Effect;
  waiting: NewLogEvent[];
  /** Whether the log has pieces that a restart would take back. */
  said: boolean;
  /** How much of the reply was taken. */
  taken: number;
}

/** What one model call says. */
export interface Listener {
  /** Takes a piece; never throws. */
  readonly onDelta: (delta: Delta) => void;
  /** The call is over: what it still says is not taken. */
  readonly end: () => void;
}

export class Deltas {
  readonly #store: Pick<Store, 'appendLog'>;
  readonly #report: (error: unknown, where: { readonly runId: string }) => void;
  readonly #speeches = new Set<Speech>();
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing = false;

  constructor(
    store: Pick<Store, 'appendLog'>,
    report: (error: unknown, where: { readonly runId: string }) => void,
  ) {
    this.#store = store;
    this.#report = report;
  }

  /** Listens to a model call that was claimed. */
  listen(effect: Effect): Listener {
    const speech: Speech = { effect, waiting: [], said: false, taken: 0 };
    this.#speeches.add(speech);
    return {
      onDelta: (delta) => {
        if (this.#speeches.has(speech)) this.#take(speech, delta);
      },
      end: () => void this.#speeches.delete(speech),
    };
  }

  #take(speech: Speech, delta: Delta): void {
    const { name: agent, path } = speech.effect;
    if (delta.type === 'restart') {
      speech.waiting = speech.said ? [{ type: 'model.restarted', agent, path }] : [];
      speech.taken = 0;
    } else {
      const text = withoutNul(String(delta.text).slice(0, replyMax - speech.taken));
      if (text === '') return;
      speech.taken += text.length;
      this.#size += text.length;
      speech.waiting = joined(speech.waiting, pieceOf(agent, path, delta, text));
    }
    if (this.#size >= waitingMax) this.#write();
    else this.#timer ??= setTimeout(() => this.#write(), waitMs).unref();
  }

  /** Writes all that waits. One writing at a time, so that pieces keep their order. */
  #write(): void {
    if (this.#writing) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#size = 0;
    const said = [...this.#speeches].filter(({ waiting }) => waiting.length > 0);
    if (said.length === 0) return;
    const batch = said.map(({ effect, waiting: log }) => ({ effect, log }));
    for (const speech of said) {
      speech.waiting = [];
      speech.said = true;
    }
    this.#writing = true;
    void this.#append(batch).finally(() => {
      this.#writing = false;
      const waits = [...this.#speeches].some(({ waiting }) => waiting.length > 0);
      if (waits) this.#timer ??= setTimeout(() => this.#write(), waitMs).unref();
    });
  }

  async #append(batch: Parameters<Store['appendLog']>[0]): Promise<void> {
    try {
      await this.#store.appendLog(batch);
    } catch (error) {
      // Readers would see a text with a hole, so nothing more of these replies is logged.
      for (const speech of this.#speeches) {
        if (batch.some(({ effect }) => effect === speech.effect)) this.#speeches.delete(speech);
      }
      this.#report(error, { runId: batch[0]?.effect.runId ?? '' });
    }
  }
}

function pieceOf(
  agent: string,
  path: string,
  delta: Exclude<Delta, { type: 'restart' }>,
  text: string,
): NewLogEvent {
  return delta.type === 'text'
    ? { type: 'text.delta', agent, path, text }
    : { type: 'arguments.delta', agent, path, index: delta.call, text };
}

/** Pieces of the same text become one. */
function joined(waiting: readonly NewLogEvent[], next: NewLogEvent): NewLogEvent[] {
  const last = waiting.at(-1);
  if (next.type === 'text.delta' && last?.type === 'text.delta') {
    return [...waiting.slice(0, -1), { ...last, text: last.text + next.text }];
  }
  const isSame =
    next.type === 'arguments.delta' &&
    last?.type === 'arguments.delta' &&
    last.index === next.index;
  if (!isSame) return [...waiting, next];
  return [...waiting.slice(0, -1), { ...last, text: last.text + next.text }];
}
