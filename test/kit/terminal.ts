/** The command line in a process of its own: at a pseudo-terminal, or with pipes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { spawn as spawnAtTerminal } from '@lydell/node-pty';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Env = Readonly<Record<string, string | undefined>>;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function commandLine(args: readonly string[]): string[] {
  return ['--conditions=cadenza-source', `${root}server/cli/main.ts`, ...args];
}

function environment(env: Env): Record<string, string> {
  const names = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CADENZA_TOKEN', 'CADENZA_DB'];
  const all = { ...process.env, ...Object.fromEntries(names.map((name) => [name, ''])), ...env };
  return Object.fromEntries(
    Object.entries(all).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
  );
}

/** Runs `cadenza` without a terminal. */
export async function piped(args: readonly string[], env: Env = {}, stdin = ''): Promise<Ended> {
  const child = spawn(process.execPath, commandLine(args), { cwd: root, env: environment(env) });
  child.stdin.end(stdin);
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await ended;
  return { code, stdout, stderr };
}

export interface AtTerminal {
  /** Waits for a text on the screen after the last one that was waited for, then presses keys. */
  type(after: string, keys: string): Promise<void>;
  /** What came on the screen so far, without colours. */
  screen(): string;
  /** As it came. */
  raw(): string;
  readonly ended: Promise<number>;
}

export const keys = {
  enter: '\r',
  down: '\u001b[B',
  leave: '\u0004',
  interrupt: '\u0003',
  decline: '\u0018',
  clearLine: '\u0015',
};

/** Runs `cadenza` at a pseudo-terminal. */
export function atTerminal(t: TestContext, args: readonly string[], env: Env = {}): AtTerminal {
  const terminal = spawnAtTerminal(process.execPath, commandLine(args), {
    cwd: root,
    cols: 200,
    rows: 50,
    env: environment(env),
  });
  let raw = '';
  let from = 0;
  let isOver = false;
  const news = new EventTarget();
  terminal.onData((data) => {
    raw += data;
    news.dispatchEvent(new Event('data'));
  });
  const ended = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      isOver = true;
      news.dispatchEvent(new Event('data'));
      resolve(exitCode);
    });
  });
  t.after(() => (isOver ? undefined : terminal.kill('SIGKILL')));
  const screen = () => stripVTControlCharacters(raw);
  const seen = (what: string) => {
    const at = screen().indexOf(what, from);
    if (at >= 0) from = at + what.length;
    return at >= 0;
  };
  return {
    screen,
    raw: () => raw,
    ended,
    type: async (after, typed) => {
      while (!seen(after)) {
        if (isOver) throw new Error(`"${after}" never came: ${screen().slice(from)}`);
        await once(news, 'data');
      }
      terminal.write(typed);
    },
  };
}
