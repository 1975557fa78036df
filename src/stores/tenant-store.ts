/**
 * What people ask of a store. Every method names a tenant, and what is not that tenant's is not there
 * for it: each statement behind it has the tenant in its condition.
 */
import type { Path } from '../../machines/vocabulary.ts';
import type { LogEvent } from '../log-events.ts';
import type { Question } from '../questions/question.ts';
import type { Answering, AnswerToken } from './answering.ts';
import type { KeyedOutcome, KeyedRequest, KnownRequest } from './keyed.ts';
import type { AgentMessages, RunFilter } from './lists.ts';
import type {
  JoinedMessage,
  NewRun,
  QuestionFilter,
  RememberedApproval,
  ReportRow,
  RevisionRow,
  RunRow,
  SettledAnswer,
} from './rows.ts';
import type { Standing } from './standing.ts';
import type { Stall } from './tries.ts';
import type { UsageRow } from './usage.ts';

/** What came of a run that was to be written. */
export interface Created {
  /** The run that is in the way, if there is one. */
  readonly inTheWay?: RunRow;
  /**
   * The run that the same message began before, or one of those that are joined in it; nothing was
   * written.
   */
  readonly known?: RunRow;
}

export interface TenantStore {
  /**
   * Writes a new run and the event that begins it, unless another run of its session is not over:
   * `refuse` writes nothing, `queue` makes it wait. A message that a run began already begins no other,
   * unless that run failed or was cancelled.
   *
   * @param also what is written in the same transaction: the request that is tied to the run, and the
   *   messages that are joined in the run's
   */
  createRun(
    run: NewRun,
    whilePaused: 'refuse' | 'queue',
    also?: {
      readonly request?: KeyedRequest | undefined;
      readonly joined?: readonly JoinedMessage[];
    },
  ): Promise<Created>;

  /**
   * Closes open questions with their answers, all or none.
   *
   * @returns false, having written nothing, if one of them is not open any more
   * @throws RequestError `token_invalid`, having written nothing
   */
  answer(
    tenantId: string,
    runId: string,
    answers: readonly SettledAnswer[],
    answering: Answering,
  ): Promise<boolean>;

  /** Keeps a token for an open question, by its hash. False if there is no such open question. */
  addAnswerToken(
    tenantId: string,
    questionId: string,
    token: { readonly hash: string; readonly userId: string | null; readonly expiresAt: number },
  ): Promise<boolean>;

  /** What a token is for, by its hash, be it open or closed. Undefined if it is expired or unknown. */
  answerToken(hash: string): Promise<AnswerToken | undefined>;

  /** Writes a request's key, if it is new, and tells what is known of it. Forgets keys after 24 h. */
  beginRequest(request: KeyedRequest): Promise<KnownRequest>;

  /** Keeps what came of a request; without it gives the key up, unless it started a run. */
  endRequest(request: KeyedRequest, outcome?: KeyedOutcome): Promise<void>;

  /**
   * Asks for the end of a run. False if it has ended already.
   *
   * @param atOnce true lets what waits for its step come too late: nobody could take it
   */
  cancel(tenantId: string, runId: string, atOnce?: boolean): Promise<boolean>;

  /** A run of a tenant. */
  runOf(tenantId: string, runId: string): Promise<RunRow | undefined>;

  /** Every question of a run, oldest first. */
  questions(tenantId: string, runId: string): Promise<readonly Question[]>;

  /** How the members ended to which an agent delegated, in the order of its calls. */
  reports(tenantId: string, runId: string, agent: Path): Promise<readonly ReportRow[]>;

  /** The state of a session. */
  session(tenantId: string, sessionId: string): Promise<Readonly<Record<string, unknown>>>;

  /** Questions over all runs of a tenant, oldest first. */
  listQuestions(tenantId: string, filter: QuestionFilter): Promise<readonly Question[]>;

  question(tenantId: string, questionId: string): Promise<Question | undefined>;

  /** Gives an open question to somebody, or to nobody. False if it is not open. */
  assign(tenantId: string, questionId: string, assignee: string | null): Promise<boolean>;

  /** Claims an open question, or gives the claim up with null. False if another one has it. */
  claimQuestion(
    tenantId: string,
    questionId: string,
    from: string | null,
    to: string | null,
  ): Promise<boolean>;

  /** The tools that a session's person allowed without asking, oldest first. */
  rememberedApprovals(tenantId: string, sessionId: string): Promise<readonly RememberedApproval[]>;

  /** False if there is none of this id. */
  forgetApproval(tenantId: string, id: string): Promise<boolean>;

  /** The events of a run's log after a number, in order, at most so many. */
  log(tenantId: string, runId: string, after: number, limit: number): Promise<readonly LogEvent[]>;

  /** Runs, newest first. */
  listRuns(tenantId: string, filter: RunFilter): Promise<readonly RunRow[]>;

  /** What was said in a run, agent by agent, the leader first; by one agent, if its path is given. */
  messages(tenantId: string, runId: string, agent?: Path): Promise<readonly AgentMessages[]>;

  /** The whole result of a call, by its path. Undefined if it has none. */
  result(tenantId: string, runId: string, call: Path): Promise<string | undefined>;

  /** Where a run stands: all that is said of it was true at one moment. */
  standing(tenantId: string, runId: string): Promise<Standing | undefined>;

  /** What the steps up to a revision did, oldest first. */
  revisions(tenantId: string, runId: string, upTo: number): Promise<readonly RevisionRow[]>;

  /** What the agents of a run used, by name. */
  usageByAgent(tenantId: string, runId: string): Promise<readonly UsageRow[]>;

  /**
   * What a run stands still for: the oldest of its stalled calls, and when the first of them is tried
   * again. Undefined while anything of the run is under way.
   */
  stall(
    tenantId: string,
    runId: string,
  ): Promise<(Stall & { readonly wakeAt: number | null }) | undefined>;
}
