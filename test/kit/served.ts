/** The real server, in a process of its own, with a model that may be held at its first call. */
import type { TestContext } from 'node:test';
import type { ModelServer, Turn } from '../../src/testing/index.ts';
import { type App, startApp } from './app.ts';
import { folderFor } from './folder.ts';
import { startStrictModel } from './strict-model.ts';

export interface Served {
  readonly app: App;
  readonly model: ModelServer;
  readonly db: string;
  /** Starts the server again; the one before it must have ended. */
  again(env?: Readonly<Record<string, string>>): Promise<App>;
}

export interface ServedOptions {
  /** The team's module. Default: test/teams/desk.ts. */
  readonly team?: string;
  readonly agents: Readonly<Record<string, readonly Turn[]>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Starts it by npm. */
  readonly npm?: boolean;
}

export async function served(t: TestContext, options: ServedOptions): Promise<Served> {
  const { team = 'test/teams/desk.ts', agents, npm = false } = options;
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel({ agents });
  t.after(() => model.close());
  const start = async (env: Readonly<Record<string, string>> = {}) => {
    const app = await startApp({
      team,
      db,
      model: model.url,
      npm,
      env: { ...options.env, ...env },
    });
    t.after(() => app.kill());
    return app;
  };
  return { app: await start(), model, db, again: start };
}

export interface Held {
  /** Says this once it is let go. */
  readonly turn: Turn;
  /** Resolves when the model was asked. */
  readonly asked: Promise<void>;
  letGo(): void;
}

/** A turn that the model does not take before it is let go. */
export function held(turn: Turn): Held {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  return {
    turn: async () => {
      asked.resolve();
      await gate.promise;
      return turn;
    },
    asked: asked.promise,
    letGo: gate.resolve,
  };
}
