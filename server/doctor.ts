/**
 * `cadenza doctor`: says which unfinished runs a team could not continue. It only reads the database,
 * also while a server writes it.
 */
import { type Diagnosis, diagnose, sqliteReader } from '../src/index.ts';
import { loadTeams } from './load-teams.ts';

export interface DoctorOptions {
  /** The module of the teams. Default: the team of this server. */
  readonly team: string | undefined;
  readonly db: string;
  readonly json: boolean;
}

/**
 * Prints what it finds. The exit code: 0 if every run could go on, 1 if one could not.
 *
 * @throws StartError, DefinitionError or RequestError if it could not be found out
 */
export async function doctor({ team, db, json }: DoctorOptions): Promise<number> {
  const { teams, migrate } = await loadTeams(team);
  const reader = sqliteReader(db);
  try {
    const all = await diagnose(reader, teams, migrate ? { migrate } : {});
    const lost = all.filter(({ verdict }) => verdict === 'refused' || verdict === 'unreadable');
    console.log(json ? JSON.stringify(lost.map(bodyOf), null, 2) : report(db, all, lost));
    return lost.length > 0 ? 1 : 0;
  } finally {
    await reader.close();
  }
}

/** A run that could not go on, in snake_case as over HTTP. */
function bodyOf(one: Diagnosis) {
  return {
    run_id: one.runId,
    session_id: one.sessionId,
    team: one.team,
    status: one.status,
    since: one.since.toISOString(),
    verdict: one.verdict,
    differences: one.differences,
  };
}

function report(db: string, all: readonly Diagnosis[], lost: readonly Diagnosis[]): string {
  if (all.length === 0) return `No run in ${db} is unfinished.`;
  const migrated = all.filter(({ verdict }) => verdict === 'migrates').length;
  const kept = migrated === 0 ? '' : ` ${migrated} after the migration.`;
  const sum = `${all.length - lost.length} of ${all.length} unfinished runs in ${db} can go on.${kept}`;
  return lost.length === 0 ? sum : [sum, '', ...table(lost)].join('\n');
}

/** One row for a run, and a line for each reason below it. */
function table(lost: readonly Diagnosis[]): string[] {
  const rows = lost.map(({ runId, team, status, since }) => [
    runId,
    team,
    status,
    since.toISOString(),
  ]);
  const heads = ['RUN', 'TEAM', 'STATUS', 'SINCE'];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(heads),
    ...lost.flatMap((one, index) => [line(rows[index] ?? []), ...reasons(one).map(indented)]),
  ];
}

function reasons({ verdict, differences }: Diagnosis): readonly string[] {
  return verdict === 'unreadable'
    ? ['It was saved by charts that this build does not read.']
    : differences.map(({ message }) => message);
}

function indented(sentence: string): string {
  return `  - ${sentence}`;
}
