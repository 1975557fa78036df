/** How many runs may be at work at once in this process: of all tenants, and of one. */
import { DefinitionError, RequestError } from './errors.ts';
import { defaultTenant } from './identity.ts';
import type { RunKey } from './resume.ts';

export interface RoomOptions {
  readonly runsAtOnce?: number;
  readonly runsPerTenant?: number;
}

/** A run that waits for a place, with the effects of it that wait, each with what it is told then. */
interface HeldBack {
  readonly tenantId: string;
  readonly effects: Map<string, (mayBegin: boolean) => void>;
}

/**
 * Who is at work, who may begin, and who waits for a place. A run that is started is refused when there
 * is none; one that goes on was acknowledged already, so it waits in line.
 */
export class Room {
  readonly #max: number;
  /** Undefined: half of all, for tenants that have a name. */
  readonly #maxOfTenant: number | undefined;
  /** The runs at work, with whose they are. */
  readonly #inside = new Map<string, string>();
  /** How many of them are each tenant's: it is asked for each that waits. */
  readonly #insideOf = new Map<string, number>();
  /** Those that wait. */
  readonly #heldBack = new Map<string, HeldBack>();
  /** The same by tenant, each line with the first come first. */
  readonly #lines = new Map<string, Set<string>>();
  #closed = false;

  /** @throws DefinitionError `limit_unusable` */
  constructor({ runsAtOnce = 250, runsPerTenant }: RoomOptions) {
    checkCount('runsAtOnce', runsAtOnce);
    if (runsPerTenant !== undefined) checkCount('runsPerTenant', runsPerTenant);
    this.#max = runsAtOnce;
    this.#maxOfTenant = runsPerTenant;
  }

  /** How many runs wait for a place. */
  get heldBack(): number {
    return this.#heldBack.size;
  }

  /** The effects that wait for a place. */
  get effectsHeldBack(): string[] {
    return [...this.#heldBack.values()].flatMap(({ effects }) => [...effects.keys()]);
  }

  /** Whether a run waits for a place; or one effect of it, if that is named. */
  isHeldBack(runId: string, effectId?: string): boolean {
    const held = this.#heldBack.get(runId);
    return effectId === undefined ? held !== undefined : held?.effects.has(effectId) === true;
  }

  /**
   * Gives a place to a run that is started.
   *
   * @throws RequestError `too_many_runs`, `too_many_tenant_runs`
   */
  enter({ tenantId, runId }: RunKey): void {
    if (this.#inside.size >= this.#max) throw tooMany(this.#max);
    if (!this.#hasPlaceFor(tenantId)) throw tooManyOfTenant(this.#maxOf(tenantId));
    this.#letIn(runId, tenantId);
  }

  /**
   * Waits until an effect of a run that goes on may begin: at once if the run is at work.
   *
   * @returns false if it need not begin any more, or waits already
   */
  async place(
    { tenantId, runId }: RunKey,
    effectId: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (this.#closed || signal.aborted || this.isHeldBack(runId, effectId)) return false;
    if (this.#inside.has(runId)) return true;
    const held = this.#heldBack.get(runId) ?? { tenantId, effects: new Map() };
    if (held.effects.size === 0 && this.#hasPlaceFor(tenantId)) {
      this.#letIn(runId, tenantId);
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    held.effects.set(effectId, resolve);
    this.#heldBack.set(runId, held);
    this.#lines.set(tenantId, (this.#lines.get(tenantId) ?? new Set()).add(runId));
    signal.addEventListener('abort', () => this.#giveUp(runId, effectId), { once: true });
    return promise;
  }

  /** Gives the place of a run, if it has one, to one that waits and may have it. */
  leave(runId: string): void {
    if (!this.#letOut(runId)) return;
    const [next] = this.#nextLine() ?? [];
    const held = next === undefined ? undefined : this.#heldBack.get(next);
    if (next === undefined || !held) return;
    this.#leaveLine(next, held.tenantId);
    this.#letIn(next, held.tenantId);
    for (const tell of held.effects.values()) tell(true);
  }

  /** Lets nobody in any more, and tells all who wait. */
  close(): void {
    this.#closed = true;
    for (const { effects } of this.#heldBack.values()) {
      for (const tell of effects.values()) tell(false);
    }
    this.#heldBack.clear();
    this.#lines.clear();
  }

  /** The line of the tenant that has the fewest runs at work: nobody waits for the end of a long line. */
  #nextLine(): Set<string> | undefined {
    const open = [...this.#lines].filter(([tenantId]) => this.#hasPlaceFor(tenantId));
    const fewest = Math.min(...open.map(([tenantId]) => this.#countOf(tenantId)));
    return open.find(([tenantId]) => this.#countOf(tenantId) === fewest)?.[1];
  }

  #leaveLine(runId: string, tenantId: string): void {
    this.#heldBack.delete(runId);
    const line = this.#lines.get(tenantId);
    line?.delete(runId);
    if (line?.size === 0) this.#lines.delete(tenantId);
  }

  #giveUp(runId: string, effectId: string): void {
    const held = this.#heldBack.get(runId);
    held?.effects.get(effectId)?.(false);
    held?.effects.delete(effectId);
    if (held?.effects.size === 0) this.#leaveLine(runId, held.tenantId);
  }

  #letIn(runId: string, tenantId: string): void {
    this.#inside.set(runId, tenantId);
    this.#insideOf.set(tenantId, this.#countOf(tenantId) + 1);
  }

  /** @returns whether it was inside */
  #letOut(runId: string): boolean {
    const tenantId = this.#inside.get(runId);
    if (tenantId === undefined) return false;
    this.#inside.delete(runId);
    const left = this.#countOf(tenantId) - 1;
    if (left > 0) this.#insideOf.set(tenantId, left);
    else this.#insideOf.delete(tenantId);
    return true;
  }

  #hasPlaceFor(tenantId: string): boolean {
    return this.#inside.size < this.#max && this.#countOf(tenantId) < this.#maxOf(tenantId);
  }

  #countOf(tenantId: string): number {
    return this.#insideOf.get(tenantId) ?? 0;
  }

  #maxOf(tenantId: string): number {
    if (this.#maxOfTenant !== undefined) return this.#maxOfTenant;
    return tenantId === defaultTenant ? this.#max : Math.ceil(this.#max / 2);
  }
}

function checkCount(what: string, count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new DefinitionError(
    'limit_unusable',
    `A runtime has ${what} ${count}. Use a whole number from 1.`,
  );
}

function tooMany(max: number): RequestError {
  return new RequestError(
    'too_many_runs',
    `${max} runs are at work, which is as many as may be. Nothing was begun: try again in a moment.`,
  );
}

function tooManyOfTenant(max: number): RequestError {
  return new RequestError(
    'too_many_tenant_runs',
    `${max} of your runs are at work, which is as many as one tenant may have. Nothing was begun: try again in a moment.`,
  );
}
