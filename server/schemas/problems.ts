/** Problem documents as the contract describes them: every code of a route, under its status. */
import { z } from '@hono/zod-openapi';
import { errorsMax, type ProblemCode, problemKinds } from '../problems.ts';
import { problemHeaders } from './headers.ts';

const codes = Object.keys(problemKinds) as ProblemCode[];

/** The body of every answer but 2xx (RFC 9457). */
export const problemSchema = z
  .strictObject({
    type: z.string().describe('`urn:cadenza:problem:` and the code.'),
    title: z.string().describe('What the code means, whatever the case.'),
    status: z.number().int().describe('The HTTP status.'),
    code: z.enum(codes).describe('What went wrong, for programs. Stable.'),
    detail: z.string().describe('What went wrong this time, what still holds, and what to do.'),
    instance: z.string().describe('The path of the request.'),
    retryable: z.boolean().describe('Whether the same request may succeed in a moment.'),
    request_id: z
      .string()
      .optional()
      .describe('The id of the request that was answered so; see `X-Request-Id`.'),
    errors: z
      .array(
        z.strictObject({
          pointer: z
            .string()
            .describe(
              'A JSON pointer (RFC 6901) into the body; or `/` and the name of a parameter of the query, or of a header, as `detail` says. A key of more than 200 characters is cut, and ends in `…`.',
            ),
          message: z.string(),
        }),
      )
      .max(errorsMax)
      .readonly()
      .optional()
      .describe('The first values that do not fit; only where the code is about values.'),
  })
  .openapi('Problem', {
    example: {
      type: 'urn:cadenza:problem:answer_invalid',
      title: 'The answer does not fit the question',
      status: 422,
      code: 'answer_invalid',
      detail:
        'The answer does not fit. The run is still paused: correct the values and resume again.',
      instance: '/resume',
      retryable: false,
      request_id: 'req_5b1f0c2a9d3e4f6071829304',
      errors: [{ pointer: '/answers/q_9f9b_3_0/question_1', message: 'must not be empty' }],
    },
  });

/** What any route may answer: another site or machine asks, the server starts or stops, something failed. */
const everywhere: readonly ProblemCode[] = ['origin_refused', 'runtime_closed', 'internal_error'];

/** What a route may answer that needs to know who asks. */
const ofCallers: readonly ProblemCode[] = [
  'unauthenticated',
  'identity_invalid',
  'too_many_requests',
];

/** What any route that takes a body may answer. */
export const withBody: readonly ProblemCode[] = [
  'body_malformed',
  'body_too_large',
  'media_type_unsupported',
  'body_invalid',
];

/**
 * The problems of a route by status. Their type is empty, because a handler throws them and never
 * returns one.
 */
export function problems(...own: readonly ProblemCode[]): Record<never, never> {
  return openProblems(...ofCallers, ...own);
}

/** Of a route: it does not ask who sends a request. */
export const openToAll = { security: [] };

/** The problems of a route that is open to everybody. */
export function openProblems(...own: readonly ProblemCode[]): Record<never, never> {
  const byStatus = Map.groupBy(
    new Set([...own, ...everywhere]),
    (code) => problemKinds[code].status,
  );
  const statuses = [...byStatus].sort(([one], [other]) => one - other);
  return Object.fromEntries(
    statuses.map(([status, list]) => [
      status,
      {
        description: list.map((code) => `${problemKinds[code].title} (\`${code}\`).`).join(' '),
        headers: problemHeaders(list),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                {
                  type: 'object',
                  properties: {
                    type: { enum: list.map(problemType) },
                    status: { const: status },
                    code: { enum: list },
                  },
                },
              ],
            },
          },
        },
      },
    ]),
  );
}

/** The problems of a route that takes a JSON body. */
export function problemsWithBody(...own: readonly ProblemCode[]): Record<never, never> {
  return problems(...withBody, ...own);
}

function problemType(code: ProblemCode): string {
  return `urn:cadenza:problem:${code}`;
}

/** A response with a JSON body. */
export function json<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** A request's JSON body. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } } as const;
}
