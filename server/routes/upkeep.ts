/** The routes for whoever operates the server: whether it is ready, and its numbers. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Runtime } from '../../src/index.ts';
import { bearerTokens, known } from '../auth.ts';
import { metricsText } from '../metrics.ts';
import { newRouter, type Router } from '../router.ts';
import { json, openProblems, openToAll } from '../schemas/problems.ts';

const ready = createRoute({
  method: 'get',
  path: '/ready',
  operationId: 'getReady',
  tags: ['Server'],
  summary: 'Tells that runs can be taken on',
  ...openToAll,
  description: 'The store was just written and read. Not while the server starts or stops.',
  responses: {
    200: json('They can.', z.strictObject({ status: z.literal('ready') }).openapi('Ready')),
    ...openProblems('store_busy', 'store_unusable'),
  },
});

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  tags: ['Server'],
  summary: "The server's numbers, as Prometheus reads them",
  description: 'They are totals of all tenants.',
  responses: {
    200: { description: 'Lines of text.', content: { 'text/plain': { schema: z.string() } } },
    ...openProblems('unauthenticated'),
  },
});

export interface MetricsOptions {
  /** Who reads the numbers must bear it: a secret of at least 16 characters, that is nobody's else. */
  readonly token: string;
}

export function readyRoutes(runtime: Runtime): Router {
  const app = newRouter();
  app.openapi(ready, async (c) => {
    await runtime.ready();
    return c.json({ status: 'ready' as const }, 200);
  });
  return app;
}

/** @throws DefinitionError `auth_unusable` for a token that could be guessed */
export function metricsRoutes(runtime: Runtime, guard: true | MetricsOptions): Router {
  const app = newRouter();
  if (guard !== true) {
    app.use('/metrics', known(runtime, bearerTokens({ [guard.token]: {} })));
    app.openAPIRegistry.registerComponent('securitySchemes', 'metricsToken', {
      type: 'http',
      scheme: 'bearer',
      description: 'The token of whoever watches the server. No tenant has it.',
    });
  }
  const route = { ...metrics, security: guard === true ? [] : [{ metricsToken: [] }] };
  app.openapi(route, async (c) => {
    const type = 'text/plain; version=0.0.4; charset=utf-8';
    return c.body(metricsText(await runtime.figures()), 200, { 'Content-Type': type }) as never;
  });
  return app;
}
