/**
 * The bodies of the HTTP server, in snake_case.
 *
 * `message`, `is_paused`, `run_id`, `queries`, `approved_queries` and `final_content` are the wire
 * of the two endpoints that front ends know; everything else stands beside them.
 */
import * as z from 'zod';
import {
  type AgentUsage,
  type Answers,
  answerJsonSchema,
  type FieldError,
  type OpenQuestion,
  pointerTo,
  type Question,
  type QuestionFilter,
  RequestError,
  type Run,
  type RunUsage,
} from '../src/index.ts';

export const chatBody = z.strictObject({
  message: z.string(),
  session_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, "_" and "-", at most 64')
    .optional(),
  team: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

export const assignBody = z.strictObject({ assignee: z.string().min(1).max(200).nullable() });

const id = z.string().min(1).max(200);

/** The query of GET /questions. */
export const questionsQuery = z.strictObject({
  run_id: id.optional(),
  session_id: id.optional(),
  team: id.optional(),
  status: z.enum(['open', 'answered', 'expired', 'cancelled']).optional(),
  assignee: id.optional(),
  claimed_by: id.optional(),
  older_than_ms: z.coerce.number().int().nonnegative().optional(),
  after: id.optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});

/** Reads the query of GET /questions; without a status, open questions are meant. */
export function filterOf(query: z.output<typeof questionsQuery>): QuestionFilter {
  const { run_id, session_id, claimed_by, older_than_ms, status = 'open', ...same } = query;
  const given = {
    ...same,
    status,
    runId: run_id,
    sessionId: session_id,
    claimedBy: claimed_by,
    olderThanMs: older_than_ms,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as QuestionFilter;
}

const runId = z.string().min(1).max(64);

const approvedQuery = z.strictObject({
  field_name: z.string(),
  query: z.unknown(),
  question_id: z.string().optional(),
});

/** At most one value for each field of a run's questions; far more than any form has. */
const answersMax = 1_000;

export const resumeBody = z
  .strictObject({
    run_id: runId,
    approved_queries: z.array(approvedQuery).max(answersMax).optional(),
    answers: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  })
  .refine(
    (body) => (body.approved_queries === undefined) !== (body.answers === undefined),
    'needs either answers or approved_queries',
  );

/**
 * Reads a parsed body.
 *
 * @throws RequestError `body_invalid` with a pointer for each value that does not fit
 */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const errors = read.error.issues.flatMap(fieldErrors);
  const first = errors[0];
  const what = first ? `${first.pointer || 'the body'} ${first.message}` : 'it is not an object';
  throw new RequestError('body_invalid', `The body does not fit: ${what}.`, errors);
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...issue.path, key]),
      message: 'is not known',
    }));
  }
  return [{ pointer: pointerTo(issue.path), message: issue.message }];
}

/** The answers of a body of /resume, and how pointers into them read as pointers into the body. */
export function answersOf(body: z.output<typeof resumeBody>): {
  readonly answers: Answers;
  readonly pointerInBody: (pointer: string) => string;
} {
  if (body.answers) {
    return { answers: body.answers, pointerInBody: (inside) => `/answers${inside}` };
  }
  const answers = (body.approved_queries ?? []).map(({ field_name, query, question_id }) => ({
    fieldName: field_name,
    value: query,
    ...(question_id === undefined ? {} : { questionId: question_id }),
  }));
  return {
    answers,
    pointerInBody: (inside) => `/approved_queries${inside.replace(/\/value$/, '/query')}`,
  };
}

/** A run as a body. */
export function runBody(run: Run) {
  const base = {
    run_id: run.id,
    session_id: run.sessionId,
    team: run.team,
    status: run.status,
    is_paused: run.status === 'input_required',
    last_seq: run.lastSeq,
    usage: usageBody(run.usage),
  };
  switch (run.status) {
    case 'working':
    case 'input_required':
      return {
        ...base,
        ...(run.status === 'working' ? { queued: run.queued, ...stalledBody(run) } : {}),
        message: messageOf(run),
        queries: run.questions.flatMap(queriesOf),
        questions: run.questions.map(questionBody),
      };
    case 'completed':
      return { ...base, final_content: run.content };
    case 'failed':
      return { ...base, error: run.failure, content: run.content };
    case 'cancelled':
      return base;
  }
}

function usageBody({ agents, ...whole }: RunUsage) {
  const byAgent = Object.entries(agents).map(([name, used]) => [name, countsBody(used)]);
  return { ...countsBody(whole), agents: Object.fromEntries(byAgent) };
}

function countsBody(used: AgentUsage) {
  return {
    model_calls: used.modelCalls,
    input_tokens: used.inputTokens,
    cached_input_tokens: used.cachedInputTokens,
    output_tokens: used.outputTokens,
    reasoning_tokens: used.reasoningTokens,
    ...(used.cost === undefined ? {} : { cost: used.cost }),
  };
}

function stalledBody({ stalled }: Extract<Run, { readonly status: 'working' }>) {
  if (stalled === undefined) return {};
  const { code, message, since, retryAt } = stalled;
  const retry = retryAt === undefined ? {} : { retry_at: retryAt.toISOString() };
  return { stalled: { code, message, since: since.toISOString(), ...retry } };
}

function messageOf(run: Extract<Run, { readonly questions: unknown }>): string {
  if (run.status === 'input_required') return promptOf(run.questions);
  if (run.stalled) return run.stalled.message;
  return run.queued ? 'Another run of the session must end first.' : 'The team is at work.';
}

function promptOf(questions: readonly Question[]): string {
  return [...new Set(questions.map(({ prompt }) => prompt))].join(' ');
}

function queriesOf({ id, fields, shortNames }: OpenQuestion) {
  return fields.map(({ name, label }) => ({
    query: label,
    field_name: shortNames[name] ?? name,
    question_id: id,
  }));
}

/** A question as a body. */
export function questionBody(question: Question) {
  return {
    id: question.id,
    run_id: question.runId,
    session_id: question.sessionId,
    asked_by: question.askedBy,
    tool_call_id: question.toolCallId,
    tool_name: question.toolName,
    arguments: question.arguments,
    arguments_hash: question.argumentsHash,
    reason: question.reason,
    prompt: question.prompt,
    fields: question.fields,
    schema: answerJsonSchema(question.fields),
    status: question.status,
    opened_at: question.openedAt.toISOString(),
    ...(question.expiresAt
      ? { expires_at: question.expiresAt.toISOString(), on_expiry: question.onExpiry }
      : {}),
    ...(question.assignee === undefined ? {} : { assignee: question.assignee }),
    ...(question.claimedBy === undefined ? {} : { claimed_by: question.claimedBy }),
    ...(question.answer === undefined
      ? {}
      : { answer: question.answer, answered_by: question.answeredBy ?? null }),
  };
}
