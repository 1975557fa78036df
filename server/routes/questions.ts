/** The questions of all runs: listed, given to somebody, claimed and released. */
import { createRoute, z } from '@hono/zod-openapi';
import { checkJson } from '../json.ts';
import { newRouter, type Router } from '../router.ts';
import { json, jsonBody, problems, problemsWithBody } from '../schemas/problems.ts';
import { assignBody, questionList, questionSchema, questionsQuery } from '../schemas/questions.ts';
import { nextOf, questionBody, questionFilterOf } from '../wire.ts';

const params = z.object({ id: z.string().openapi({ description: 'The id of the question.' }) });

const list = createRoute({
  method: 'get',
  path: '/questions',
  operationId: 'listQuestions',
  tags: ['Questions'],
  summary: 'Lists questions over all runs, oldest first, a page at a time',
  request: { query: questionsQuery },
  responses: {
    200: json('A page of questions.', questionList),
    ...problems('body_invalid', 'question_not_found'),
  },
});

const assign = createRoute({
  method: 'post',
  path: '/questions/{id}/assign',
  operationId: 'assignQuestion',
  tags: ['Questions'],
  summary: 'Gives an open question to somebody, or to nobody',
  middleware: [checkJson],
  request: { params, ...jsonBody(assignBody) },
  responses: {
    200: json('The question.', questionSchema),
    ...problemsWithBody('question_not_found', 'question_not_open', 'store_busy'),
  },
});

const claiming = [
  'not_allowed',
  'question_not_found',
  'question_not_open',
  'question_claimed',
  'body_too_large',
  'store_busy',
] as const;

const claim = createRoute({
  method: 'post',
  path: '/questions/{id}/claim',
  operationId: 'claimQuestion',
  tags: ['Questions'],
  summary: 'Says that you are at a question',
  request: { params },
  responses: {
    200: json('The question.', questionSchema),
    ...problems(...claiming),
  },
});

const release = createRoute({
  method: 'post',
  path: '/questions/{id}/release',
  operationId: 'releaseQuestion',
  tags: ['Questions'],
  summary: 'Gives a claim up',
  request: { params },
  responses: {
    200: json('The question.', questionSchema),
    ...problems(...claiming),
  },
});

export function questionRoutes(): Router {
  const app = newRouter();

  app.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const questions = await c.get('runtime').questions(questionFilterOf(query));
    const next = nextOf(questions, query.limit);
    return c.json({ questions: questions.map(questionBody), next }, 200);
  });

  app.openapi(assign, async (c) => {
    const { assignee } = c.req.valid('json');
    return c.json(
      questionBody(await c.get('runtime').assign(c.req.valid('param').id, assignee)),
      200,
    );
  });

  app.openapi(claim, async (c) => {
    return c.json(questionBody(await c.get('runtime').claim(c.req.valid('param').id)), 200);
  });

  app.openapi(release, async (c) => {
    return c.json(questionBody(await c.get('runtime').release(c.req.valid('param').id)), 200);
  });

  return app;
}
