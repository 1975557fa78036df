/**
 * `npm start`: serves a team on loopback, with runs in a SQLite file.
 *
 * `--inspect` shows the runs in Stately's inspector, on a port of its own.
 *
 * Environment, also from a `.env` file: PORT, HOST, CADENZA_TOKEN, CADENZA_DB, INSPECT_PORT,
 * OPENAI_API_KEY, OPENAI_BASE_URL. With neither of the last two, a rehearsal model plays the model's
 * part. Without a token, only this machine is served.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createRuntime, DefinitionError, RequestError, sqliteStore } from '../src/index.ts';
import { startModelServer } from '../src/testing/index.ts';
import { createApp } from './app.ts';
import { type Auth, bearerTokens } from './auth.ts';
import { loadTeams } from './load-teams.ts';
import { fromThisMachineOnly, isLoopback } from './loopback.ts';
import { problem } from './problems.ts';
import { StartError } from './start-error.ts';

/** How long open requests may take to be answered once the server stops, in milliseconds. */
const stopMs = 2_000;

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const port = readPort('PORT', '3000');
  const host = process.env['HOST'] || '127.0.0.1';
  const db = process.env['CADENZA_DB'] || 'cadenza.db';
  const auth = authOf(process.env['CADENZA_TOKEN'], host);
  const { path, inspect } = readArguments();
  const served = await loadTeams(path);
  await rehearseIfAlone();
  // The port first: taking up interrupted work and then giving it up again would interrupt it twice.
  const app = new Hono();
  if (!auth) app.use(fromThisMachineOnly);
  let ready: Hono | undefined;
  app.all('*', (c) => (ready ? ready.fetch(c.req.raw) : notYet(c)));
  const server = serve({ fetch: app.fetch, port, hostname: host });
  await once(server, 'listening');
  const inspection = inspect ? await inspected() : undefined;
  const store = sqliteStore(db);
  const runtime = await createRuntime({ ...served, store: inspection?.watched(store) ?? store });
  await inspection?.begin(runtime, db);
  ready = createApp(runtime, auth ? { auth } : {});
  const { port: bound } = server.address() as AddressInfo;
  const names = runtime.teams.join(', ');
  console.log(`Cadenza serves ${names} on http://${host}:${bound}, with runs in ${db}.`);
  if (inspection) console.log(`Stately's inspector shows the runs on ${inspection.url}.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      inspection?.close();
      stop(server, () => runtime.close()).then(() => process.exit(0), fail);
    });
  }
}

function notYet(c: Parameters<typeof problem>[0]): Response {
  return problem(c, 'runtime_closed', 'The server is starting. Ask again in a moment.');
}

/** Lets the runtime close, and whoever waits for an answer be told of it. */
async function stop(server: ServerType, close: () => Promise<void>): Promise<void> {
  const answered = new Promise<void>((resolve) => server.close(() => resolve()));
  await close();
  const tooLong = new Promise<void>((resolve) => setTimeout(resolve, stopMs).unref());
  if ('closeIdleConnections' in server) server.closeIdleConnections();
  await Promise.race([answered, tooLong]);
}

function readPort(name: 'PORT' | 'INSPECT_PORT', otherwise: string): number {
  const text = process.env[name] || otherwise;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new StartError(`${name} is "${text}". Use a number from 0 to 65535.`);
}

/** `[path/to/team.ts] [--inspect]` */
function readArguments(): { readonly path: string | undefined; readonly inspect: boolean } {
  try {
    const options = { inspect: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    return { path: positionals[0], inspect: values.inspect };
  } catch (error) {
    throw new StartError(`${(error as Error).message} Use: npm start -- [team.ts] [--inspect]`);
  }
}

/** A development tool: what it needs is not there where only the package is installed. */
async function inspected() {
  const { startInspection } = await import('./inspect/inspect.ts').catch((error: unknown) => {
    if (Object(error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new StartError('--inspect needs the package "ws". Install it: npm install -D ws');
  });
  return startInspection(readPort('INSPECT_PORT', '3030'), (error) => console.error(error));
}

/** Without a token whoever reaches the server may do everything, so only this machine may reach it. */
function authOf(token: string | undefined, host: string): Auth | undefined {
  if (token) return bearerTokens({ [token]: {} });
  if (isLoopback(host)) return undefined;
  throw new StartError(
    `HOST is "${host}", where others can reach the server, and it would let everybody in. Set CADENZA_TOKEN to a secret that requests must bear, or use 127.0.0.1, or mount createApp() with an auth of your own.`,
  );
}

async function rehearseIfAlone(): Promise<void> {
  if (process.env['OPENAI_API_KEY'] || process.env['OPENAI_BASE_URL']) return;
  const model = await startModelServer({ record: false });
  process.env['OPENAI_BASE_URL'] = model.url;
  process.env['OPENAI_API_KEY'] = 'rehearsal';
  console.log('No OPENAI_API_KEY is set: a rehearsal model on this machine plays the model.');
}

function fail(error: unknown): never {
  const known = [StartError, RequestError, DefinitionError];
  const isKnown = error instanceof Error && known.some((kind) => error instanceof kind);
  const { code, port } = Object(error);
  if (code === 'EADDRINUSE')
    console.error(`Port ${port} is taken. Set PORT, or INSPECT_PORT, to another.`);
  else console.error(isKnown ? error.message : error);
  process.exit(1);
}

main().catch(fail);
