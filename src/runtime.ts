/** The runtime: starts runs of your teams, resumes them with answers, and keeps them in a store. */
import { randomBytes } from 'node:crypto';
import { chartVersion } from '../machines/version.ts';
import { type Answers, readAnswers } from './answers.ts';
import type { Agent } from './define/agent.ts';
import { checkUnique } from './define/names.ts';
import type { ReportError } from './effects/perform.ts';
import { closedError, Engine } from './engine.ts';
import { DefinitionError, RequestError } from './errors.ts';
import { type Run, runFrom } from './run.ts';
import { unreadable } from './step.ts';
import type { RunRow, Store } from './stores/store.ts';

export interface RuntimeOptions {
  /** The teams, or single agents, that can be asked for; the first is the default. */
  readonly teams: readonly Agent[];
  readonly store: Store;
  /** Told of what failed inside a run: a tool's error, a model's. Default: one line on stderr. */
  readonly onError?: ReportError;
}

export interface StartOptions {
  /** What the person says; at most 100,000 characters. */
  readonly message: string;
  /** The name of the team. Default: the first that the runtime was given. */
  readonly team?: string;
  /** The conversation that the run belongs to. Default: a new one. */
  readonly sessionId?: string;
}

export interface Runtime {
  /** The names of the teams, the default first. */
  readonly teams: readonly string[];

  /**
   * Starts a run and resolves when it pauses or ends.
   *
   * @throws RequestError `message_invalid`, `team_unknown`, `runtime_closed`
   */
  start(options: StartOptions): Promise<Run>;

  /**
   * Answers open questions, all of them or some, and resolves when the run pauses again or ends. The
   * same answers again cause nothing and resolve alike; no answers at all cause nothing either.
   *
   * @param answers values by field name by question id, or in the short form, by field name
   * @throws RequestError `run_not_found`, `answer_invalid`, `answer_ambiguous`, `answer_conflict`,
   *   `question_not_open`, `run_finished`, `snapshot_unreadable`; nothing was written
   */
  resume(runId: string, answers: Answers): Promise<Run>;

  /**
   * The run as it is now.
   *
   * @throws RequestError `run_not_found`
   */
  get(runId: string): Promise<Run>;

  /**
   * Ends a run: every open tool call, at any depth, gets a result that says so. Cancelling a
   * cancelled run causes nothing.
   *
   * @throws RequestError `run_not_found`, `run_finished`
   */
  cancel(runId: string): Promise<Run>;

  /** Stops: aborts model calls, lets tools finish for `graceMs` (default 10,000), closes the store. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** The longest message, in UTF-16 units. */
const messageMax = 100_000;

/**
 * Creates a runtime, and makes runs go on that a crash interrupted.
 *
 * @throws DefinitionError if there is no team, or two have one name
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { teams, store, onError = printError } = options;
  if (teams.length === 0) throw new DefinitionError('teams_missing', 'A runtime needs a team.');
  const names = teams.map(({ name }) => name);
  checkUnique('A runtime', 'member', names);
  const engine = new Engine(store, new Map(teams.map((team) => [team.name, team])), onError);
  await engine.recover();
  let closed: Promise<void> | undefined;

  async function found(runId: string): Promise<RunRow> {
    if (closed) throw closedError();
    const row = await store.run(runId);
    if (!row) throw new RequestError('run_not_found', `There is no run "${runId.toWellFormed()}".`);
    return row;
  }

  async function withQuestions(row: RunRow): Promise<Run> {
    return runFrom(row, await store.questions(row.id));
  }

  return {
    teams: names,

    async start({ message, team = names[0] ?? '', sessionId = `ses_${randomId()}` }) {
      if (closed) throw closedError();
      checkMessage(message);
      checkTeam(team, names);
      const run = { id: `run_${randomId()}`, sessionId, team, message };
      await store.createRun(run);
      return withQuestions(await engine.settled(run.id));
    },

    async resume(runId, answers) {
      // A second try only after another request closed one of the questions in between.
      for (;;) {
        const row = await found(runId);
        const settled = readAnswers(row, await store.questions(runId), answers);
        if (settled.length > 0) {
          checkReadable(row);
          checkTeam(row.team, names);
          if (!(await store.answer(runId, settled))) continue;
        }
        return withQuestions(await engine.settled(runId));
      }
    },

    get: async (runId) => withQuestions(await found(runId)),

    async cancel(runId) {
      const row = await found(runId);
      if (row.status === 'completed' || row.status === 'failed') throw finished(row);
      checkReadable(row);
      await store.cancel(runId);
      const now = await engine.settled(runId);
      if (now.status === 'completed' || now.status === 'failed') throw finished(now);
      return withQuestions(now);
    },

    close({ graceMs = 10_000 } = {}) {
      closed ??= engine.close(graceMs).then(() => store.close());
      return closed;
    },
  };
}

function randomId(): string {
  return randomBytes(12).toString('hex');
}

function checkMessage(message: string): void {
  const fits =
    message.trim() !== '' &&
    message.length <= messageMax &&
    message.isWellFormed() &&
    !message.includes('\0');
  if (fits) return;
  throw new RequestError(
    'message_invalid',
    `The message must be well-formed text of 1 to ${messageMax} characters.`,
    [{ pointer: '/message', message: `must be text of 1 to ${messageMax} characters` }],
  );
}

function checkTeam(team: string, names: readonly string[]): void {
  if (names.includes(team)) return;
  const known = names.map((name) => `"${name}"`).join(', ');
  throw new RequestError(
    'team_unknown',
    `There is no team "${team.toWellFormed()}". There is: ${known}.`,
    [{ pointer: '/team', message: `must be one of ${known}` }],
  );
}

function checkReadable(row: RunRow): void {
  if (row.chartVersion === chartVersion || row.chartVersion === 0) return;
  throw unreadable(row.id, row.chartVersion);
}

function finished(row: RunRow): RequestError {
  return new RequestError(
    'run_finished',
    `Run "${row.id}" is ${row.status} and cannot be continued. Start another.`,
  );
}

function printError(error: unknown, where: { readonly runId: string }): void {
  console.error(`cadenza: run ${where.runId}:`, error);
}
