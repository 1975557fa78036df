/** Reads the command line, and says how it is used. */
import { parseArgs } from 'node:util';

/** What was typed cannot be meant; the sentence says what to type. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const options = {
  team: { type: 'string' },
  db: { type: 'string' },
  url: { type: 'string' },
  token: { type: 'string' },
  session: { type: 'string' },
  answers: { type: 'string' },
  chart: { type: 'string' },
  inspect: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Option = keyof typeof options;

interface CommandUse {
  readonly use: string;
  readonly takes: readonly Option[];
  /** How many words may follow the command, and must. */
  readonly words: { readonly min: number; readonly max: number };
}

const where: readonly Option[] = ['team', 'db', 'url', 'token', 'json'];

const commands = {
  chat: { use: 'chat [message]', takes: [...where, 'session'], words: { min: 0, max: 1 } },
  resume: { use: 'resume <run>', takes: [...where, 'answers'], words: { min: 1, max: 1 } },
  show: { use: 'show <run>', takes: where, words: { min: 1, max: 1 } },
  questions: { use: 'questions', takes: where, words: { min: 0, max: 0 } },
  serve: {
    use: 'serve [team.ts]',
    takes: ['team', 'db', 'inspect', 'json'],
    words: { min: 0, max: 1 },
  },
  chart: { use: 'chart [team]', takes: ['team', 'chart', 'json'], words: { min: 0, max: 1 } },
  doctor: { use: 'doctor [team.ts]', takes: ['team', 'db', 'json'], words: { min: 0, max: 1 } },
} as const satisfies Readonly<Record<string, CommandUse>>;

export type Command = keyof typeof commands;

/** What follows a command. */
export interface Options {
  readonly team?: string;
  readonly db?: string;
  readonly url?: string;
  readonly token?: string;
  readonly session?: string;
  readonly answers?: string;
  readonly chart?: string;
  readonly inspect?: boolean;
  readonly json?: boolean;
}

export type Typed =
  | { readonly command: 'about'; readonly asks: 'help' | 'version' }
  | { readonly command: Command; readonly word: string | undefined; readonly options: Options };

export const help = `Usage: cadenza <command> [options]

Commands:
  chat [message]      Sends a message, asks you what the team asks, and goes on to the end.
                      Without a message: a conversation, until you leave it with Ctrl-D.
                      Without a terminal, the message is read from stdin if none is given.
  resume <run>        Asks what a run waits for, and goes on.
  show <run>          Tells how a run stands: its actors, its questions, and why.
  questions           Lists the open questions of all runs.
  serve [team.ts]     Serves a team over HTTP, as npm start does.
  chart [team]        Prints a state chart as Mermaid.
  doctor [team.ts]    Says which unfinished runs a team could not continue.

Options:
  --team <team.ts>    The module of the team; with --url, the name of one that is served.
                      Default: the team that npm start serves.
  --db <file>         The database. Default: CADENZA_DB, else cadenza.db.
  --url <url>         Speaks to a server that runs already, instead of opening a database.
  --token <token>     What the server asks for. Default: CADENZA_TOKEN.
  --session <id>      chat: goes on with a conversation.
  --answers <file>    resume: answers from a JSON file, or - for stdin; asks nothing. Either
                      { question id: { field: value } } or [ { "field_name", "query" } ].
                      null in place of { field: value } declines the question.
  --chart <which>     chart: agent (default) or tool_call.
  --inspect           serve: shows the runs in Stately's inspector.
  --json              Prints JSON: one document, for chat a line for each run, for serve a
                      line once it serves.
  --help, --version

Results go to stdout, everything else to stderr. Nothing is asked without a terminal.
Opening a database makes its interrupted runs go on.

Exit codes:
  0  done
  1  failed: the run, the request, or for doctor a run that cannot go on
  2  not begun: the command line, the team or the database cannot be used
  3  the run is kept and not over: input is required, or you left with Ctrl-C or Ctrl-D
  4  the run was cancelled
 70  an error that nobody caught, of a tool or of cadenza: the next command goes on from it`;

/**
 * Reads what was typed after `cadenza`.
 *
 * @throws UsageError
 */
export function readArguments(args: readonly string[]): Typed {
  const { values, positionals } = parsed(args);
  const { help: asksHelp, version, ...given } = values;
  if (asksHelp) return { command: 'about', asks: 'help' };
  if (version) return { command: 'about', asks: 'version' };
  const [command, ...words] = positionals;
  if (command === undefined) throw new UsageError('Name a command. See cadenza --help.');
  if (!isCommand(command)) {
    throw new UsageError(`There is no command "${command}". See cadenza --help.`);
  }
  check(commands[command], words, Object.keys(given) as Option[]);
  if (given.url !== undefined && given.db !== undefined) {
    throw new UsageError('Use --url or --db: a server has a database of its own.');
  }
  return { command, word: words[0], options: given };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\n|\. /);
    throw new UsageError(`${sentence?.replace(/\.?$/, '.')} See cadenza --help.`);
  }
}

function check({ use, takes, words }: CommandUse, given: readonly string[], named: Option[]) {
  const foreign = named.find((name) => !takes.includes(name));
  if (foreign !== undefined) {
    throw new UsageError(`"${use}" takes no --${foreign}. See cadenza --help.`);
  }
  if (given.length < words.min || given.length > words.max) {
    throw new UsageError(`Use: cadenza ${use}. Words that belong together need quotes.`);
  }
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(commands, word);
}
