/**
 * `npm start`: serves a team on loopback, with runs in a SQLite file.
 *
 * Environment, also from a `.env` file: PORT, HOST, CADENZA_DB, OPENAI_API_KEY, OPENAI_BASE_URL.
 * With neither of the last two, a rehearsal model plays the model's part.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serve } from '@hono/node-server';
import {
  type Agent,
  createRuntime,
  DefinitionError,
  RequestError,
  sqliteStore,
} from '../src/index.ts';
import { startModelServer } from '../src/testing/index.ts';
import { createApp } from './app.ts';

const ownTeam = new URL('./teams/orchestrator-team.ts', import.meta.url).href;

/** A mistake in how the server was started, told in one sentence. */
class StartError extends Error {}

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { PORT = '3000', HOST = '127.0.0.1', CADENZA_DB = 'cadenza.db' } = process.env;
  const port = readPort(PORT);
  checkHost(HOST);
  const teams = await loadTeams(process.argv[2]);
  await rehearseIfAlone();
  const runtime = await createRuntime({ teams, store: sqliteStore(CADENZA_DB) });
  const server = serve({ fetch: createApp(runtime).fetch, port, hostname: HOST });
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  const names = runtime.teams.join(', ');
  console.log(`Cadenza serves ${names} on http://${HOST}:${bound}, with runs in ${CADENZA_DB}.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);

  async function stop(): Promise<void> {
    server.close();
    await runtime.close();
    process.exit(0);
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new StartError(`PORT is "${text}". Use a number from 0 to 65535.`);
}

/** Whoever reaches the server may do everything, so only this machine may reach it. */
function checkHost(host: string): void {
  if (['127.0.0.1', '::1', 'localhost'].includes(host)) return;
  throw new StartError(
    `HOST is "${host}", but the server knows no users yet: it serves this machine only. Use 127.0.0.1, and put it behind your own server with createApp().`,
  );
}

/** A module's default export: an agent, a team, or an array of them. */
async function loadTeams(path: string | undefined): Promise<readonly Agent[]> {
  const url = path === undefined ? ownTeam : pathToFileURL(resolve(path)).href;
  const { default: exported } = (await import(url)) as { default?: Agent | readonly Agent[] };
  const teams = [exported ?? []].flat() as Agent[];
  if (teams.length > 0 && teams.every((team) => Array.isArray(team.members))) return teams;
  throw new Error(
    `"${path}" has no default export of a team. Export one: export default defineTeam(…).`,
  );
}

async function rehearseIfAlone(): Promise<void> {
  if (process.env['OPENAI_API_KEY'] || process.env['OPENAI_BASE_URL']) return;
  const model = await startModelServer({ record: false });
  process.env['OPENAI_BASE_URL'] = model.url;
  process.env['OPENAI_API_KEY'] = 'rehearsal';
  console.log('No OPENAI_API_KEY is set: a rehearsal model on this machine plays the model.');
}

function sentenceOf(error: unknown): unknown {
  const known = [StartError, RequestError, DefinitionError];
  if (error instanceof Error && known.some((kind) => error instanceof kind)) return error.message;
  const { code, port } = Object(error);
  return code === 'EADDRINUSE' ? `Port ${port} is taken. Set PORT to another.` : error;
}

main().catch((error: unknown) => {
  console.error(sentenceOf(error));
  process.exit(1);
});
