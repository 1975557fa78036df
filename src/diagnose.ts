/** Looks at all unfinished runs with the code of now, and says what would become of them. */
import type { RunStatus } from '../machines/vocabulary.ts';
import type { Difference, Migrate } from './compatibility.ts';
import type { Agent } from './define/agent.ts';
import { judge, type Verdict } from './migrate.ts';
import type { Store } from './stores/store.ts';
import type { UnfinishedRun } from './stores/unfinished.ts';

/** What would become of an unfinished run. */
export interface Diagnosis {
  readonly runId: string;
  readonly sessionId: string;
  readonly team: string;
  readonly status: Extract<RunStatus, 'working' | 'input_required'>;
  /** When the run was moved last. */
  readonly since: Date;
  /**
   * `continues`: it goes on, in spite of harmless changes if there are any. `migrates`: it goes on
   * after the registered migration. `refused`: this code cannot continue it, for the `differences`.
   * `unreadable`: it was saved by charts that this build does not read.
   */
  readonly verdict: 'continues' | 'migrates' | 'refused' | 'unreadable';
  /** Why it is refused; empty otherwise. */
  readonly differences: readonly Difference[];
}

const pageSize = 100;

/**
 * Says of every unfinished run whether these teams could continue it. Nothing is written and nothing
 * runs, so a file that another process serves may be looked at.
 *
 * @param store a store, or the reader of one
 * @example
 * const reader = sqliteReader('cadenza.db');
 * const lost = (await diagnose(reader, [team])).filter(({ verdict }) => verdict === 'refused');
 */
export async function diagnose(
  store: Pick<Store, 'unfinished'>,
  teams: readonly Agent[],
  options: { readonly migrate?: Migrate } = {},
): Promise<Diagnosis[]> {
  const code = { teams: new Map(teams.map((team) => [team.name, team])), migrate: options.migrate };
  const found: Diagnosis[] = [];
  for (;;) {
    const after = found.at(-1)?.runId;
    const page = await store.unfinished({
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    for (const saved of page) found.push(diagnosisOf(saved, await judge(saved, code)));
    if (page.length < pageSize) return found;
  }
}

function diagnosisOf({ run }: UnfinishedRun, verdict: Verdict): Diagnosis {
  return {
    runId: run.id,
    sessionId: run.sessionId,
    team: run.team,
    status: run.status as Diagnosis['status'],
    since: new Date(run.updatedAt),
    verdict: verdict.kind === 'same' ? 'continues' : verdict.kind,
    differences: verdict.kind === 'refused' ? verdict.differences : [],
  };
}
