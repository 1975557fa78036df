/**
 * A client of Cadenza's HTTP server, for browsers and Node. It brings nothing along: it uses what
 * every platform has, and knows the server by its types only.
 */
import type {
  AnswersBody,
  ApprovedQueries,
  ChatBody,
  DrawingBody,
  EventBody,
  ExplanationBody,
  MessageList,
  QuestionBody,
  QuestionList,
  QuestionsQuery,
  RevisionList,
  RevisionsQuery,
  RunBody,
  RunList,
  RunsQuery,
  TeamList,
} from './bodies.ts';
import { type ClientOptions, connect, queryOf } from './connection.ts';
import { type EventsOptions, followRun } from './events.ts';
import { type MoveOptions, moved, type RequestOptions, type WaitOptions } from './moves.ts';

export type {
  AnswersBody,
  ApprovedQueries,
  ChatBody,
  DrawingBody,
  EventBody,
  ExplanationBody,
  FieldBody,
  MessageList,
  ProblemBody,
  QuestionBody,
  QuestionList,
  QuestionsQuery,
  RevisionList,
  RevisionsQuery,
  RunBody,
  RunList,
  RunsQuery,
  TeamList,
} from './bodies.ts';
export type { ClientOptions } from './connection.ts';
export type { EventsOptions } from './events.ts';
export type { MoveOptions, RequestOptions, WaitOptions } from './moves.ts';
export { CadenzaProblem } from './problem.ts';

/** Every method throws a CadenzaProblem for what the server refuses. */
export interface Client {
  /**
   * Starts a run; resolves when it pauses or ends, however long that takes and over connections that
   * break and restarts of the server. It resolves with a run that still works if that is stalled, or
   * queued behind another run of its session.
   */
  start(chat: ChatBody, options?: WaitOptions): Promise<RunBody>;
  /** Answers open questions; resolves as `start` does, when the run pauses again or ends. */
  resume(
    runId: string,
    answers: AnswersBody | ApprovedQueries,
    options?: WaitOptions,
  ): Promise<RunBody>;
  /** Ends a run. */
  cancel(runId: string, options?: MoveOptions): Promise<RunBody>;
  /** The run as it is now. */
  get(runId: string, options?: RequestOptions): Promise<RunBody>;
  /** Runs, newest first; give `next` as `after` for the next page. */
  list(query?: RunsQuery, options?: RequestOptions): Promise<RunList>;
  /** What was said in a run, agent by agent, or by one. */
  messages(
    runId: string,
    options?: RequestOptions & { readonly agent?: string },
  ): Promise<MessageList>;
  /** The events of a run until its end, also over connections that break. */
  events(runId: string, options?: EventsOptions): AsyncIterable<EventBody>;
  /** Why the run stands where it stands: what each agent and tool call does or waits for. */
  explain(runId: string, options?: RequestOptions): Promise<ExplanationBody>;
  /**
   * What each step of a run did, oldest first; give `next` as `after` for the next page. The newest n
   * come after the `revision` of `explain` less n.
   */
  revisions(runId: string, query?: RevisionsQuery, options?: RequestOptions): Promise<RevisionList>;
  /** Questions over all runs, oldest first; the open ones, unless a status is named. */
  questions(query?: QuestionsQuery, options?: RequestOptions): Promise<QuestionList>;
  /** Gives an open question to somebody, or to nobody with null. */
  assign(
    questionId: string,
    assignee: string | null,
    options?: RequestOptions,
  ): Promise<QuestionBody>;
  /** Says that you are at a question. */
  claim(questionId: string, options?: RequestOptions): Promise<QuestionBody>;
  /** Gives a claim up. */
  release(questionId: string, options?: RequestOptions): Promise<QuestionBody>;
  /** The teams that are served, the default first. */
  teams(options?: RequestOptions): Promise<TeamList>;
  /** The chart that every agent, or every tool call, of every run follows, drawn. */
  chart(kind: DrawingBody['kind'], options?: RequestOptions): Promise<DrawingBody>;
}

/**
 * Creates a client. Nothing is sent before you call a method.
 *
 * @example
 * const cadenza = createClient({ baseURL: 'http://127.0.0.1:3000' });
 * let run = await cadenza.start({ message: 'Coffee' });
 * while (run.status === 'input_required') run = await cadenza.resume(run.run_id, await ask(run.questions));
 */
export function createClient(options: ClientOptions): Client {
  const send = connect(options);
  const read = async <T>(...request: Parameters<typeof send>): Promise<T> =>
    (await send(...request)).json() as Promise<T>;
  const run = (id: string) => `/runs/${encodeURIComponent(id)}`;
  const question = (id: string) => `/questions/${encodeURIComponent(id)}`;

  return {
    start: (body, given) => moved(send, '/chat', body, given),
    resume: (run_id, answers, given) => {
      const body = isShortForm(answers)
        ? { run_id, approved_queries: answers }
        : { run_id, answers };
      return moved(send, '/resume', body, given);
    },
    cancel: (id, given) => read('POST', `${run(id)}/cancel`, sentWith(given)),
    get: (id, given) => read('GET', run(id), sentWith(given)),
    list: (query = {}, given) => read('GET', `/runs${queryOf(query)}`, sentWith(given)),
    messages: (id, { agent, ...given } = {}) =>
      read('GET', `${run(id)}/messages${queryOf({ agent })}`, sentWith(given)),
    events: (id, given = {}) => followRun(send, id, given),
    explain: (id, given) => read('GET', `${run(id)}/explain`, sentWith(given)),
    revisions: (id, query = {}, given) =>
      read('GET', `${run(id)}/revisions${queryOf(query)}`, sentWith(given)),
    questions: (query = {}, given) => read('GET', `/questions${queryOf(query)}`, sentWith(given)),
    assign: (id, assignee, given) =>
      read('POST', `${question(id)}/assign`, { body: { assignee }, ...sentWith(given) }),
    claim: (id, given) => read('POST', `${question(id)}/claim`, sentWith(given)),
    release: (id, given) => read('POST', `${question(id)}/release`, sentWith(given)),
    teams: (given) => read('GET', '/teams', sentWith(given)),
    chart: (kind, given) => read('GET', `/charts/${encodeURIComponent(kind)}`, sentWith(given)),
  };
}

function isShortForm(answers: AnswersBody | ApprovedQueries): answers is ApprovedQueries {
  return Array.isArray(answers);
}

function sentWith({ signal, idempotencyKey }: MoveOptions = {}) {
  const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
  return { signal, headers };
}
