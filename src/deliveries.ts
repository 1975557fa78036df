/**
 * Delivers notices to hooks and webhooks, each at least once. One timer for all of them; what is to
 * be told, and when to try again, lies in the store, so a restart loses nothing. Nobody waits for a
 * target: neither runs nor other targets.
 */
import { orAborted } from './effects/or-aborted.ts';
import { DeliveryError } from './errors.ts';
import { noticeOf, type Target } from './notices.ts';
import type { Delivery, DeliveryOutcome } from './stores/deliveries.ts';
import type { Store } from './stores/store.ts';

/** How long an attempt may take, in milliseconds. */
const timeoutMs = 10_000;

/** How often a delivery is tried before it is given up. */
const attemptsMax = 10;

/** How many attempts at one target may be under way. */
const underWayMax = 4;

/** How long to wait after the store could not be read, in milliseconds. */
const storeRetryMs = 5_000;

/** Node's timers cannot wait longer. */
const longestMs = 2_147_483_647;

/** What deliveries are made with. */
export interface Postman {
  readonly store: Store;
  readonly targets: readonly Target[];
  readonly report: (error: unknown, where: { readonly runId: string }) => void;
  /** Tries a piece of work again while the store is busy. */
  readonly whileBusy: <T>(work: () => Promise<T>) => Promise<T>;
}

export class Deliveries {
  readonly #postman: Postman;
  readonly #underWay = new Map<Target, Set<Promise<void>>>();
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #closed = false;

  constructor(postman: Postman) {
    this.#postman = postman;
    for (const target of postman.targets) this.#underWay.set(target, new Set());
  }

  /** Says who wants to be told of what; from then on the store keeps it for them. */
  async subscribe(): Promise<void> {
    const { store, targets } = this.#postman;
    await store.subscribe(
      targets.flatMap(({ name: target, types }) => types.map((type) => ({ target, type }))),
    );
  }

  /** Looks for deliveries whose time has come, without anybody waiting for it. */
  lookSoon(): void {
    this.#lookAt(Date.now());
  }

  /** Begins no more attempts, lets those under way finish for a while, then ends them. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const grace = setTimeout(() => this.#stop.abort(), graceMs);
    await Promise.all([...this.#underWay.values()].flatMap((attempts) => [...attempts]));
    clearTimeout(grace);
  }

  #lookAt(at: number): void {
    if (this.#closed || this.#underWay.size === 0) return;
    if (this.#timer && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const waitMs = Math.min(Math.max(0, at - Date.now()), longestMs);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look().catch((error: unknown) => {
        if (this.#closed) return;
        this.#postman.report(error, { runId: '' });
        this.#lookAt(Date.now() + storeRetryMs);
      });
    }, waitMs).unref();
  }

  async #look(): Promise<void> {
    for (const [target, attempts] of this.#underWay) {
      const free = underWayMax - attempts.size;
      if (this.#closed || free <= 0) continue;
      const { deliveries, nextAt } = await this.#postman.store.takeDeliveries(target.name, free);
      if (this.#closed) return;
      for (const delivery of deliveries) {
        const attempt = this.#attempt(target, delivery).finally(() => {
          attempts.delete(attempt);
          this.lookSoon();
        });
        attempts.add(attempt);
      }
      if (nextAt !== null) this.#lookAt(nextAt);
    }
  }

  /** Never rejects. What is cut short stays as it is in the store, and is due again at the next start. */
  async #attempt(target: Target, delivery: Delivery): Promise<void> {
    const { store, report, whileBusy } = this.#postman;
    const { runId } = delivery;
    try {
      const failure = await this.#send(target, delivery).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      if (failure && this.#stop.signal.aborted) return;
      const outcome = outcomeOf(delivery, failure);
      await whileBusy(() => store.endDelivery(delivery, outcome));
      if (outcome.status === 'dead') report(givenUp(delivery, failure?.error), { runId });
    } catch (error) {
      if (!this.#closed) report(error, { runId });
    }
  }

  async #send(target: Target, delivery: Delivery): Promise<void> {
    if (delivery.attempt > attemptsMax) throw new Error('The process ended at the last attempt.');
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]);
    const notice = await noticeOf(this.#postman.store, delivery);
    await orAborted(() => target.send(notice, signal), signal);
  }
}

function outcomeOf(
  { attempt }: Delivery,
  failure: { readonly error: unknown } | undefined,
): DeliveryOutcome {
  if (!failure) return { status: 'done' };
  const error = String(failure.error);
  return attempt >= attemptsMax
    ? { status: 'dead', error }
    : { status: 'pending', nextAt: Date.now() + retryAfterMs(attempt, Math.random()), error };
}

/**
 * How long to wait after a failed attempt, in milliseconds: about 1, 4, 16 seconds and so on up to an
 * hour, cut by up to half by chance, so that many failures at once do not come back at once.
 *
 * @param chance from 0 to 1
 */
export function retryAfterMs(attempt: number, chance: number): number {
  return Math.round(Math.min(1_000 * 4 ** (attempt - 1), 3_600_000) * (1 - chance / 2));
}

function givenUp({ id, target, attempt }: Delivery, cause: unknown): DeliveryError {
  return new DeliveryError(
    'delivery_failed',
    `Notice "${id}" did not reach "${target}" in ${Math.min(attempt, attemptsMax)} attempts. It is kept as dead, and not tried again.`,
    {},
    cause,
  );
}
