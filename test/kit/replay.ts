/** Plays a run's inbox again, from the start, by the step alone. */
import Database from 'better-sqlite3';
import { takeStep } from '../../src/step.ts';
import type { SavedRun, StepChange } from '../../src/stores/rows.ts';

export interface Replayed {
  readonly steps: readonly StepChange[];
  /** What the store has. */
  readonly snapshot: string | null;
  readonly revisions: readonly unknown[];
}

/** Only runs that met no limit of a run and were never rewritten are what their inbox says alone. */
export function replayed(file: string, runId: string): Replayed {
  const db = new Database(file, { readonly: true });
  try {
    const row = db.prepare('SELECT team, snapshot FROM run WHERE id = ?').get(runId);
    const { team, snapshot } = row as { team: string; snapshot: string | null };
    const events = db
      .prepare("SELECT event FROM inbox WHERE run_id = ? AND status = 'taken' ORDER BY seq")
      .pluck()
      .all(runId) as string[];
    const revisions = db
      .prepare(
        'SELECT event, path, moves, effects FROM revision WHERE run_id = ? ORDER BY revision',
      )
      .all(runId) as { event: string; path: string; moves: string; effects: string }[];
    return {
      steps: stepsOf({ id: runId, team, ...unbegun }, events),
      snapshot,
      revisions: revisions.map(({ event, path, moves, effects }) => ({
        event: { type: event, path },
        moves: JSON.parse(moves),
        effects: JSON.parse(effects),
      })),
    };
  } finally {
    db.close();
  }
}

const unbegun = {
  definition: '{}',
  revision: 0,
  chartVersion: 0,
  snapshot: null,
  reports: {},
  used: () => ({ delegations: 0, questions: 0 }),
  // For the log alone, which is not compared.
  toolCall: () => ({ name: '', arguments: '{}' }),
  openQuestion: () => undefined,
} satisfies Omit<SavedRun, 'id' | 'team'>;

function stepsOf(begun: SavedRun, events: readonly string[]): StepChange[] {
  let run = begun;
  return events.flatMap((text) => {
    const change = takeStep(run, JSON.parse(text));
    if (!change) return [];
    const reports = change.reports.map(({ agent, text }) => [agent, text]);
    run = {
      ...run,
      revision: run.revision + 1,
      chartVersion: change.chartVersion,
      snapshot: change.snapshot,
      reports: { ...run.reports, ...Object.fromEntries(reports) },
    };
    return [change];
  });
}
