/** Answers by token: whoever bears the token of a question needs no other authentication. */
import { createRoute } from '@hono/zod-openapi';
import { RequestError, type Runtime } from '../../src/index.ts';
import { bearerOf } from '../auth.ts';
import { checkJson } from '../json.ts';
import { newRouter, type Router } from '../router.ts';
import { json, jsonBody, openProblems, withBody } from '../schemas/problems.ts';
import { openQuestion, questionSchema, tokenAnswerBody, tokenBody } from '../schemas/questions.ts';
import { questionBody } from '../wire.ts';

/** In the header, or else in the body. */
const byToken = [{ answerToken: [] }, {}];

const read = createRoute({
  method: 'post',
  path: '/answer/question',
  operationId: 'readQuestionByToken',
  tags: ['Answer tokens'],
  summary: 'Tells of the question that a token is for',
  description:
    'The token stands in the body or in `Authorization: Bearer`, never in a URL. It is good as long as the question is open: reading does not spend it.',
  middleware: [checkJson],
  security: byToken,
  request: jsonBody(tokenBody),
  responses: {
    200: json('The question.', openQuestion),
    ...openProblems(...withBody, 'too_many_requests', 'token_invalid'),
  },
});

const answer = createRoute({
  method: 'post',
  path: '/answer',
  operationId: 'answerByToken',
  tags: ['Answer tokens'],
  summary: 'Answers the question that a token is for, and spends every token of it',
  description:
    'Answers as soon as the answer is kept; the run goes on by itself. An answer that is refused leaves the token good.',
  middleware: [checkJson],
  security: byToken,
  request: jsonBody(tokenAnswerBody),
  responses: {
    200: json('The question, answered.', questionSchema),
    ...openProblems(
      ...withBody,
      'too_many_requests',
      'token_invalid',
      'not_allowed',
      'answer_invalid',
      'definition_changed',
      'dependency_missing',
      'snapshot_unreadable',
      'store_busy',
    ),
  },
});

export function answerRoutes(runtime: Runtime): Router {
  const app = newRouter();

  app.openapi(read, async (c) => {
    const { token = bearerOf(c.req.raw) ?? '' } = c.req.valid('json');
    // Parsed, so that nothing is told which only a closed question has.
    return c.json(openQuestion.parse(questionBody(await runtime.questionByToken(token))), 200);
  });

  app.openapi(answer, async (c) => {
    const { token = bearerOf(c.req.raw) ?? '', answer: values } = c.req.valid('json');
    try {
      return c.json(questionBody(await runtime.answerByToken(token, values)), 200);
    } catch (error) {
      if (!(error instanceof RequestError) || error.code !== 'answer_invalid') throw error;
      const errors = error.errors.map((one) => ({ ...one, pointer: `/answer${one.pointer}` }));
      throw new RequestError(error.code, error.message, errors);
    }
  });

  return app;
}
