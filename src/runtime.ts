/** The runtime: starts runs of your teams, resumes them with answers, and keeps them in a store. */
import { tokenTaker } from './answer-tokens.ts';
import { Callers } from './callers.ts';
import { runLimitsOf } from './define/limits.ts';
import { checkUnique } from './define/names.ts';
import { described } from './described.ts';
import { retriesOf } from './effects/attempts.ts';
import { Deltas } from './effects/deltas.ts';
import type { ReportError } from './effects/perform.ts';
import { Engine } from './engine.ts';
import { DefinitionError, RequestError } from './errors.ts';
import { known } from './identity.ts';
import { LogReaders } from './log-readers.ts';
import { hookTarget, type Target } from './notices.ts';
import { Requests } from './once.ts';
import { Room } from './room.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import type { Runtime } from './runtime-types.ts';
import type { Store } from './stores/store.ts';
import { TakeUp } from './take-up.ts';
import { Telemetry } from './telemetry/telemetry.ts';
import { tenantRuntime } from './tenant.ts';
import { createUpkeep } from './upkeep.ts';
import { webhookTarget } from './webhooks.ts';

/** Stores that a runtime has: a second one would take the first one's work for interrupted. */
const taken = new WeakSet<Store>();

/**
 * Creates a runtime, and makes runs go on that a crash interrupted.
 *
 * @throws DefinitionError if there is no team, or two have one name, or a webhook cannot be used
 * @throws RequestError `store_in_use` if another runtime has the store
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { dependencies = {}, mayAnswer } = options;
  const { agents, readers, store, takeUp, telemetry, engine, callers } = partsOf(options);
  await engine.recover();
  let closed: Promise<void> | undefined;
  const isClosed = () => closed !== undefined;
  const requests = new Requests(store);
  const parts = { store, agents, dependencies, mayAnswer, engine, takeUp, readers };
  const core = { ...parts, requests, callers, telemetry, isClosed };
  return {
    ...tenantRuntime(core, known({})),
    ...tokenTaker(core),
    ...createUpkeep(options.store, telemetry, isClosed),
    as: (identity) => tenantRuntime(core, known(identity)),
    close({ graceMs = 10_000 } = {}) {
      readers.close();
      closed ??= engine
        .close(graceMs)
        .finally(() => callers.idle())
        .finally(() => telemetry.close())
        .finally(() => store.close());
      return closed;
    },
  };
}

/**
 * Puts the parts of a runtime together.
 *
 * @throws as `createRuntime` does
 */
function partsOf(options: RuntimeOptions) {
  const { teams, dependencies = {} } = options;
  if (teams.length === 0) throw new DefinitionError('teams_missing', 'A runtime needs a team.');
  const names = teams.map(({ name }) => name);
  checkUnique('A runtime', 'team', names);
  const limits = runLimitsOf(options.limits);
  const retries = retriesOf(options.retries);
  const room = new Room(options);
  const targets = targetsOf(options);
  if (taken.has(options.store)) {
    throw new RequestError('store_in_use', 'The store belongs to another runtime already.');
  }
  taken.add(options.store);
  const agents = new Map(teams.map((team) => [team.name, team]));
  const report = guarded(options.onError ?? printError);
  const readers = new LogReaders(options.store);
  const store = readers.watched();
  const takeUp = new TakeUp(store, { teams: agents, migrate: options.migrate }, report);
  const telemetry = new Telemetry(store, room);
  const deltas = options.deltas === false ? undefined : new Deltas(store, report);
  const work = { store, agents, dependencies, limits, retries };
  const performer = { ...work, report, deltas, telemetry, room };
  const engine = new Engine(performer, takeUp, targets, (runId) => readers.wake(runId));
  const callers = new Callers(store, engine, telemetry, room);
  return { agents, readers, store, takeUp, telemetry, engine, callers };
}

/** @throws DefinitionError `webhook_unusable` */
function targetsOf({ hooks = {}, webhooks = [] }: RuntimeOptions): Target[] {
  const targets = [hookTarget(hooks) ?? [], webhooks.map(webhookTarget)].flat();
  const names = targets.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return targets;
  throw new DefinitionError(
    'webhook_unusable',
    `Two webhooks have one url: "${twice}". Give one of them both lists of events.`,
  );
}

/** What is told of an error must not make a second one. */
function guarded(report: ReportError): ReportError {
  return (error, where) => {
    try {
      report(error, where);
    } catch (second) {
      printError(second, where);
    }
  };
}

/** One line on stderr, without what anybody said. */
const printError: ReportError = (error, { runId, effectId }) => {
  const where = { run_id: runId || undefined, effect_id: effectId };
  console.error('cadenza:', JSON.stringify({ ...where, error: described(error) }));
};
