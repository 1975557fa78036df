/** How many runs may be at work at once in this process: of all tenants, and of one. */
import { DefinitionError, RequestError } from './errors.ts';
import { defaultTenant } from './identity.ts';

export interface RoomOptions {
  readonly runsAtOnce?: number;
  readonly runsPerTenant?: number;
}

/** Who is at work, and who may begin. */
export class Room {
  readonly #max: number;
  /** Undefined: half of all, for tenants that have a name. */
  readonly #maxOfTenant: number | undefined;
  /** The runs that are being written, and are not at work yet: how many, by tenant. */
  readonly #starting = new Map<string, number>();
  /** Whose runs are. Those that are at work no longer are forgotten in time. */
  readonly #tenants = new Map<string, string>();

  /** @throws DefinitionError `limit_unusable` */
  constructor({ runsAtOnce = 250, runsPerTenant }: RoomOptions) {
    checkCount('runsAtOnce', runsAtOnce);
    if (runsPerTenant !== undefined) checkCount('runsPerTenant', runsPerTenant);
    this.#max = runsAtOnce;
    this.#maxOfTenant = runsPerTenant;
  }

  /** Notes whose a run is that goes on. */
  note(runId: string, tenantId: string): void {
    this.#tenants.set(runId, tenantId);
  }

  /**
   * Makes room for a run that begins.
   *
   * @param atWork the runs that are at work
   * @returns to be called once it is at work, or is not begun
   * @throws RequestError `too_many_runs`, `too_many_tenant_runs`
   */
  enter(tenantId: string, atWork: ReadonlySet<string>): () => void {
    const starting = [...this.#starting.values()].reduce((sum, count) => sum + count, 0);
    if (atWork.size + starting >= this.#max) throw tooMany(this.#max);
    const max = this.#maxOf(tenantId);
    const own = this.#starting.get(tenantId) ?? 0;
    if (own + this.#countOf(tenantId, atWork) >= max) throw tooManyOfTenant(max);
    this.#starting.set(tenantId, own + 1);
    return () => {
      const left = (this.#starting.get(tenantId) ?? 1) - 1;
      if (left > 0) this.#starting.set(tenantId, left);
      else this.#starting.delete(tenantId);
    };
  }

  #maxOf(tenantId: string): number {
    if (this.#maxOfTenant !== undefined) return this.#maxOfTenant;
    return tenantId === defaultTenant ? this.#max : Math.ceil(this.#max / 2);
  }

  #countOf(tenantId: string, atWork: ReadonlySet<string>): number {
    let count = 0;
    for (const [runId, owner] of this.#tenants) {
      if (!atWork.has(runId)) this.#tenants.delete(runId);
      else if (owner === tenantId) count += 1;
    }
    return count;
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
