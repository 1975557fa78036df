/** The contract itself: what every route takes and answers, as an OpenAPI document and as a page. */
import { createRoute, z } from '@hono/zod-openapi';
import { type Document, docsPage } from '../docs.ts';
import { docsStyle } from '../docs-style.ts';
import { newRouter, type Router } from '../router.ts';
import { eventSchema } from '../schemas/events.ts';
import { headers } from '../schemas/headers.ts';
import { json, openProblems, openToAll, problemSchema } from '../schemas/problems.ts';

const health = createRoute({
  method: 'get',
  path: '/health',
  operationId: 'getHealth',
  tags: ['Server'],
  summary: 'Tells that the server answers',
  ...openToAll,
  responses: {
    200: json('It does.', z.strictObject({ status: z.literal('ok') }).openapi('Health')),
    ...openProblems(),
  },
});

const openapi = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getContract',
  tags: ['Server'],
  summary: 'This document',
  ...openToAll,
  responses: {
    200: json('An OpenAPI 3.1 document.', z.record(z.string(), z.unknown()).openapi('Contract')),
    ...openProblems(),
  },
});

const docs = createRoute({
  method: 'get',
  path: '/docs',
  operationId: 'getDocs',
  tags: ['Server'],
  summary: 'This document as a page',
  ...openToAll,
  responses: {
    200: {
      description: 'A page without scripts.',
      content: { 'text/html': { schema: z.string() } },
    },
    ...openProblems(),
  },
});

const style = createRoute({
  method: 'get',
  path: '/docs.css',
  operationId: 'getDocsStyle',
  tags: ['Server'],
  summary: 'The look of the page',
  ...openToAll,
  responses: {
    200: { description: 'A style sheet.', content: { 'text/css': { schema: z.string() } } },
    ...openProblems(),
  },
});

/** The page loads its own style sheet, and nothing else may load or run. */
const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";

export function healthRoutes(): Router {
  const app = newRouter();
  app.openapi(health, (c) => c.json({ status: 'ok' as const }, 200));
  return app;
}

/**
 * Serves the contract of an app. It is the same for everybody, and tells of nobody.
 *
 * @param app the app with all its routes, once they are there
 * @param isGuarded whether requests must say who sends them
 */
export function contractRoutes(app: Router, isGuarded: boolean): Router {
  const routes = newRouter();
  // What only streams and references name.
  app.openAPIRegistry.register('Problem', problemSchema);
  app.openAPIRegistry.register('Event', eventSchema);

  const { openAPIRegistry: registry } = app;
  registry.registerComponent('securitySchemes', 'answerToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of one question. It may stand in the body instead.',
  });
  if (isGuarded) {
    registry.registerComponent('securitySchemes', 'bearer', {
      type: 'http',
      scheme: 'bearer',
      description: 'Says who you are. Whoever runs the server tells you how to come by it.',
    });
  }

  const written = writtenOnce((base) => documentOf(app, isGuarded, base));

  routes.openapi(openapi, async (c) => {
    const { json } = await written(baseOf(c.req.path));
    // Its type is deeper than the router's types can follow.
    return c.body(json, 200, { 'Content-Type': 'application/json' }) as never;
  });

  routes.openapi(docs, async (c) => {
    c.header('Content-Security-Policy', policy);
    return c.html((await written(baseOf(c.req.path))).page, 200) as never;
  });

  routes.openapi(style, (c) => c.body(docsStyle, 200, { 'Content-Type': 'text/css' }) as never);

  return routes;
}

/** Where the app is mounted, by the path of a route whose own path has one part. */
function baseOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

interface Written {
  readonly json: string;
  readonly page: string;
}

/**
 * Writes a document again only where the app is mounted elsewhere: everybody may ask for it, and it takes
 * longer than most answers. Of several places the last is kept, since a path may have any name in it.
 */
function writtenOnce(document: (base: string) => Document): (base: string) => Promise<Written> {
  let last: { readonly base: string; readonly written: Promise<Written> } | undefined;
  const write = async (whole: Document) => ({
    json: JSON.stringify(whole),
    page: String(await docsPage(whole)),
  });
  return (base) => {
    if (last?.base !== base) last = { base, written: write(document(base)) };
    return last.written;
  };
}

/** @param base where the app is mounted */
function documentOf(app: Router, isGuarded: boolean, base: string) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Cadenza',
      version: '1',
      description:
        'Runs teams of LLM agents that may ask a person. Bodies are JSON in snake_case; keys that are not known are refused, and the length of a text counts UTF-16 units. Every error is a problem document (RFC 9457) with a stable `code`; a path that takes other methods answers 405 with `Allow`, and any path 400, 408, 431 or 503 where a request cannot be read, takes too long to arrive, has too large a head, or comes on a connection too many. The page for people, at the root, and the files that it loads are no part of this contract.',
    },
    servers: [{ url: base }],
    ...(isGuarded ? { security: [{ bearer: [] }] } : {}),
  });
  for (const operation of Object.values(document.paths ?? {}).flatMap(Object.values)) {
    const isKeyed = operation.parameters?.some(({ name = '' }) => name === 'idempotency-key');
    for (const response of Object.values(operation.responses as Record<string, Answer>)) {
      response.headers = {
        ...headers(true, 'X-Request-Id'),
        // What was answered for good is what is kept.
        ...(isKeyed ? headers(false, 'Idempotency-Replayed') : {}),
        ...response.headers,
      };
    }
  }
  return document;
}

interface Answer {
  headers?: ReturnType<typeof headers>;
}
