/**
 * The bodies of the HTTP server, in snake_case.
 *
 * `message`, `is_paused`, `run_id`, `queries`, `approved_queries` and `final_content` are the wire
 * of the two endpoints that front ends know; everything else stands beside them.
 */
import * as z from 'zod';
import {
  type Answers,
  answerJsonSchema,
  type FieldError,
  type Question,
  RequestError,
  type Run,
} from '../src/index.ts';

export const chatBody = z.strictObject({
  message: z.string(),
  session_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, "_" and "-", at most 64')
    .optional(),
  team: z.string().optional(),
});

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
      pointer: pointer([...issue.path, key]),
      message: 'is not known',
    }));
  }
  return [{ pointer: pointer(issue.path), message: issue.message }];
}

function pointer(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
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
  };
  switch (run.status) {
    case 'working':
    case 'input_required':
      return {
        ...base,
        message: run.status === 'working' ? 'The team is at work.' : promptOf(run.questions),
        queries: run.questions.flatMap(queriesOf),
        questions: run.questions.map(questionBody),
      };
    case 'completed':
      return { ...base, final_content: run.content };
    case 'failed':
      return { ...base, error: run.failure };
    case 'cancelled':
      return base;
  }
}

function promptOf(questions: readonly Question[]): string {
  return [...new Set(questions.map(({ prompt }) => prompt))].join(' ');
}

function queriesOf(question: Question) {
  return question.fields.map(({ name, label }) => ({
    query: label,
    field_name: name,
    question_id: question.id,
  }));
}

function questionBody(question: Question) {
  return {
    id: question.id,
    asked_by: question.askedBy,
    tool_call_id: question.toolCallId,
    tool_name: question.toolName,
    arguments: question.arguments,
    reason: question.reason,
    prompt: question.prompt,
    fields: question.fields,
    schema: answerJsonSchema(question.fields),
  };
}
