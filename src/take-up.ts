/**
 * Stands between saved runs and the code of now: whatever would move a run asks here first, and a
 * run that the code cannot continue is left alone, byte for byte.
 */
import { chartVersion } from '../machines/version.ts';
import type { Difference } from './compatibility.ts';
import { RequestError } from './errors.ts';
import { type CurrentCode, isCurrent, judge } from './migrate.ts';
import { unreadable } from './step.ts';
import type { RunEvent } from './stores/events.ts';
import type { RunRow, SavedRun } from './stores/rows.ts';
import type { Store } from './stores/store.ts';

/** How many runs are looked at in one go after a start. */
const pageSize = 100;

export class TakeUp {
  readonly #store: Store;
  readonly #code: CurrentCode;
  readonly #report: (error: unknown, where: { readonly runId: string }) => void;
  readonly #leftAlone = new Set<string>();

  constructor(
    store: Store,
    code: CurrentCode,
    report: (error: unknown, where: { readonly runId: string }) => void,
  ) {
    this.#store = store;
    this.#code = code;
    this.#report = report;
  }

  /** The runs that were found to be beyond this code. */
  get leftAlone(): readonly string[] {
    return [...this.#leftAlone];
  }

  /**
   * Makes sure that the code of now can continue a run; rewrites it for that if need be.
   *
   * @throws RequestError `definition_changed`, `snapshot_unreadable`; the run is untouched
   */
  async admit(run: RunRow): Promise<void> {
    const differences = await this.#takeUp(run);
    if (differences.length > 0) throw definitionChanged(run.id, differences);
  }

  /**
   * Whether the code can do no more with a run than cancel it.
   *
   * @throws RequestError `definition_changed`, `snapshot_unreadable` if it cannot even do that
   */
  async isBeyond(run: RunRow): Promise<boolean> {
    const differences = await this.#takeUp(run);
    const isReadable =
      [0, chartVersion].includes(run.chartVersion) &&
      differences.every(({ kind }) => kind !== 'chart_changed');
    if (differences.length > 0 && !isReadable) throw definitionChanged(run.id, differences);
    return differences.length > 0;
  }

  /** Why this code cannot continue a run, in a sentence; undefined if it can. Nothing is written. */
  async objection(runId: string): Promise<string | undefined> {
    const [saved] = await this.#store.unfinished({ runId, limit: 1 });
    const verdict = saved && (await judge(saved, this.#code));
    if (verdict?.kind === 'unreadable')
      return 'it was saved by charts that this build does not read.';
    return verdict?.kind === 'refused' ? verdict.differences[0]?.message : undefined;
  }

  /** Whether a run may be moved without anybody asking for it. Says once why it may not. */
  async admits(runId: string): Promise<boolean> {
    const run = await this.#store.run(runId);
    if (!run) return false;
    try {
      await this.admit(run);
      return true;
    } catch (error) {
      if (!isForeign(error)) throw error;
      if (!this.#leftAlone.has(runId)) this.#report(error, { runId });
      this.#leftAlone.add(runId);
      return false;
    }
  }

  /** The runs that were under way when the last process ended, and can go on. */
  async interrupted(): Promise<readonly string[]> {
    const admitted: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await this.#store.unfinished({
        interrupted: true,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      });
      for (const { run } of page) if (await this.admits(run.id)) admitted.push(run.id);
      after = page.at(-1)?.run.id;
      if (page.length < pageSize) return admitted;
    }
  }

  /**
   * The last look, in the step's own transaction. Cancelling needs no definition.
   *
   * @throws RequestError `definition_changed`; nothing was written
   */
  checked(run: SavedRun, event: RunEvent): SavedRun {
    if (event.type === 'run.cancelled' || isCurrent(run, this.#code.teams)) return run;
    throw definitionChanged(run.id, []);
  }

  /** Rewrites a run for the code of now if need be; tells what keeps it from that. */
  async #takeUp({ id: runId }: RunRow): Promise<readonly Difference[]> {
    for (;;) {
      const [saved] = await this.#store.unfinished({ runId, limit: 1 });
      if (!saved) return [];
      const verdict = await judge(saved, this.#code);
      if (verdict.kind === 'same') return [];
      if (verdict.kind === 'unreadable') throw unreadable(runId, saved.run.chartVersion);
      if (verdict.kind === 'refused') return verdict.differences;
      if (await this.#store.adopt(runId, saved.run.revision, verdict.adoption)) return [];
    }
  }
}

/** Whether an error says that a run is beyond this code. */
function isForeign(error: unknown): error is RequestError {
  return (
    error instanceof RequestError &&
    (error.code === 'definition_changed' || error.code === 'snapshot_unreadable')
  );
}

function definitionChanged(runId: string, differences: readonly Difference[]): RequestError {
  const [first] = differences;
  const others = differences.length > 1 ? ` There are ${differences.length} differences.` : '';
  return new RequestError(
    'definition_changed',
    `Run "${runId}" was saved by other code, which this code cannot continue. ${first ? `${first.message}${others} ` : ''}It is unchanged: continue it with the code that saved it, register a migration, or cancel it.`,
    differences.map(({ message }) => ({ pointer: '', message })),
  );
}
