/** The HTTP server as a Hono app: mount it in your own, or serve it as `main.ts` does. */
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Runtime } from '../src/index.ts';
import { eventRoutes, type StreamOptions } from './events.ts';
import { problem, problemOf } from './problems.ts';
import { newRouter } from './router.ts';
import { chatRoutes } from './routes/chat.ts';
import { contractRoutes, healthRoutes } from './routes/contract.ts';
import { questionRoutes } from './routes/questions.ts';
import { approvalRoutes, runRoutes } from './routes/runs.ts';
import { teamRoutes } from './routes/teams.ts';

export interface AppOptions {
  /** Who sends a request, from what your own authentication knows. Default: nobody says. */
  readonly identify?: (request: Request) => string | undefined;
  /** Names of the runtime's dependencies that runs started here get. Default: none. */
  readonly dependencies?: readonly string[];
  /** How streams of events are kept alive, and given up. */
  readonly streams?: StreamOptions;
}

/** The largest body, in bytes. */
const bodyMax = 1_048_576;

/**
 * The routes of a runtime.
 *
 * @example
 * app.route('/cadenza', createApp(runtime, { identify: (request) => userOf(request) }));
 */
export function createApp(runtime: Runtime, options: AppOptions = {}): Hono {
  const app = newRouter();
  app.onError((error, c) => problemOf(c, error));
  app.notFound((c) => problem(c, 'route_not_found', `There is no ${c.req.method} ${c.req.path}.`));
  app.use(
    bodyLimit({
      maxSize: bodyMax,
      onError: (c) => problem(c, 'body_too_large', `A body has at most ${bodyMax} bytes.`),
    }),
  );
  app.use(async (c, next) => {
    const userId = options.identify?.(c.req.raw);
    c.set('identity', userId === undefined ? {} : { userId });
    await next();
  });
  app.route('/', chatRoutes(runtime, options));
  app.route('/', runRoutes(runtime));
  app.route('/', eventRoutes(runtime, options.streams ?? {}));
  app.route('/', questionRoutes(runtime));
  app.route('/', approvalRoutes(runtime));
  app.route('/', teamRoutes(runtime));
  app.route('/', healthRoutes(runtime));
  app.route('/', contractRoutes(app));
  return app as unknown as Hono;
}
