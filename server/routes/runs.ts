/** Runs: listed, read, cancelled; and what a person allowed for a session. */
import { createRoute, z } from '@hono/zod-openapi';
import { shortened } from '../../src/index.ts';
import { keyHeader, keyProblems, once } from '../once.ts';
import { waitHeader, waitOf, whenSettled } from '../prefer.ts';
import { HttpError } from '../problems.ts';
import { newRouter, type Router } from '../router.ts';
import { headers } from '../schemas/headers.ts';
import { messageList, messagesQuery } from '../schemas/messages.ts';
import { json, problems } from '../schemas/problems.ts';
import { approvalList, runId, runList, runSchema, runsQuery } from '../schemas/runs.ts';
import { messagesBody, nextOf, runBody, runFilterOf } from '../wire.ts';

const list = createRoute({
  method: 'get',
  path: '/runs',
  operationId: 'listRuns',
  tags: ['Runs'],
  summary: 'Lists runs, newest first, a page at a time',
  request: { query: runsQuery },
  responses: {
    200: json('A page of runs.', runList),
    ...problems('body_invalid', 'run_not_found'),
  },
});

const read = createRoute({
  method: 'get',
  path: '/runs/{id}',
  operationId: 'getRun',
  tags: ['Runs'],
  summary: 'Tells of a run as it is now, or once it pauses or ends',
  description: 'Ask again for as long as it works: the answer tells when there is something to do.',
  request: { params: runId, headers: waitHeader },
  responses: {
    200: { ...json('The run.', runSchema), headers: headers(false, 'Preference-Applied') },
    ...problems(
      'run_not_found',
      'definition_changed',
      'dependency_missing',
      'snapshot_unreadable',
      'store_busy',
    ),
  },
});

const messages = createRoute({
  method: 'get',
  path: '/runs/{id}/messages',
  operationId: 'listMessages',
  tags: ['Runs'],
  summary: 'Tells what was said in a run, agent by agent',
  description: 'Every message, with its calls, and their results as far as they have one.',
  request: { params: runId, query: messagesQuery },
  responses: {
    200: json('The messages of each agent, oldest first.', messageList),
    ...problems('body_invalid', 'run_not_found'),
  },
});

const cancel = createRoute({
  method: 'post',
  path: '/runs/{id}/cancel',
  operationId: 'cancelRun',
  tags: ['Runs'],
  summary: 'Ends a run',
  description:
    'Every open tool call, at any depth, gets a result that says so. Cancelling a cancelled run causes nothing.',
  middleware: [once],
  request: { params: runId, headers: keyHeader },
  responses: {
    200: json('The run.', runSchema),
    ...problems(
      'run_not_found',
      'run_finished',
      'body_too_large',
      'definition_changed',
      'snapshot_unreadable',
      'store_busy',
      ...keyProblems,
    ),
  },
});

const approvals = createRoute({
  method: 'get',
  path: '/sessions/{id}/approvals',
  operationId: 'listApprovals',
  tags: ['Approvals'],
  summary: 'Lists the tools that a person allowed for a session',
  request: {
    params: z.object({ id: z.string().openapi({ description: 'The id of the session.' }) }),
  },
  responses: { 200: json('The approvals, oldest first.', approvalList), ...problems() },
});

const forget = createRoute({
  method: 'delete',
  path: '/approvals/{id}',
  operationId: 'forgetApproval',
  tags: ['Approvals'],
  summary: 'Revokes an approval that is remembered',
  request: {
    params: z.object({ id: z.string().openapi({ description: 'The id of the approval.' }) }),
  },
  responses: {
    200: json('It is forgotten.', z.strictObject({ id: z.string() }).openapi('Forgotten')),
    ...problems('approval_not_found', 'body_too_large', 'store_busy'),
  },
});

export function runRoutes(): Router {
  const app = newRouter();

  app.openapi(list, async (c) => {
    const query = c.req.valid('query');
    const runs = await c.get('runtime').list(runFilterOf(query));
    return c.json({ runs: runs.map(runBody), next: nextOf(runs, query.limit) }, 200);
  });

  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param');
    const runtime = c.get('runtime');
    const seconds = waitOf(c);
    if (seconds === undefined) return c.json(runBody(await runtime.get(id)), 200);
    const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(seconds * 1_000)]);
    const run = await whenSettled(runtime, id, signal);
    return c.json(runBody(run), 200, { 'Preference-Applied': `wait=${seconds}` });
  });

  app.openapi(messages, async (c) => {
    const { id } = c.req.valid('param');
    const { agent } = c.req.valid('query');
    const agents = await c.get('runtime').messages(id, agent === undefined ? {} : { agent });
    return c.json(messagesBody(id, agents), 200);
  });

  app.openapi(cancel, async (c) =>
    c.json(runBody(await c.get('runtime').cancel(c.req.valid('param').id)), 200),
  );

  return app;
}

export function approvalRoutes(): Router {
  const app = newRouter();

  app.openapi(approvals, async (c) => {
    const remembered = await c.get('runtime').rememberedApprovals(c.req.valid('param').id);
    const list = remembered.map(({ id, agent, tool, createdAt }) => ({
      id,
      agent,
      tool,
      created_at: createdAt.toISOString(),
    }));
    return c.json({ approvals: list }, 200);
  });

  app.openapi(forget, async (c) => {
    const { id } = c.req.valid('param');
    if (await c.get('runtime').forgetApproval(id)) return c.json({ id }, 200);
    throw new HttpError(
      'approval_not_found',
      `There is no remembered approval "${shortened(id)}".`,
    );
  });

  return app;
}
