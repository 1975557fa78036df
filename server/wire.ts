/**
 * What the HTTP server says and hears, in snake_case: from the schemas' words to the runtime's, and back.
 *
 * `message`, `is_paused`, `run_id`, `queries`, `approved_queries` and `final_content` are the wire
 * of the two endpoints that front ends know; everything else stands beside them.
 */
import type { z } from '@hono/zod-openapi';
import {
  type AgentMessages,
  type AgentUsage,
  type Answers,
  answerJsonSchema,
  type Field,
  type KnownCall,
  type OpenQuestion,
  type Question,
  type QuestionFilter,
  type Run,
  type RunFilter,
  type RunUsage,
} from '../src/index.ts';
import type { messageList } from './schemas/messages.ts';
import type { fieldSchema, questionSchema, questionsQuery } from './schemas/questions.ts';
import type { resumeBody, runSchema, runsQuery } from './schemas/runs.ts';
import type { usageSchema } from './schemas/usage.ts';

/** Reads the query of GET /questions; without a status, open questions are meant. */
export function questionFilterOf(query: z.output<typeof questionsQuery>): QuestionFilter {
  const { run_id, session_id, claimed_by, older_than_ms, status = 'open', ...same } = query;
  return given<QuestionFilter>({
    ...same,
    status,
    runId: run_id,
    sessionId: session_id,
    claimedBy: claimed_by,
    olderThanMs: older_than_ms,
  });
}

/** Reads the query of GET /runs. */
export function runFilterOf({ session_id, ...same }: z.output<typeof runsQuery>): RunFilter {
  return given<RunFilter>({ ...same, sessionId: session_id });
}

/** What is given at all. */
export function given<T>(filter: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as T;
}

/** The id to continue after, or null on the last page. */
export function nextOf(page: readonly { readonly id: string }[], limit = 50): string | null {
  return page.length < limit ? null : (page.at(-1)?.id ?? null);
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
export function runBody(run: Run): z.output<typeof runSchema> {
  const base = {
    run_id: run.id,
    session_id: run.sessionId,
    team: run.team,
    is_paused: false as const,
    user_message: run.message,
    created_at: run.createdAt.toISOString(),
    updated_at: run.updatedAt.toISOString(),
    last_seq: run.lastSeq,
    usage: usageBody(run.usage),
  };
  switch (run.status) {
    case 'working':
      return {
        ...base,
        status: run.status,
        queued: run.queued,
        ...stalledBody(run),
        ...openBody(run),
      };
    case 'input_required':
      return { ...base, status: run.status, is_paused: true, ...openBody(run) };
    case 'completed':
      return { ...base, status: run.status, final_content: run.content };
    case 'failed':
      return { ...base, status: run.status, error: run.failure, content: run.content };
    case 'cancelled':
      return { ...base, status: run.status };
  }
}

function usageBody({ agents, ...whole }: RunUsage): z.output<typeof usageSchema> {
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

function openBody(run: Extract<Run, { readonly questions: unknown }>) {
  return {
    message: messageOf(run),
    queries: run.questions.flatMap(queriesOf),
    questions: run.questions.map(questionBody),
  };
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
export function questionBody(question: Question): z.output<typeof questionSchema> {
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
    fields: question.fields.map(fieldBody),
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

/** The compiler knows a field's type and its limits apart; they are kept together. */
function fieldBody(field: Field): z.output<typeof fieldSchema> {
  return field as z.output<typeof fieldSchema>;
}

/** What was said in a run, as a body. */
export function messagesBody(
  runId: string,
  agents: readonly AgentMessages[],
): z.output<typeof messageList> {
  return {
    run_id: runId,
    agents: agents.map(({ path, agent, messages }) => ({
      path,
      agent,
      messages: messages.map((message) =>
        message.role === 'user' ? message : { ...message, calls: message.calls.map(callBody) },
      ),
    })),
  };
}

function callBody({ rawName, rawArguments, ...call }: KnownCall) {
  return {
    ...call,
    ...(rawName === undefined ? {} : { raw_name: rawName }),
    ...(rawArguments === undefined ? {} : { raw_arguments: rawArguments }),
  };
}
