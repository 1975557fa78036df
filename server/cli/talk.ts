/** `cadenza chat` and `cadenza resume`: messages in, questions asked, results out. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { AnswersBody, ApprovedQueries, RunBody } from '../../client/index.ts';
import { onSignal } from '../signals.ts';
import { type Options, UsageError } from './arguments.ts';
import { linesAbout } from './ask.ts';
import type { Connection } from './connection.ts';
import { type Driving, drive } from './drive.ts';
import { askText, Left } from './prompts.ts';
import { exitCodes, type Terminal } from './terminal.ts';

/** A run that is under way, and what its command was given. */
interface Talk extends Driving {
  readonly options: Options;
}

/** Starts a run; without a message, one after the other in one session. Returns the exit code. */
export async function chat(
  { client }: Connection,
  terminal: Terminal,
  options: Options,
  given: string | undefined,
): Promise<number> {
  using interrupt = interruption();
  const asks = terminal.interactive;
  const talk: Talk = { client, terminal, options, asks, signal: interrupt.signal };
  if (given === undefined && !asks) {
    if (process.stdin.isTTY) throw new UsageError('Give a message: cadenza chat "…"');
    const { code } = await say(talk, (await text(process.stdin)).trimEnd(), options.session);
    return code;
  }
  if (given !== undefined) return (await say(talk, given, options.session)).code;
  terminal.mention('Ctrl-D ends the conversation.');
  let session = options.session;
  for (let code: number = exitCodes.done; ; ) {
    const message = await askText('You:', { declinable: false }).catch(leftAs(undefined));
    if (message === undefined) return code;
    if (message.trim() === '') continue;
    const said = await say(talk, message, session);
    if (said.code === exitCodes.notOver) return said.code;
    ({ code, session } = said);
  }
}

/** One message, to the end of its run. */
async function say(talk: Talk, message: string, session: string | undefined) {
  const { client, options } = talk;
  const body = {
    message,
    ...(session === undefined ? {} : { session_id: session }),
    ...(options.url !== undefined && options.team !== undefined ? { team: options.team } : {}),
  };
  const run = await client.start(body, { wait: false });
  return { code: await goOn(talk, run, 0), session: run.session_id };
}

/** Answers what a run waits for, and goes on with it. Returns the exit code. */
export async function resume(
  { client }: Connection,
  terminal: Terminal,
  options: Options,
  runId: string,
): Promise<number> {
  using interrupt = interruption();
  const asks = terminal.interactive && options.answers === undefined;
  const talk: Talk = { client, terminal, options, asks, signal: interrupt.signal };
  const answers = await answersOf(options.answers);
  const before = await client.get(runId);
  const isStalled = before.status === 'working' && before.stalled !== undefined;
  // No answers at all make a stalled run try again.
  if (answers !== undefined || isStalled)
    await client.resume(runId, answers ?? {}, { wait: false });
  return goOn(talk, await client.get(runId), before.last_seq);
}

async function goOn(talk: Talk, run: RunBody, seen: number): Promise<number> {
  const { terminal } = talk;
  try {
    terminal.mention(`Run ${run.run_id}`);
    return report(talk, await drive(talk, run, seen));
  } catch (error) {
    if (!(error instanceof Left)) throw error;
    terminal.tell('');
    tellHowToResume(talk, run.run_id);
    if (terminal.json) terminal.result('', await talk.client.get(run.run_id));
    return exitCodes.notOver;
  }
}

/** Prints how a run ended, or what it waits for. */
function report(talk: Talk, run: RunBody): number {
  const { terminal } = talk;
  switch (run.status) {
    case 'completed':
      terminal.result(run.final_content, run);
      return exitCodes.done;
    case 'failed':
      if (terminal.json || run.content !== '') terminal.result(run.content, run);
      terminal.tell(`The run failed: ${run.error.message}`);
      return exitCodes.failed;
    case 'cancelled':
      if (terminal.json) terminal.result('', run);
      terminal.tell('The run was cancelled.');
      return exitCodes.cancelled;
    case 'working':
    case 'input_required':
      terminal.result(openText(run), run);
      tellHowToResume(talk, run.run_id);
      return run.status === 'working' ? exitCodes.failed : exitCodes.notOver;
  }
}

function openText({
  message,
  questions,
}: Extract<RunBody, { readonly questions: unknown }>): string {
  if (questions.length === 0) return message;
  return questions
    .flatMap((question) => [
      ...linesAbout(question),
      ...question.fields.map(
        ({ name, type, label }) => `  ${question.id} ${name} (${type}): ${label}`,
      ),
    ])
    .join('\n');
}

function tellHowToResume({ terminal, options }: Talk, runId: string): void {
  const named = (['team', 'db', 'url'] as const).flatMap((name) => {
    const value = options[name];
    if (value === undefined) return [];
    return [
      `--${name}`,
      /^[\w./:@-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`,
    ];
  });
  const isScript = process.env['npm_lifecycle_event'] === 'cadenza';
  const words = [isScript ? 'npm run -s cadenza --' : 'cadenza', 'resume', runId, ...named];
  terminal.tell(`The run is kept. Go on with it: ${words.join(' ')}`);
}

async function answersOf(
  file: string | undefined,
): Promise<AnswersBody | ApprovedQueries | undefined> {
  if (file === undefined) return undefined;
  const named = file === '-' ? 'stdin' : `"${file}"`;
  try {
    const answers = JSON.parse(
      file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8'),
    );
    if (typeof answers === 'object' && answers !== null) return answers;
  } catch (error) {
    throw new UsageError(`The answers in ${named} cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError(`The answers in ${named} are neither an object nor a list.`);
}

/** Ctrl-C while nothing is asked. */
function interruption() {
  const leaving = new AbortController();
  const listenNoMore = onSignal(() => leaving.abort(new Left()));
  return { signal: leaving.signal, [Symbol.dispose]: listenNoMore };
}

function leftAs<T>(value: T) {
  return (error: unknown): T => {
    if (error instanceof Left) return value;
    throw error;
  };
}
