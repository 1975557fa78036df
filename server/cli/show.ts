/** `cadenza show`, `cadenza questions` and `cadenza chart`: what only reads. */
import type { ExplanationBody, QuestionBody, RunBody } from '../../client/index.ts';
import { chartText, machineJson } from '../../src/index.ts';
import { loadTeams } from '../load-teams.ts';
import { type Options, UsageError } from './arguments.ts';
import { linesAbout } from './ask.ts';
import type { Connection } from './connection.ts';
import type { Terminal } from './terminal.ts';

/** How a run stands, and why. */
export async function show(
  { client }: Connection,
  terminal: Terminal,
  runId: string,
): Promise<void> {
  const run = await client.get(runId);
  const why = await client.explain(runId);
  const actors = why.actors.map(({ path, name, state, sentence }) => ({
    path,
    name,
    state,
    sentence,
  }));
  const lines = [...runLines(run), ...whyLines(why), ...openLines(run)];
  terminal.result(lines.join('\n'), { ...run, why: why.sentence, actors });
}

function runLines(run: RunBody): string[] {
  const { run_id, team, status, session_id, user_message, updated_at } = run;
  return [
    `${run_id}  ${status}`,
    `  Team: ${team}`,
    `  Session: ${session_id}`,
    `  Message: ${user_message}`,
    `  Last step: ${updated_at}`,
    ...(run.status === 'completed' ? [`  Result: ${run.final_content}`] : []),
    ...(run.status === 'failed' ? [`  Failed: ${run.error.message}`] : []),
  ];
}

function whyLines(why: ExplanationBody): string[] {
  const depth = (path: string) => '  '.repeat(path === '' ? 1 : 1 + path.split('/').length);
  const actors = why.actors.map(({ path, name, state, sentence }) => {
    return `${depth(path)}${name} [${state}] ${sentence}`;
  });
  return ['', why.sentence, ...actors];
}

function openLines(run: RunBody): string[] {
  if (run.status !== 'working' && run.status !== 'input_required') return [];
  return run.questions.flatMap((question) => ['', ...linesOf(question)]);
}

function linesOf(question: QuestionBody): string[] {
  return [
    ...linesAbout(question),
    ...question.fields.map(({ name, type, label }) => `  ${name} (${type}): ${label}`),
  ];
}

/** The open questions of all runs, oldest first. */
export async function questions({ client }: Connection, terminal: Terminal): Promise<void> {
  const all: QuestionBody[] = [];
  for (let after: string | undefined; ; ) {
    const page = await client.questions(after === undefined ? {} : { after });
    all.push(...page.questions);
    if (page.next === null) break;
    after = page.next;
  }
  const blocks = all.map((question) =>
    [`${question.run_id}  ${question.id}  since ${question.opened_at}`, ...linesOf(question)].join(
      '\n',
    ),
  );
  const text = blocks.length === 0 ? 'No question is open.' : blocks.join('\n\n');
  terminal.result(text, { questions: all });
}

/** A state chart: every agent of every team runs the same two. */
export async function chart(
  terminal: Terminal,
  { team, chart: which = 'agent' }: Options,
  name: string | undefined,
): Promise<void> {
  const { teams } = await loadTeams(team);
  if (name !== undefined && teams.every((one) => one.name !== name)) {
    const known = teams.map((one) => one.name).join(', ');
    throw new UsageError(`There is no team "${name}", but ${known}.`);
  }
  if (which !== 'agent' && which !== 'tool_call') {
    throw new UsageError(`--chart is "${which}". Use agent or tool_call.`);
  }
  const kind = which === 'agent' ? 'agent' : 'toolCall';
  terminal.result(chartText(kind), machineJson(kind));
}
