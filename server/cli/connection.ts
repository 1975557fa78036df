/**
 * Connects the commands to runs: those of a server that runs already, or of a database that is opened
 * in this process. Both are spoken to by the same client; in this process no socket is needed.
 */
import { existsSync } from 'node:fs';
import { type Client, createClient } from '../../client/index.ts';
import { createRuntime, RequestError, sqliteStore } from '../../src/index.ts';
import { createApp } from '../app.ts';
import { loadTeams } from '../load-teams.ts';
import { rehearsal, rehearseIfAlone } from '../rehearse.ts';
import { StartError } from '../start-error.ts';
import type { Options } from './arguments.ts';
import type { Terminal } from './terminal.ts';

export interface Connection {
  readonly client: Client;
  close(): Promise<void>;
}

/** How long tools that are under way may take to end when a command ends, in milliseconds. */
const graceMs = 5_000;

/** The database that is meant. */
export function databaseOf({ db }: Options): string {
  return db ?? (process.env['CADENZA_DB'] || 'cadenza.db');
}

/**
 * @param creates whether a database may be made
 * @throws StartError, DefinitionError, RequestError if there is nothing to speak to
 */
export function connect(
  options: Options,
  terminal: Terminal,
  { creates = false } = {},
): Promise<Connection> {
  return options.url === undefined
    ? inProcess(options, terminal, creates)
    : Promise.resolve(overHttp(options.url, options.token));
}

function overHttp(url: string, given: string | undefined): Connection {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new StartError(`--url is "${url}". Use one like http://127.0.0.1:3000.`);
  }
  const token = given ?? process.env['CADENZA_TOKEN'];
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return {
    client: createClient({ baseURL: url, headers, fetch: reachable(url) }),
    close: async () => undefined,
  };
}

/** A fetch that says in a sentence that nobody answers. */
function reachable(url: string): typeof fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      init?.signal?.throwIfAborted();
      throw new StartError(
        `No server answers at ${url}. Is it running? cadenza serve starts one.`,
        {
          cause: error,
        },
      );
    }
  };
}

async function inProcess(
  options: Options,
  terminal: Terminal,
  creates: boolean,
): Promise<Connection> {
  const db = databaseOf(options);
  if (!creates && !existsSync(db)) {
    throw new StartError(`There is no "${db}". Name another with --db, or a server with --url.`);
  }
  const served = await loadTeams(options.team);
  if (await rehearseIfAlone()) terminal.mention(rehearsal);
  const runtime = await createRuntime({ ...served, store: openStore(db) });
  const app = createApp(runtime);
  return {
    client: createClient({
      baseURL: 'http://127.0.0.1',
      fetch: async (input, init) =>
        abortable(await app.fetch(new Request(input, init)), init?.signal),
    }),
    close: () => runtime.close({ graceMs }),
  };
}

/** Where there is no socket, nothing else ends the reading of an answer. */
function abortable(response: Response, signal: AbortSignal | null | undefined): Response {
  if (!signal || !response.body) return response;
  const body = response.body.pipeThrough(new TransformStream(), { signal });
  return new Response(body, response);
}

function openStore(db: string) {
  try {
    return sqliteStore(db);
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'store_in_use') throw error;
    throw new StartError(
      `${error.message} If it is a server, speak to it: --url http://127.0.0.1:3000`,
      { cause: error },
    );
  }
}
