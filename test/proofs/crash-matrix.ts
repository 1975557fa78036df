/** Many crash runs, a few at a time, each with its verdict. */
import { problemsOf, transcriptOf } from './crash-check.ts';
import { type CrashPlan, type CrashRun, crashRun } from './crash-run.ts';

/** What is kept of a run once it was judged. */
export interface Verdict {
  readonly crashAt: readonly number[];
  /** The names of the boundaries at which servers died; fewer than planned if some did not. */
  readonly deaths: readonly string[];
  /** The boundaries that the last server passed. */
  readonly recovery: readonly string[];
  readonly problems: readonly string[];
  readonly repeats: Readonly<Record<Repeat, number>>;
}

/** What happened again because of a crash, and was allowed to. */
type Repeat = 'look-ups' | 'model calls' | 'requests' | 'questions about a payment';

/** Two cores are kept busy by three runs; more only wait for each other. */
const atATime = 3;

/**
 * Carries out plans.
 *
 * @param transcript what the run of each plan must have come to say
 * @param onVerdict told of every verdict as it is reached
 */
export async function judgeAll(
  folder: string,
  plans: readonly CrashPlan[],
  transcript: string,
  onVerdict: (verdict: Verdict) => void = () => undefined,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const rest = plans.entries();
  const work = async () => {
    for (const [index, plan] of rest) {
      const verdict = verdictOn(await crashRun(folder, plan), transcript);
      verdicts[index] = verdict;
      onVerdict(verdict);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return verdicts;
}

function verdictOn(run: CrashRun, transcript: string): Verdict {
  const { plan, deaths, traces, deeds, requests, client, rows } = run;
  const problems = problemsOf(run);
  if (problems.length === 0 && transcriptOf(run) !== transcript) {
    problems.push(`The transcript differs: ${transcriptOf(run)}`);
  }
  const turns = new Set(requests.map((one) => `${one.agent} ${one.turn}`));
  return {
    crashAt: plan.crashAt,
    deaths: deaths.map(({ boundary }) => boundary),
    recovery: traces.at(-1) ?? [],
    problems,
    repeats: {
      'look-ups': deeds.filter(({ tool }) => tool === 'look_up').length - 1,
      'model calls': requests.length - turns.size,
      requests: client.resent,
      'questions about a payment': (rows['question']?.length ?? 1) - 1,
    },
  };
}

/** Chooses boundaries by name; a second one also by its number and that of the first. */
type Choose = (boundary: string, number: number, first: number) => boolean;

/** A plan for each chosen boundary of a run without crashes. */
export function singleCrashes(boundaries: readonly string[], choose: Choose): CrashPlan[] {
  return numbered(boundaries, choose).map((at) => ({ crashAt: [at] }));
}

/** Plans in which the server that recovers dies too. */
export function doubleCrashes(
  singles: readonly Verdict[],
  chooseFirst: Choose,
  chooseSecond: Choose,
): CrashPlan[] {
  return singles.flatMap(({ crashAt: [first = 0], deaths: [boundary = ''], recovery }) =>
    chooseFirst(boundary, first, first)
      ? numbered(recovery, chooseSecond, first).map((at) => ({ crashAt: [first, at] }))
      : [],
  );
}

function numbered(boundaries: readonly string[], choose: Choose, first = 0): number[] {
  return boundaries.flatMap((name, index) => (choose(name, index + 1, first) ? [index + 1] : []));
}

/** Every problem of every run, with the crashes that brought it about. */
export function problemsIn(verdicts: readonly Verdict[]): string[] {
  return verdicts.flatMap(({ crashAt, deaths, problems }) =>
    problems.map((problem) => `crash at ${crashAt.join(', ')} (${deaths.join(', ')}): ${problem}`),
  );
}

/** One line for a person who reads the report. */
export function summaryOf(verdicts: readonly Verdict[], startedAt: number): string {
  const died = (times: number) => verdicts.filter(({ deaths }) => deaths.length === times).length;
  const repeats = Object.keys(verdicts[0]?.repeats ?? {}).map((what) => {
    const all = verdicts.map((verdict) => verdict.repeats[what as Repeat]);
    return `${all.reduce((sum, count) => sum + count, 0)} ${what}`;
  });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  return `${died(1)} crash points and ${died(2)} double crashes in ${seconds} s; repeated: ${repeats.join(', ')}`;
}
