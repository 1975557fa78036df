/** The HTTP server as a Hono app: mount it in your own, or serve it as `main.ts` does. */
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Runtime } from '../src/index.ts';
import { type Auth, known } from './auth.ts';
import { eventRoutes, type StreamOptions } from './events.ts';
import { problem, problemOf } from './problems.ts';
import { newRouter } from './router.ts';
import { answerRoutes } from './routes/answer.ts';
import { chatRoutes } from './routes/chat.ts';
import { contractRoutes, healthRoutes } from './routes/contract.ts';
import { questionRoutes } from './routes/questions.ts';
import { approvalRoutes, runRoutes } from './routes/runs.ts';
import { teamRoutes } from './routes/teams.ts';

export { type Auth, bearerTokens, type JwtOptions, jwt } from './auth.ts';

export interface AppOptions {
  /**
   * Who sends a request. Without it everybody is let in, as nobody, to the tenant `default`: leave it
   * out only where nobody else can reach the server.
   */
  readonly auth?: Auth;
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
 * app.route('/cadenza', createApp(runtime, { auth: bearerTokens({ [token]: { userId: 'ann' } }) }));
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
  app.route('/', healthRoutes(runtime));
  app.route('/', answerRoutes(runtime));
  app.use(known(runtime, options.auth));
  app.route('/', chatRoutes(options));
  app.route('/', runRoutes());
  app.route('/', eventRoutes(options.streams ?? {}));
  app.route('/', questionRoutes());
  app.route('/', approvalRoutes());
  app.route('/', teamRoutes());
  app.route('/', contractRoutes(app));
  return app as unknown as Hono;
}
