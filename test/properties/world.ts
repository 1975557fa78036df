/**
 * What one random run lives in: a file, a model server, and one life after the other. Whoever asks
 * something of the run asks the life of the moment, and may find that it died meanwhile.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openai, RequestError, RunError, type Runtime } from '../../src/index.ts';
import type { ModelServer } from '../../src/testing/index.ts';
import { newFolder } from '../kit/folder.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { type BreakStore, Life } from './lives.ts';
import { openReader, type Reader, type SavedRows } from './saved-rows.ts';
import { scriptsOf, teamOf } from './team-scripts.ts';
import type { AgentSpec } from './team-specs.ts';
import { type Entry, toolbox } from './toolbox.ts';

/** What came of asking the runtime; undefined if its process died, so that nobody knows. */
export type Outcome<T> = { readonly value: T } | { readonly error: RequestError } | undefined;

/** Longer than anything in a random run takes. */
const patienceMs = 15_000;

/** Failures that scripts and limits bring about; any other is a bug. */
const expectedFailures: readonly string[] = [
  'model_request_refused',
  'model_refused',
  'limit_reached',
];

interface Alive {
  readonly life: Life;
  readonly runtime: Runtime;
}

export class World {
  readonly entries: Entry[] = [];
  readonly model: ModelServer;
  readonly #team: AgentSpec;
  readonly #breakStore: BreakStore;
  readonly #folder: string;
  readonly #unexpected: unknown[] = [];
  #reader: Reader | undefined;
  #current: Alive | undefined;
  #birth: Promise<void> | undefined;
  #lives = 0;
  #ended = false;

  private constructor(team: AgentSpec, model: ModelServer, breakStore: BreakStore) {
    this.#team = team;
    this.model = model;
    this.#breakStore = breakStore;
    this.#folder = newFolder();
  }

  static async create(team: AgentSpec, breakStore: BreakStore): Promise<World> {
    const model = await startStrictModel({ agents: scriptsOf(team) }, { mayRefuse: true });
    const world = new World(team, model, breakStore);
    await world.#alive();
    return world;
  }

  /** How many processes there were. */
  get lives(): number {
    return this.#lives;
  }

  /** All that is saved of the run; undefined if it was not written yet. */
  rows(): SavedRows | undefined {
    this.#reader ??= openReader(this.#file);
    return this.#reader.read();
  }

  /** Asks the runtime of the moment, after a new birth if the last one died. */
  async ask<T>(work: (runtime: Runtime) => Promise<T>): Promise<Outcome<T>> {
    const { life, runtime } = await this.#alive();
    const settled = work(runtime).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    const outcome = await patiently(life.orDeath(settled), 'The runtime does not answer.');
    if (outcome === undefined || 'value' in outcome) return outcome;
    const { error } = outcome;
    if (!(error instanceof RequestError)) throw error;
    return error.code === 'runtime_closed' ? undefined : { error };
  }

  /** Lets the life die after so many boundaries; with 0 at once. */
  async crash(boundaries: number): Promise<void> {
    const { life } = await this.#alive();
    if (boundaries === 0) life.die();
    else life.dieAfter(boundaries);
  }

  /** Closes the runtime in good order; the next one is opened when it is needed. */
  async restart(): Promise<void> {
    // Of this life, and not of the one after it: it may die before it closes.
    const { life, runtime } = await this.#alive();
    const closed = life.orDeath(runtime.close({ graceMs: 0 }));
    await patiently(closed, 'The runtime does not close.');
    life.die();
  }

  /** No more faults: the life of the moment, or the next one, lives as long as it is needed. */
  async stopFaults(): Promise<void> {
    for (;;) {
      const { life } = await this.#alive();
      life.dieAfter(Number.POSITIVE_INFINITY);
      if (!life.dead) return;
    }
  }

  /** Asserts that no life met an error which nobody brought about. */
  checkReported(): void {
    assert.deepEqual(this.#unexpected, [], 'something failed inside');
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#birth;
    await this.#current?.life.bury();
    this.#reader?.close();
    await this.model.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#folder, 'runs.db');
  }

  /** The life of the moment. Whoever comes while one is born waits for that one. */
  async #alive(): Promise<Alive> {
    while (!this.#current || this.#current.life.dead) {
      if (this.#ended) throw new Error('The case is over.');
      this.#birth ??= this.#nextLife().finally(() => {
        this.#birth = undefined;
      });
      await this.#birth;
    }
    return this.#current;
  }

  async #nextLife(): Promise<void> {
    await this.#current?.life.bury();
    this.#current = undefined;
    this.#lives += 1;
    const { life, runtime } = await Life.begin({
      file: this.#file,
      team: (host) => {
        // The lives are one process, and its breaker would open when several of them die.
        const breaker = { failures: Number.POSITIVE_INFINITY };
        const options = { baseURL: this.model.url, apiKey: 'test', breaker };
        return teamOf(this.#team, host.model(openai('test', options)), toolbox(host));
      },
      breakStore: this.#breakStore,
      enter: (entry) => this.entries.push(entry),
      report: (error) => this.#note(error),
    });
    if (runtime) this.#current = { life, runtime };
    else await life.bury();
  }

  #note(error: unknown): void {
    if (!isScripted(error)) this.#unexpected.push(error);
  }
}

/** Whether an error is one that a script or a limit brings about. */
export function isScripted(error: unknown): boolean {
  if (error instanceof RunError) return expectedFailures.includes(error.code);
  return error instanceof Error && error.message === 'The tool exploded.';
}

/** Waits, but not for ever. */
async function patiently<T>(work: Promise<T>, otherwise: string): Promise<T> {
  const over = new AbortController();
  const late = sleep(patienceMs, undefined, { signal: over.signal }).then(
    () => {
      throw new Error(otherwise);
    },
    () => work,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
