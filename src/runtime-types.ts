/** The runtime as its users see it. */
import type { Agent } from './define/agent.ts';
import type { Explanation } from './explain/explanation.ts';
import type { Identity } from './identity.ts';
import type { LogEvent } from './log-events.ts';
import type { RepeatableRequest, Response } from './once.ts';
import type { Answers, AnswersById } from './questions/answers.ts';
import type { Question } from './questions/question.ts';
import type { Revision, RevisionFilter } from './revisions.ts';
import type { Run } from './run.ts';
import type {
  AnswerTokenOptions,
  EventsOptions,
  PruneOptions,
  ResumeOptions,
  StartOptions,
} from './runtime-options.ts';
import type { AgentMessages, RunFilter } from './stores/lists.ts';
import type { QuestionFilter, RememberedApproval } from './stores/rows.ts';
import type { Figures } from './telemetry/counts.ts';

/**
 * A runtime as somebody sees it: all that it reads and writes is one tenant's. What belongs to another
 * tenant is not there, and neither its ids nor its sessions' names meet those of this one.
 */
export interface TenantRuntime {
  /** The names of the teams, the default first. */
  readonly teams: readonly string[];
  /** What the teams are, as they were defined, in the same order. */
  readonly definitions: readonly Agent[];

  /**
   * Starts a run and resolves when it pauses or ends; or with a run that still works: at once, when
   * it must wait for another run of its session, or when it is `stalled`, because its model cannot be
   * had for now. With `wait: false` it resolves as soon as the run is written; `events` tells the rest.
   *
   * @throws RequestError `message_invalid`, `identity_invalid`, `team_unknown`, `dependency_unknown`,
   *   `input_refused`, `run_paused`, `run_busy`, `too_many_runs`, `too_many_tenant_runs`, `runtime_closed`
   * @throws RunError `internal_error` if an input guard fails; nothing was written
   */
  start(options: StartOptions): Promise<Run>;

  /**
   * Answers open questions, all of them or some, and resolves when the run pauses again, ends or is
   * `stalled`. The same answers again cause nothing and resolve alike. No answers at all make a stalled
   * run try again at once, and cause nothing else. With `wait: false` it resolves as soon as the answers
   * are written; what comes of them is told by `events` after the `lastSeq` of the run that it resolves
   * to.
   *
   * @param answers values by field name by question id, or in the short form, by field name
   * @throws RequestError `run_not_found`, `answer_invalid`, `answer_ambiguous`, `answer_conflict`,
   *   `question_not_open`, `question_expired`, `not_allowed`, `identity_invalid`, `run_finished`,
   *   `dependency_missing`, `definition_changed`, `snapshot_unreadable`; nothing was written
   */
  resume(runId: string, answers: Answers, options?: ResumeOptions): Promise<Run>;

  /**
   * The run as it is now.
   *
   * @throws RequestError `run_not_found`
   */
  get(runId: string): Promise<Run>;

  /**
   * The events of a run's log after one of them, then those to come, in order and without a gap. The
   * same run always tells the same, in this process or a later one. A reader may be as slow as it
   * likes. It ends after the run's end, and early when the runtime closes or the signal is aborted:
   * then read on after the last event that you have.
   *
   * @throws RequestError when iterated: `run_not_found`, `event_unknown` if the log does not reach
   *   `after`, `runtime_closed`; with `until: 'settled'`, also what keeps the run from going on
   */
  events(runId: string, options?: EventsOptions): AsyncIterable<LogEvent>;

  /**
   * Runs, newest first, a page at a time.
   *
   * @throws RequestError `run_not_found` if there is no run to continue after
   */
  list(filter?: RunFilter): Promise<readonly Run[]>;

  /**
   * What was said in a run, agent by agent, the leader first: every message with its calls, and their
   * results as far as they have one. With `agent`, only what that agent said, by its path; the
   * leader's path is empty.
   *
   * @throws RequestError `run_not_found`
   */
  messages(runId: string, options?: { readonly agent?: string }): Promise<readonly AgentMessages[]>;

  /**
   * Ends a run: every open tool call, at any depth, gets a result that says so, and what is under way
   * is told to stop. Cancelling a cancelled run causes nothing.
   *
   * @throws RequestError `run_not_found`, `run_finished`
   */
  cancel(runId: string): Promise<Run>;

  /**
   * Why the run stands where it stands: for every agent and tool call that has not ended, what it
   * does or waits for in one sentence, and what it can take next.
   *
   * @throws RequestError `run_not_found`
   */
  explain(runId: string): Promise<Explanation>;

  /**
   * What each step of a run did, oldest first, a page at a time, with all actors as they were after
   * it. It is kept for as long as the run, whatever becomes of the code.
   *
   * @throws RequestError `run_not_found`
   */
  revisions(runId: string, filter?: RevisionFilter): Promise<readonly Revision[]>;

  /**
   * Questions over all runs, oldest first, a page at a time.
   *
   * @throws RequestError `question_not_found` if there is no question to continue after
   */
  questions(filter?: QuestionFilter): Promise<readonly Question[]>;

  /**
   * Gives an open question to somebody, or to nobody with null.
   *
   * @throws RequestError `question_not_found`, `question_not_open`, `identity_invalid`
   */
  assign(questionId: string, assignee: string | null): Promise<Question>;

  /**
   * Says that somebody is at a question. Whoever claims it again keeps it.
   *
   * @param userId default: the user of this runtime
   *
   * @throws RequestError `question_not_found`, `question_not_open`, `question_claimed`, `not_allowed`,
   *   `identity_invalid`
   */
  claim(questionId: string, userId?: string): Promise<Question>;

  /**
   * Gives a claim up.
   *
   * @throws RequestError `question_not_found`, `question_claimed` if somebody else has it,
   *   `not_allowed`
   */
  release(questionId: string, userId?: string): Promise<Question>;

  /** The tools that a session's person allowed without being asked again. */
  rememberedApprovals(sessionId: string): Promise<readonly RememberedApproval[]>;

  /** Revokes one of them. False if there is none of this id. */
  forgetApproval(id: string): Promise<boolean>;

  /**
   * Makes a secret that answers one question, once, without any other authentication: for a link in a
   * mail. It is told here and nowhere else; the store keeps its hash.
   *
   * @throws RequestError `question_not_found`, `question_not_open`, `identity_invalid`, `body_invalid`
   */
  createAnswerToken(
    questionId: string,
    options?: AnswerTokenOptions,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }>;

  /**
   * Answers a request once. A repetition of a final response gets it again for 24 hours, also after a
   * restart; and a run that `respond` started before a crash is the one that `start` of its runtime
   * resolves with afterwards. `respond` may run again after a crash, or for a response without a text,
   * and starts one run at most.
   *
   * @param respond does what is asked for, by the runtime that it is given
   * @throws RequestError `idempotency_key_invalid`; `idempotency_key_reused` if the key came with
   *   another request of this user; `request_in_progress` while the first one is not answered
   */
  once(
    request: RepeatableRequest,
    respond: (runtime: TenantRuntime) => Promise<Response>,
  ): Promise<Pick<Response, 'text'> & { readonly replayed: boolean }>;
}

/** The runtime itself sees the tenant `default`. */
export interface Runtime extends TenantRuntime {
  /**
   * The runtime as somebody sees it.
   *
   * @throws RequestError `identity_invalid`
   */
  as(identity: Identity): TenantRuntime;

  /**
   * The question that a token is for, whatever its tenant.
   *
   * @throws RequestError `token_invalid` if it is unknown or expired, or its question is closed
   */
  questionByToken(token: string): Promise<Question>;

  /**
   * Answers the question that a token is for; a refused answer leaves the token good. Resolves as
   * soon as the answer is kept. However a question is closed, every token of it is spent by that.
   *
   * @param answer values by field name; null declines
   * @throws RequestError `token_invalid`, and what `resume` throws
   */
  answerByToken(token: string, answer: AnswersById[string]): Promise<Question>;

  /**
   * Resolves if runs can be taken on now: the store was just written and read. Asked more often than
   * once a second, it tells what it last found.
   *
   * @throws RequestError `runtime_closed`, `store_busy`, `store_unusable`
   */
  ready(): Promise<void>;

  /**
   * The runtime in numbers, cheap enough to be asked for every few seconds.
   *
   * @throws RequestError `runtime_closed`
   */
  figures(): Promise<Figures>;

  /**
   * Deletes runs that ended so long ago, with all that is kept of them, in small batches between which
   * runs go on. Sessions without runs go with them, and what a session's later runs know of its
   * earlier ones becomes less. Unfinished runs are never touched, nor runs of which a hook or webhook
   * is still to be told, nor those whose requests came with a key in the last 24 hours: the same request
   * gets the same answer until then.
   *
   * @returns how many runs were deleted
   * @throws RequestError `runtime_closed`, `store_busy`
   * @throws DefinitionError `limit_unusable`
   */
  prune(options: PruneOptions): Promise<number>;

  /**
   * Stops: begins nothing more, lets model calls and tools finish for `graceMs` (default 10,000),
   * aborts those that did not, and closes the store. What was cut short is taken up at the next start.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
