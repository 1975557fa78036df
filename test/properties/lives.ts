/**
 * Processes that die, played in one process. A life is a runtime on the file, and all that a real
 * process would take with it when it is killed: once it has died, nothing that it waits for ever
 * comes back to it, from the store, a model or a tool, and nothing of it is written any more.
 *
 * A life dies at a boundary (`src/boundary.ts`): the boundary throws, so an open transaction is rolled
 * back, as SQLite does for a process that is gone. What this cannot show is the file itself after a
 * real SIGKILL or a power cut: torn pages, a WAL without its last frames, locks that the operating
 * system frees. `test/proofs/crash.proof.ts` kills real processes for that.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onBoundary } from '../../src/boundary.ts';
import {
  type Agent,
  createRuntime,
  type Model,
  type Runtime,
  sqliteStore,
} from '../../src/index.ts';
import type { Store } from '../../src/stores/store.ts';
import type { Entry, Host } from './toolbox.ts';

/** A store, broken on purpose. `file` lets it look at the rows by a connection of its own. */
export type BreakStore = (store: Store, file: string) => Store;

/** What a run may use; small, so that big teams reach it. */
export const limits = { modelCalls: 60, delegations: 25, questions: 40 } as const;

/** What a life is made of. */
export interface Birth {
  readonly file: string;
  /** A store that outlives the life, in place of one on the file. */
  readonly shared?: Store;
  readonly team: (life: Life) => Agent;
  readonly breakStore: BreakStore;
  readonly enter: (entry: Entry) => void;
  readonly report: (error: unknown) => void;
}

class Killed extends Error {
  override readonly name = 'Killed';
}

/** A new one each time: one for all would hold on to whatever waits for it. */
const never = () => new Promise<never>(() => undefined);

export class Life implements Host {
  readonly #birth: Birth;
  readonly #store: Store;
  readonly #death = Promise.withResolvers<undefined>();
  #dead = false;
  #left = Number.POSITIVE_INFINITY;

  private constructor(birth: Birth) {
    this.#birth = birth;
    this.#store = birth.shared ?? sqliteStore(birth.file);
  }

  /** Opens the file; the runtime is undefined if the life died while it was born. */
  static async begin(birth: Birth): Promise<{ readonly life: Life; readonly runtime?: Runtime }> {
    const life = new Life(birth);
    onBoundary(() => life.#pass());
    const created = createRuntime({
      teams: [birth.team(life)],
      store: life.#mortal(birth.breakStore(life.#store, birth.file)),
      limits,
      onError: (error) => {
        if (!life.#dead) birth.report(error);
      },
    });
    const runtime = await life.orDeath(created);
    return runtime ? { life, runtime } : { life };
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Resolves with what the work comes to; with undefined if the process dies first. */
  orDeath<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.#death.promise]);
  }

  /** Dies after so many more boundaries. */
  dieAfter(boundaries: number): void {
    this.#left = boundaries;
  }

  die(): void {
    this.#dead = true;
    this.#death.resolve(undefined);
  }

  /** Frees the file of a dead life, when the call stack that it died in is gone. */
  async bury(): Promise<void> {
    this.die();
    await nextTurn();
    if (!this.#birth.shared) await this.#store.close();
  }

  enter(entry: Entry): void {
    this.#birth.enter(entry);
  }

  async alive<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#dead) return never();
    try {
      const value = await work();
      return this.#dead ? never() : value;
    } catch (error) {
      if (this.#dead) return never();
      throw error;
    }
  }

  /** A model whose replies reach only the living. */
  model({ name, reply }: Model): Model {
    return { name, reply: (request, options) => this.alive(() => reply(request, options)) };
  }

  #pass(): void {
    if (!this.#dead && this.#left > 0) {
      this.#left -= 1;
      return;
    }
    this.die();
    throw new Killed('The process is gone.');
  }

  #mortal(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => this.alive(() => Reflect.apply(method, target, args));
      },
    });
  }
}
