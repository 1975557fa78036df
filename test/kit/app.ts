/** Starts the real server in a process of its own, and ends it in every way that a process can end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface AppOptions {
  /** The team's module, as a path from the repository's root. */
  readonly team?: string;
  readonly db: string;
  /** The model server's url. */
  readonly model: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Starts it as `cadenza serve --json`, not as `npm start`. */
  readonly json?: boolean;
  /** Starts it by npm, which is then who gets the signals. */
  readonly npm?: boolean;
  /** A module that is loaded first, as a path from the repository's root. */
  readonly preload?: string;
}

export interface App {
  readonly url: string;
  /** Resolves with how the process ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** What the process wrote to stderr so far. */
  stderr(): string;
  /** Ends the process with SIGKILL. */
  kill(): Promise<void>;
  /** Ends the process with SIGTERM. */
  stop(): Promise<void>;
  /** Sends a signal and waits for nothing. */
  signal(name: NodeJS.Signals): void;
}

/** Compiled code, kept between the many starts of a test run; `npm test` says where. */
const cache = process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'cadenza-compile-cache');

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the server; rejects with its stderr if it does not come up. */
export async function startApp(options: AppOptions): Promise<App> {
  const { team, db, model, env = {}, args = [], json = false, npm = false } = options;
  const given = [...(team ? [`${root}${team}`] : []), ...args];
  const child = spawn(
    npm ? 'npm' : process.execPath,
    npm ? ['start', '--', ...given] : [...commandOf(options), ...given],
    {
      cwd: root,
      // A group, so that all of it can be ended.
      detached: npm,
      env: {
        ...process.env,
        PORT: '0',
        CADENZA_DB: db,
        OPENAI_BASE_URL: model,
        OPENAI_API_KEY: 'test',
        NODE_COMPILE_CACHE: cache,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const url = await Promise.race([
    addressOf(child, json),
    ended.then(() => {
      throw new Error(`The server did not start: ${stderr}`);
    }),
  ]);
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (npm && signal === 'SIGKILL') endGroup(child);
    else child.kill(signal);
    await ended;
  };
  return {
    url,
    ended,
    stderr: () => stderr,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    signal: (name) => void child.kill(name),
  };
}

function commandOf({ json, preload }: AppOptions): string[] {
  return [
    '--conditions=cadenza-source',
    ...(preload ? ['--import', `${root}${preload}`] : []),
    ...(json ? [`${root}server/cli/main.ts`, 'serve', '--json'] : [`${root}server/main.ts`]),
  ];
}

/** What npm started may live on without it. */
function endGroup({ pid = 0 }: ChildProcess): void {
  try {
    if (pid > 0) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}

async function addressOf({ stdout }: ChildProcess, json: boolean): Promise<string> {
  if (!stdout) throw new Error('The server has no stdout.');
  for await (const line of createInterface(stdout)) {
    if (json) return JSON.parse(line).url;
    const url = /http:\/\/[\w.:]+/.exec(line)?.[0];
    if (url) return url;
  }
  return new Promise(() => undefined);
}
