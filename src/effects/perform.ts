/**
 * Performs one effect: waits for its run's place, claims it, runs its body, and delivers what came of
 * it as an event, or puts it off to another try. The claim is committed before the body begins, so a
 * crash in between is always seen.
 */
import type { Agent } from '../define/agent.ts';
import type { FullRunLimits } from '../define/limits.ts';
import { checkDependencies } from '../dependencies.ts';
import { InvariantError, RequestError } from '../errors.ts';
import type { Room } from '../room.ts';
import type { RunEvent } from '../stores/events.ts';
import type { Effect, RunRow } from '../stores/rows.ts';
import type { Store } from '../stores/store.ts';
import type { Postponement } from '../stores/tries.ts';
import type { Telemetry, Watched } from '../telemetry/telemetry.ts';
import type { FullRetryOptions } from './attempts.ts';
import { callModel } from './call-model.ts';
import type { Deltas } from './deltas.ts';
import { callTool } from './tool-call.ts';

/** Told of errors that no caller waits for: a tool's, a model's, a bug's. */
export type ReportError = (
  error: unknown,
  where: { readonly runId: string; readonly effectId?: string },
) => void;

/** What effects are performed with. */
export interface Performer {
  readonly store: Store;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly dependencies: Readonly<Record<string, unknown>>;
  readonly limits: FullRunLimits;
  readonly retries: FullRetryOptions;
  readonly report: ReportError;
  /** Logs what models say while they say it; undefined if nobody wants it. */
  readonly deltas: Deltas | undefined;
  readonly telemetry: Telemetry;
  readonly room: Room;
}

/**
 * Performs an effect.
 *
 * @param how `signal` tells its body to stop; `insists` says whether somebody asked for this try
 * @param whileBusy tries a piece of work again while the store is busy
 * @throws RequestError before the claim: `team_unknown` if the code does not define its agent,
 *   `dependency_missing` if the runtime was not given what the run names
 * @returns `later` if it was put off to another try
 */
export async function perform(
  performer: Performer,
  pending: Effect,
  how: { readonly signal: AbortSignal; readonly insists: () => boolean },
  whileBusy: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<'ended' | 'later' | 'not begun'> {
  const { store, agents, dependencies, telemetry, room } = performer;
  const { signal } = how;
  const agent = agentNamed(agents, pending.name);
  if (!agent) {
    throw new RequestError(
      'team_unknown',
      `There is no "${pending.name}" among the teams that are served. What it was doing is kept.`,
    );
  }
  const run = await store.run(pending.runId);
  if (!run) throw new InvariantError(`There is no run for effect "${pending.id}".`);
  checkDependencies(run, dependencies);
  // Until then it stays pending in the store: a crash finds it like any other.
  const key = { tenantId: run.tenantId, runId: run.id };
  if (!(await room.place(key, pending.id, signal))) return 'not begun';
  const trace = telemetry.traceOf(run);
  const effect = await whileBusy(() => store.claim(pending.id, trace));
  if (!effect) {
    telemetry.rests(run.id);
    return 'not begun';
  }
  const outcome = await watchedOutcome(performer, {
    run,
    agent,
    effect,
    signal,
    insists: how.insists(),
  });
  if ('wakeAt' in outcome) {
    if (outcome.log.type === 'model.stalled') telemetry.rests(run.id);
    return (await whileBusy(() => store.postpone(effect, outcome))) ? 'later' : 'ended';
  }
  await whileBusy(() => store.deliver(effect, outcome));
  return 'ended';
}

/** An effect that was claimed, with what its body is given. */
interface Work {
  readonly run: RunRow;
  readonly agent: Agent;
  readonly effect: Effect;
  readonly signal: AbortSignal;
  readonly insists: boolean;
}

async function watchedOutcome(performer: Performer, work: Work): Promise<RunEvent | Postponement> {
  const watched = performer.telemetry.watch(work.run, work.agent, work.effect);
  let outcome: RunEvent | Postponement | undefined;
  try {
    outcome = await watched.within(() => outcomeOf(performer, { ...work, watched }));
    return outcome;
  } catch (error) {
    watched.failed(error);
    throw error;
  } finally {
    watched.ended(outcome);
  }
}

async function outcomeOf(
  performer: Performer,
  work: Work & { readonly watched: Watched },
): Promise<RunEvent | Postponement> {
  const { store, agents, limits, retries, dependencies, deltas } = performer;
  const { runId, id, kind, name } = work.effect;
  const report = (error: unknown) => {
    work.watched.failed(error);
    performer.report(error, { runId, effectId: id });
  };
  const shared = { ...work, store, report };
  return kind === 'callModel'
    ? callModel({ ...shared, limits, retries, deltas, routedBy: leadersRouting(agents, name) })
    : callTool({ ...shared, dependencies });
}

/** The definition behind a name such as `OrchestratorTeam/WorkerAgent`. */
export function agentNamed(agents: ReadonlyMap<string, Agent>, name: string): Agent | undefined {
  const [team = '', ...below] = name.split('/');
  return below.reduce<Agent | undefined>(
    (leader, member) => leader?.members.find((one) => one.name === member),
    agents.get(team),
  );
}

/** The leaders whose own report an agent's report is, because they route; the nearest first. */
function leadersRouting(agents: ReadonlyMap<string, Agent>, name: string): Agent[] {
  const names = name.split('/');
  const leaders: Agent[] = [];
  for (let above = names.length - 1; above > 0; above -= 1) {
    const leader = agentNamed(agents, names.slice(0, above).join('/'));
    if (leader?.mode !== 'route') break;
    leaders.push(leader);
  }
  return leaders;
}
