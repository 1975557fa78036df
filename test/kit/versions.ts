/** The real server and the real doctor, each in a process of its own, with a version of a team. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ModelServer, Turn } from '../../src/testing/index.ts';
import { type App, startApp } from './app.ts';
import { appHere } from './app-here.ts';
import { folderFor } from './folder.ts';
import { startStrictModel } from './strict-model.ts';
import { type Answered, post } from './wire.ts';
import { startsAfresh } from './wires.ts';

/** What test/teams/changing.ts reads of its environment. */
export type VersionEnv = Readonly<Record<'VERSION' | 'MIGRATE', string>>;

export interface Diagnosed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface VersionedServer {
  readonly model: ModelServer;
  readonly db: string;
  /** Starts the server with a version. */
  serve(env?: Partial<VersionEnv>): Promise<App>;
  /**
   * Has a request answered by a server of a version, which is then killed with SIGKILL; on the wires
   * that need no process of their own, by one that is served here.
   */
  post(env: Partial<VersionEnv>, path: string, body: unknown): Promise<Answered>;
  /** Runs `npm run doctor` with a version. */
  doctor(env?: Partial<VersionEnv>, ...args: string[]): Promise<Diagnosed>;
}

const team = 'test/teams/changing.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function versionedServer(
  t: TestContext,
  agents: Readonly<Record<string, readonly Turn[]>>,
): Promise<VersionedServer> {
  const db = folderFor(t)('runs.db');
  const model = await startStrictModel({ agents });
  t.after(() => model.close());
  const serve = (env: Partial<VersionEnv> = {}) => startApp({ team, db, model: model.url, env });
  return {
    model,
    db,
    serve,
    post: async (env, path, body) => {
      const app = startsAfresh()
        ? await serve(env)
        : await appHere({ team, db, env: { ...env, OPENAI_BASE_URL: model.url } });
      try {
        return await post(app.url, path, body);
      } finally {
        await app.kill();
      }
    },
    doctor: async (env = {}, ...args) => {
      const child = spawn('npm', ['run', '-s', 'doctor', '--', ...args, `${root}${team}`], {
        cwd: root,
        env: { ...process.env, CADENZA_DB: db, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const ended = once(child, 'exit');
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
      const [code] = await ended;
      return { code, stdout, stderr };
    },
  };
}
