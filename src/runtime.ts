/** The runtime: starts runs of your teams, resumes them with answers, and keeps them in a store. */
import type { Answer } from '../machines/vocabulary.ts';
import { runLimitsOf } from './define/limits.ts';
import { checkUnique } from './define/names.ts';
import { checkDependencies } from './dependencies.ts';
import { retriesOf } from './effects/attempts.ts';
import { Deltas } from './effects/deltas.ts';
import { agentNamed, type ReportError } from './effects/perform.ts';
import { closedError, Engine } from './engine.ts';
import { DefinitionError, RequestError } from './errors.ts';
import { checkMayAnswer, createInbox } from './inbox.ts';
import { createLists, foundRun } from './lists.ts';
import { LogReaders } from './log-readers.ts';
import { hookTarget, type Target } from './notices.ts';
import { readAnswers } from './questions/answers.ts';
import { misfitsOf } from './questions/check-answer.ts';
import type { Question } from './questions/question.ts';
import { finished } from './questions/refusals.ts';
import { type Run, readRun, readSettled } from './run.ts';
import type { Runtime, RuntimeOptions } from './runtime-types.ts';
import { createInSession, newRun } from './start.ts';
import type { RunRow } from './stores/rows.ts';
import type { Store } from './stores/store.ts';
import { TakeUp } from './take-up.ts';
import { createView } from './view.ts';
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
  const { agents, readers, store, takeUp, engine } = partsOf(options);
  await engine.recover();
  let closed: Promise<void> | undefined;

  async function found(runId: string): Promise<RunRow> {
    if (closed) throw closedError();
    return foundRun(store, runId);
  }

  /** Lets a run go on, and tells how it stands: its events go on after `lastSeq`. */
  async function begun(runId: string, lastSeq: number): Promise<Run> {
    const run = await readRun(store, await found(runId));
    engine.advanceSoon(runId);
    return { ...run, lastSeq };
  }

  /** What a question's tool demands of an answer beyond its fields. */
  function checkAgainst(questions: readonly Question[], userId: string | undefined) {
    return async (question: Question, answer: Answer) => {
      checkMayAnswer(question, userId, mayAnswer);
      const agent = agentNamed(agents, question.askedBy);
      const tool = agent?.tools.find(({ name }) => name === question.toolName);
      if (tool?.kind !== 'function') return [];
      const isFirst = questions.find(({ path }) => path === question.path)?.id === question.id;
      return misfitsOf(tool, question, answer, isFirst);
    };
  }

  const runtime: Runtime = {
    teams: [...agents.keys()],
    definitions: Object.freeze([...agents.values()]),
    ...createInbox(store, mayAnswer, () => closed !== undefined),
    ...createView(store, takeUp, found),
    ...createLists(store, () => closed !== undefined),

    async start(given) {
      if (closed) throw closedError();
      const { run, agent } = await newRun(given, agents, dependencies);
      // Guards may have taken their time.
      if (closed) throw closedError();
      await createInSession(store, run, agent, (runId) => runtime.cancel(runId));
      return given.wait === false ? begun(run.id, 0) : readSettled(store, run.id, engine);
    },

    async resume(runId, answers, { userId, wait = true } = {}) {
      // A second try only after one of the questions was closed in between, or has expired.
      for (;;) {
        await takeUp.admit(await found(runId));
        const row = await found(runId);
        const questions = await store.questions(runId);
        const check = checkAgainst(questions, userId);
        const settled = await readAnswers(row, questions, answers, check);
        if (settled.length > 0) {
          checkDependencies(row, dependencies);
          if (!(await store.answer(runId, settled, userId ?? null))) {
            await engine.expireDue();
            continue;
          }
        }
        if (Object.keys(answers).length === 0) await engine.retry(runId);
        return wait ? readSettled(store, runId, engine) : begun(runId, row.logLength);
      }
    },

    async *events(runId, following = {}) {
      await found(runId);
      yield* readers.follow(runId, following, engine);
    },

    async cancel(runId) {
      const row = await found(runId);
      if (row.status === 'completed' || row.status === 'failed') throw finished(row);
      await store.cancel(runId, await takeUp.isBeyond(row));
      const now = await engine.settled(runId);
      if (now.status === 'completed' || now.status === 'failed') throw finished(now);
      return readSettled(store, runId, engine);
    },

    close({ graceMs = 10_000 } = {}) {
      readers.close();
      closed ??= engine.close(graceMs).finally(() => store.close());
      return closed;
    },
  };
  return runtime;
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
  const deltas = options.deltas === false ? undefined : new Deltas(store, report);
  const performer = { store, agents, dependencies, limits, retries, report, deltas };
  const engine = new Engine(performer, takeUp, targets, (runId) => readers.wake(runId));
  return { agents, readers, store, takeUp, engine };
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

function printError(error: unknown, where: { readonly runId: string }): void {
  console.error(`cadenza: run ${where.runId}:`, error);
}
