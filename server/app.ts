/** The HTTP server as a Hono app: mount it in your own, or serve it as `main.ts` does. */
import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { DefinitionError, type Runtime } from '../src/index.ts';
import { type Auth, known } from './auth.ts';
import { eventRoutes } from './events.ts';
import { type CorsOptions, guardedHeaders, keptByNobody, readableFrom } from './headers.ts';
import { fromThisMachineOnly } from './loopback.ts';
import { missing, pathBelow } from './missing.ts';
import { OpenRequests, type StreamOptions } from './open-requests.ts';
import { changedByOwnPagesOnly } from './other-sites.ts';
import { pageRoutes } from './page.ts';
import { problem, problemOf, type ReportFailure, reporting } from './problems.ts';
import { type AnsweredRequest, identified } from './requests.ts';
import { newRouter } from './router.ts';
import { aguiRoutes } from './routes/agui.ts';
import { aiRoutes } from './routes/ai.ts';
import { answerRoutes } from './routes/answer.ts';
import { chatRoutes } from './routes/chat.ts';
import { contractRoutes, healthRoutes } from './routes/contract.ts';
import { lookRoutes } from './routes/look.ts';
import { questionRoutes } from './routes/questions.ts';
import { approvalRoutes, runRoutes } from './routes/runs.ts';
import { teamRoutes } from './routes/teams.ts';
import { type MetricsOptions, metricsRoutes, readyRoutes } from './routes/upkeep.ts';

export { type Auth, bearerTokens, type JwtOptions, jwt } from './auth.ts';

export interface AppOptions {
  /**
   * Who sends a request. Without it everybody is let in, as nobody, to the tenant `default`, so only
   * requests are taken that come from this machine, are addressed to it, and are sent by no other site's
   * page. Pass one behind any proxy: a proxy that adds no header looks like this machine. Behind a
   * guard of your own, `() => ({})` lets in whoever it lets through.
   */
  readonly auth?: Auth;
  /** Which other sites' pages may ask. Default: none, whatever cookies they bring. */
  readonly cors?: CorsOptions;
  /** Names of the runtime's dependencies that runs started here get. Default: none. */
  readonly dependencies?: readonly string[];
  /** How streams of events are kept alive, and given up. */
  readonly streams?: StreamOptions;
  /**
   * How many requests of one tenant may be open at once, streams among them, and how many that bear the
   * token of a question. Default: half as many as streams may be; and for those who have no tenant, any
   * number, since a server without tenants is all theirs. Set it where only some have a tenant.
   */
  readonly requestsPerTenant?: number;
  /**
   * Whether `GET /metrics` answers, in Prometheus' format. Its numbers are totals of all tenants, so
   * with `auth` it wants a token of its own. Default: false.
   */
  readonly metrics?: boolean | MetricsOptions;
  /** Told of each request once it was answered. */
  readonly onRequest?: (request: AnsweredRequest) => void;
  /**
   * Told of what failed inside a request; the error may quote anything that was said. Default: one line
   * on stderr, that quotes nothing.
   */
  readonly onError?: ReportFailure;
}

/** The largest body, in bytes. */
const bodyMax = 1_048_576;

/** The largest body that brings a whole history. */
const historyMax = 16 * bodyMax;

/**
 * The routes of a runtime. Below where they are mounted they answer whatever is asked, so mount them
 * at a path of their own, or after your routes.
 *
 * Without an `auth` they answer this machine only. Who asks is seen where `@hono/node-server` serves
 * your app; elsewhere there is only what a request says of itself.
 *
 * @throws DefinitionError `limit_unusable`, and `auth_unusable` if whoever `auth` knows could read the metrics
 * @example
 * app.route('/cadenza', createApp(runtime, { auth: bearerTokens({ [token]: { userId: 'ann' } }) }));
 */
export function createApp(runtime: Runtime, options: AppOptions = {}): Hono {
  const app = newRouter();
  app.onError((error, c) => problemOf(c, error));
  app.use(guardedHeaders(), keptByNobody());
  if (options.cors) app.use(readableFrom(options.cors));
  app.use(identified(options.onRequest), reporting(options.onError));
  const from = options.auth ? changedByOwnPagesOnly : fromThisMachineOnly;
  app.use(from(options.cors?.origins));
  app.route('/', pageRoutes());
  app.route('/', healthRoutes());
  app.route('/', readyRoutes(runtime));
  if (options.metrics) app.route('/', metricsRoutes(runtime, guardOfMetrics(options)));
  app.route('/', contractRoutes(app, options.auth !== undefined));
  const open = new OpenRequests(options.streams, options.requestsPerTenant);
  app.use('/answer/*', open.countedByToken(), limited(bodyMax));
  app.route('/', answerRoutes(runtime));
  // Before any body is read: it is kept in memory until it is whole.
  app.use(known(runtime, options.auth), open.counted(), (c, next) =>
    limited(/^\/(agui|ai)\/[^/]+$/.test(pathBelow(c)) ? historyMax : bodyMax)(c, next),
  );
  app.route('/', chatRoutes(open, options));
  app.route('/', aguiRoutes(open, options));
  app.route('/', aiRoutes(open, options));
  app.route('/', runRoutes());
  app.route('/', eventRoutes(open));
  app.route('/', lookRoutes());
  app.route('/', questionRoutes());
  app.route('/', approvalRoutes());
  app.route('/', teamRoutes());
  // Not notFound: of an app that is mounted in another one, that one's is asked.
  app.all('*', missing(app));
  return app as unknown as Hono;
}

function guardOfMetrics({ auth, metrics }: AppOptions): true | MetricsOptions {
  if (typeof metrics === 'object') return metrics;
  if (!auth) return true;
  throw new DefinitionError(
    'auth_unusable',
    'GET /metrics tells the totals of all tenants, and would tell them to everyone whom `auth` knows. Give it a token of its own: metrics: { token }.',
  );
}

function limited(maxSize: number) {
  return bodyLimit({
    maxSize,
    onError: (c) => problem(c, 'body_too_large', `A body has at most ${maxSize} bytes.`),
  });
}
