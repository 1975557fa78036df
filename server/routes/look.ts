/** Runs, looked at: why one stands where it stands, and what each of its steps did. */
import { createRoute } from '@hono/zod-openapi';
import { explanationBody, revisionsBody } from '../look-body.ts';
import { newRouter, type Router } from '../router.ts';
import { explanationSchema, revisionList, revisionsQuery } from '../schemas/look.ts';
import { json, problems } from '../schemas/problems.ts';
import { runId } from '../schemas/runs.ts';
import { given } from '../wire.ts';

const explain = createRoute({
  method: 'get',
  path: '/runs/{id}/explain',
  operationId: 'explainRun',
  tags: ['Runs'],
  summary: 'Tells why a run stands where it stands',
  description:
    'For every agent and tool call that has not ended: what it does or waits for in one sentence, and what it can take next.',
  request: { params: runId },
  responses: { 200: json('Why.', explanationSchema), ...problems('run_not_found') },
});

const revisions = createRoute({
  method: 'get',
  path: '/runs/{id}/revisions',
  operationId: 'listRevisions',
  tags: ['Runs'],
  summary: 'Tells what each step of a run did, oldest first, a page at a time',
  description: 'With all agents and tool calls as they were after it. A step never changes.',
  request: { params: runId, query: revisionsQuery },
  responses: {
    200: json('A page of steps.', revisionList),
    ...problems('body_invalid', 'run_not_found'),
  },
});

/** GET /runs/:id/explain and GET /runs/:id/revisions. */
export function lookRoutes(): Router {
  const app = newRouter();

  app.openapi(explain, async (c) =>
    c.json(explanationBody(await c.get('runtime').explain(c.req.valid('param').id)), 200),
  );

  app.openapi(revisions, async (c) => {
    const { id } = c.req.valid('param');
    const query = c.req.valid('query');
    const page = await c.get('runtime').revisions(id, given(query));
    return c.json(revisionsBody(id, page, query.limit), 200);
  });

  return app;
}
