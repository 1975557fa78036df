#!/usr/bin/env node
/** `cadenza`: the command line. See `cadenza --help`, or `arguments.ts`. */
import { existsSync, readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { CadenzaProblem } from '../../client/index.ts';
import { DefinitionError, described, RequestError } from '../../src/index.ts';
import { sentenceOf } from '../settings.ts';
import { StartError } from '../start-error.ts';
import { endOnUncaught } from '../uncaught.ts';
import { type Command, help, type Options, readArguments, UsageError } from './arguments.ts';
import type { Connection } from './connection.ts';
import { exitCodes, openTerminal, type Terminal } from './terminal.ts';

async function main(): Promise<number | undefined> {
  const typed = readArguments(process.argv.slice(2));
  if (typed.command !== 'serve') beCommand();
  if (typed.command === 'about') return print(typed.asks === 'help' ? help : version());
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { command, options, word } = typed;
  if (command === 'serve') {
    const { serve } = await import('../serve.ts');
    const { db, inspect = false, json = false } = options;
    // It ends with a signal.
    await serve({ team: word ?? options.team, db, inspect, json });
    return undefined;
  }
  if (command === 'doctor') {
    const [{ doctor }, { databaseOf }] = await Promise.all([
      import('../doctor.ts'),
      import('./connection.ts'),
    ]);
    const { json = false } = options;
    return doctor({ team: word ?? options.team, db: databaseOf(options), json });
  }
  const terminal = openTerminal(options.json ?? false);
  if (command === 'chart') {
    const { chart } = await import('./show.ts');
    await chart(terminal, options, word);
    return exitCodes.done;
  }
  return connected(command, terminal, options, word);
}

/** A command that speaks to runs. */
async function connected(
  command: Exclude<Command, 'serve' | 'doctor' | 'chart'>,
  terminal: Terminal,
  options: Options,
  word: string | undefined,
): Promise<number> {
  const { connect } = await import('./connection.ts');
  const connection = await connect(options, terminal, { creates: command === 'chat' });
  try {
    return await perform(command, connection, terminal, options, word);
  } finally {
    await connection.close();
  }
}

async function perform(
  command: Exclude<Command, 'serve' | 'doctor' | 'chart'>,
  connection: Connection,
  terminal: Terminal,
  options: Options,
  word = '',
): Promise<number> {
  const { chat, resume } = await import('./talk.ts');
  const { questions, show } = await import('./show.ts');
  switch (command) {
    case 'chat':
      return chat(connection, terminal, options, word === '' ? undefined : word);
    case 'resume':
      return resume(connection, terminal, options, word);
    case 'show':
      await show(connection, terminal, word);
      return exitCodes.done;
    case 'questions':
      await questions(connection, terminal);
      return exitCodes.done;
  }
}

function print(text: string): number {
  console.log(text);
  return exitCodes.done;
}

function version(): string {
  const file = findPackageJSON('..', import.meta.url);
  return file === undefined ? 'unknown' : JSON.parse(readFileSync(file, 'utf8')).version;
}

/** What a server does in its own way. */
function beCommand(): void {
  // Whoever reads stdout may have read enough.
  process.stdout.on('error', (error) => {
    if (Object(error).code !== 'EPIPE') throw error;
    process.exit();
  });
  // A terminal that was closed reads nothing, and what is under way is still to be closed.
  process.stderr.on('error', () => undefined);
  // As what fails inside a run is printed: without what anybody said.
  endOnUncaught((error) => console.error('cadenza:', JSON.stringify({ error: described(error) })));
}

/** What keeps a command from beginning. */
const notBegun = [UsageError, StartError, DefinitionError, RequestError];

function codeOf(error: unknown): number {
  return notBegun.some((kind) => error instanceof kind) ? exitCodes.notBegun : exitCodes.failed;
}

main().then(
  (code) => {
    // The rehearsal model and a pipe may keep the process; everything is written by now.
    if (code !== undefined) process.stdout.write('', () => process.exit(code));
  },
  (error: unknown) => {
    console.error(sentenceOf(error, [...notBegun, CadenzaProblem]));
    process.exit(codeOf(error));
  },
);
