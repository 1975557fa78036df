/** Serves a team's module in this process: starting one takes most of the time of a scenario. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createApp } from '../../server/app.ts';
import { type Agent, createRuntime, type Migrate, sqliteStore } from '../../src/index.ts';

export interface AppHereOptions {
  /** The team's module, as a path from the repository's root. */
  readonly team?: string;
  readonly db: string;
  /** What the module reads of its environment, and the drivers of theirs. */
  readonly env: Readonly<Record<string, string>>;
}

export interface AppHere {
  readonly url: string;
  /** Ends it with its work left where it is. */
  kill(): Promise<void>;
}

interface TeamExports {
  readonly default: Agent | readonly Agent[];
  readonly migrate?: Migrate;
}

let started = 0;

export async function appHere({ team, db, env }: AppHereOptions): Promise<AppHere> {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  const path = team ?? 'server/teams/orchestrator-team.ts';
  // By a name of its own, because a module is evaluated once by each name.
  started += 1;
  const url = new URL(`../../${path}?${started}`, import.meta.url);
  const { default: teams, migrate } = (await import(url.href)) as TeamExports;
  const runtime = await createRuntime({
    teams: [teams].flat(),
    store: sqliteStore(db),
    ...(migrate ? { migrate } : {}),
  });
  const server = serve({ fetch: createApp(runtime).fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kill: async () => {
      await runtime.close({ graceMs: 0 });
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}
