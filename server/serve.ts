/**
 * Serves a team on loopback, with runs in a SQLite file: `npm start` and `cadenza serve`.
 *
 * Environment, also from a `.env` file: PORT, HOST, CADENZA_TOKEN, CADENZA_DB, INSPECT_PORT,
 * OPENAI_API_KEY, OPENAI_BASE_URL. With neither of the last two, a rehearsal model plays the model's
 * part. Without a token, only this machine is served. For operating it: LOG_LEVEL, CADENZA_METRICS,
 * CADENZA_METRICS_TOKEN, CADENZA_KEEP_DAYS, CADENZA_STOP_SECONDS, CADENZA_CONNECTIONS, CADENZA_STREAMS, CADENZA_RUNS_AT_ONCE.
 */
import { existsSync } from 'node:fs';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import {
  createRuntime,
  DefinitionError,
  RequestError,
  type Runtime,
  sqliteStore,
} from '../src/index.ts';
import { createApp } from './app.ts';
import { type Auth, bearerTokens } from './auth.ts';
import { type Listening, listen } from './listen.ts';
import { loadTeams } from './load-teams.ts';
import { createLog, logError, logFatal, logRequest } from './log.ts';
import { fromThisMachineOnly, isLoopback } from './loopback.ts';
import { problem } from './problems.ts';
import { rehearsal, rehearseIfAlone } from './rehearse.ts';
import { identified } from './requests.ts';
import { isOn, sentenceOf, wholeNumber } from './settings.ts';
import { StartError } from './start-error.ts';
import { lastAnswersMs, stopOnSignal } from './stop.ts';
import { endOnUncaught } from './uncaught.ts';

const hourMs = 3_600_000;

const ports = [0, 65_535] as const;

export interface ServeOptions {
  /** The module of the teams. Default: the team of this server. */
  readonly team?: string | undefined;
  /** The database. Default: the one that CADENZA_DB names. */
  readonly db?: string | undefined;
  /** Shows the runs in Stately's inspector, on a port of its own. */
  readonly inspect: boolean;
  /** Prints where it serves as one line of JSON, and nothing else, on stdout. */
  readonly json?: boolean;
}

/**
 * Serves until a signal ends the process. A failure to start is told on stderr, with exit code 1; an
 * error that nobody caught in the log, with 70.
 */
export async function serve(options: ServeOptions): Promise<void> {
  return start(options).catch(fail);
}

async function start({ team, db: file, inspect, json = false }: ServeOptions): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const log = createLog();
  endOnUncaught((error) => logFatal(log, error));
  // Whoever started the server may have read where it serves, and need no more.
  process.stdout.on('error', () => undefined);
  const settings = readSettings();
  const db = file ?? settings.db;
  const auth = authOf(process.env['CADENZA_TOKEN'], settings.host);
  const served = await loadTeams(team);
  if (await rehearseIfAlone()) (json ? console.error : console.log)(rehearsal);
  await pageBuilt(log);
  const outer = () => new Hono().use(identified((request) => logRequest(log, request)));
  // The port first: taking up interrupted work and then giving it up again would interrupt it twice.
  let app = notYet(auth ? outer() : outer().use(fromThisMachineOnly()));
  const server = await listen({
    ...settings,
    fetch: (request, env) => app.fetch(request, env),
    onTooMany: (refused) => log.warn({ refused }, 'too many connections'),
  });
  const inspection = inspect ? await inspected(log) : undefined;
  const store = sqliteStore(db);
  const runtime = await createRuntime({
    ...served,
    store: inspection?.watched(store) ?? store,
    runsAtOnce: settings.runsAtOnce,
    onError: (error, where) => logError(log, error, where),
  });
  await inspection?.begin(runtime, db);
  app = outer().route(
    '/',
    createApp(runtime, {
      ...(auth ? { auth } : {}),
      metrics: settings.metrics,
      streams: { max: settings.streamsMax },
      onError: (error, where) => logError(log, error, where),
    }),
  );
  tell({ url: server.url, teams: runtime.teams, db, inspector: inspection?.url }, json);
  if (settings.keepDays > 0) keepPruning(runtime, settings.keepDays, log);
  const stopped = (signal: string, graceMs: number) => {
    inspection?.close();
    return stop({ server, runtime, log }, signal, graceMs);
  };
  stopOnSignal(settings.stopMs, stopped);
}

interface Served {
  readonly url: string;
  readonly teams: readonly string[];
  readonly db: string;
  readonly inspector: string | undefined;
}

function tell(served: Served, json: boolean): void {
  const { url, teams, db, inspector } = served;
  if (json) {
    console.log(JSON.stringify(served));
    return;
  }
  console.log(`Cadenza serves ${teams.join(', ')} on ${url}, with runs in ${db}.`);
  if (inspector) console.log(`Stately's inspector shows the runs on ${inspector}.`);
}

function readSettings() {
  return {
    port: wholeNumber('PORT', 3000, ports),
    host: process.env['HOST'] || '127.0.0.1',
    db: process.env['CADENZA_DB'] || 'cadenza.db',
    metrics: isOn('CADENZA_METRICS') && guardOfMetrics(),
    /** 0 keeps runs for ever. */
    keepDays: wholeNumber('CADENZA_KEEP_DAYS', 0, [0, 36_500]),
    stopMs: wholeNumber('CADENZA_STOP_SECONDS', 10, [1, 3_600]) * 1_000,
    connectionsMax: wholeNumber('CADENZA_CONNECTIONS', 1_000, [1, 1_000_000]),
    streamsMax: wholeNumber('CADENZA_STREAMS', 500, [1, 1_000_000]),
    runsAtOnce: wholeNumber('CADENZA_RUNS_AT_ONCE', 250, [1, 1_000_000]),
  };
}

/** Answers while the server starts: it is alive, and takes nothing yet. */
function notYet(app: Hono): Hono {
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.all('*', (c) =>
    problem(c, 'runtime_closed', 'The server is starting. Ask again in a moment.'),
  );
  return app;
}

/** A development tool: what it needs is not there where only the package is installed. */
async function inspected(log: Logger) {
  const { startInspection } = await import('./inspect/inspect.ts').catch((error: unknown) => {
    if (Object(error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new StartError('--inspect needs the package "ws". Install it: npm install -D ws');
  });
  return startInspection(wholeNumber('INSPECT_PORT', 3030, ports), (error) =>
    logError(log, error, {}),
  );
}

interface Serving {
  readonly server: Listening;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/**
 * Lets the runtime close, and whoever waits for an answer be told of it. The port is kept until then:
 * who asks for something new is told to ask again.
 */
async function stop({ server, runtime, log }: Serving, signal: string, graceMs: number) {
  log.info({ signal, grace_ms: graceMs }, 'stopping');
  await runtime.close({ graceMs });
  await server.close(lastAnswersMs);
  log.info('stopped');
}

/** Deletes runs that ended long ago, now and every hour. */
function keepPruning(runtime: Runtime, keepDays: number, log: Logger): void {
  const prune = () =>
    runtime.prune({ olderThanMs: keepDays * 24 * hourMs }).then(
      (runs) => log[runs > 0 ? 'info' : 'debug']({ runs, keep_days: keepDays }, 'pruned'),
      (error: unknown) => logError(log, error, {}),
    );
  void prune();
  setInterval(prune, hourMs).unref();
}

/** Without a token whoever reaches the server may do everything, so only this machine may reach it. */
function authOf(token: string | undefined, host: string): Auth | undefined {
  if (token) return bearerTokens({ [token]: {} });
  if (isLoopback(host)) return undefined;
  throw new StartError(
    `HOST is "${host}", where others can reach the server, and it would let everybody in. Set CADENZA_TOKEN to a secret that requests must bear, or use 127.0.0.1, or mount createApp() with an auth of your own.`,
  );
}

/** A server with a token has one tenant, whose totals the metrics are. */
function guardOfMetrics() {
  const token = process.env['CADENZA_METRICS_TOKEN'] || process.env['CADENZA_TOKEN'];
  return token ? { token } : true;
}

function fail(error: unknown): never {
  const { code, port } = Object(error);
  if (code === 'EADDRINUSE')
    console.error(`Port ${port} is taken. Set PORT, or INSPECT_PORT, to another.`);
  else console.error(sentenceOf(error, [StartError, RequestError, DefinitionError]));
  process.exit(1);
}

/** Out of a checkout the page is built when it is missing or older than its sources. */
async function pageBuilt(log: Logger): Promise<void> {
  if (!existsSync(new URL('web/index.html', import.meta.url))) return;
  try {
    const { buildPage } = await import('./web-build.ts');
    await buildPage();
  } catch (error) {
    logError(log, error, {});
  }
}
