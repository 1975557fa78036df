/** What must hold of a run however often its server died. Judged by what the outside saw. */
import type { ModelRequest } from '../../src/testing/index.ts';
import type { CrashRun } from './crash-run.ts';
import { contentOf, receiptOf, report } from './paying-scripts.ts';
import type { Row } from './witness.ts';

/** Everything that is wrong with a run, each in a sentence. */
export function problemsOf(run: CrashRun): string[] {
  const complaints = run.stderr === '' ? [] : [`A server complained: ${run.stderr.slice(0, 500)}`];
  if (run.stuck !== undefined) return [run.stuck, ...complaints];
  return [
    ...ending(run),
    ...deeds(run),
    ...questions(run),
    ...requests(run),
    ...leftovers(run),
    ...complaints,
  ];
}

/** The transcript of a run, without what differs from run to run. */
export function transcriptOf({ rows, client }: CrashRun): string {
  const calls = [...(rows['tool_call'] ?? [])];
  const names = new Map(calls.map((call) => [String(call['path']), String(call['name'])]));
  const who = (path: unknown) => names.get(String(path).split(':')[0] ?? '') ?? 'leader';
  const messages = (rows['message'] ?? []).map((message) => ({
    agent: who(message['agent']),
    seq: message['seq'],
    text: message['text'],
    calls: calls
      .filter((call) => call['agent'] === message['agent'])
      .filter((call) => call['message_seq'] === message['seq'])
      .sort((one, other) => Number(one['position']) - Number(other['position']))
      .map(({ name, arguments: args, result }) => ({ name, args, result })),
  }));
  messages.sort((one, other) => one.agent.localeCompare(other.agent));
  return JSON.stringify(messages, null, 1).replaceAll(client.runId ?? '', 'RUN');
}

function ending({ endings, rows, client, deeds: seen }: CrashRun): string[] {
  const key = seen.find(({ tool }) => tool === 'pay')?.key ?? '';
  const expected = contentOf(receiptOf(key), report);
  const [row, ...others] = rows['run'] ?? [];
  return [
    ...endings
      .filter((body) => body.status !== 'completed' || body.final_content !== expected)
      .map((body) => `The run ended as ${JSON.stringify(body)}.`),
    ...unless(endings.length > 0, 'No end was seen.'),
    ...unless(row?.['id'] === client.runId, `The client's run is not in the database.`),
    ...unless(row?.['status'] === 'completed', `The run's row is ${row?.['status']}.`),
    ...unless(others.length === 0, `One message began ${others.length + 1} runs.`),
  ];
}

function deeds({ deeds: seen, deaths, rows, requests: sent }: CrashRun): string[] {
  const paid = seen.filter(({ tool }) => tool === 'pay');
  const looked = seen.filter(({ tool }) => tool === 'look_up');
  const keys = new Set(seen.map(({ key }) => key));
  const known = (rows['effect'] ?? []).map((effect) => effect['id']);
  const most = 1 + deaths.length;
  const asks = Map.groupBy(sent, (one) => `${one.agent} turn ${one.turn}`);
  return [
    ...unless(paid.length === 1, `pay ran ${paid.length} times.`),
    ...unless(looked.length >= 1 && looked.length <= most, `look_up ran ${looked.length} times.`),
    ...unless(keys.size === 2, `The two calls had ${keys.size} idempotency keys.`),
    ...unless(
      [...keys].every((key) => known.includes(key)),
      'A tool ran with a key that no effect has.',
    ),
    ...[...asks]
      .filter(([, all]) => all.length > most)
      .map(([turn, all]) => `${turn} was asked for ${all.length} times.`),
  ];
}

/**
 * The person is asked whether `pay` did its work exactly once for each time that a death fell between
 * its claim and its delivery. Two deaths may fall into one such time.
 */
function questions({ client, deaths, rows }: CrashRun): string[] {
  const hidden = new Set(
    deaths.filter(({ pay }) => pay?.['status'] === 'running').map(({ pay }) => pay?.['attempt']),
  );
  const stored = rows['question'] ?? [];
  const unknown = stored.filter((one) => one['reason'] === 'outcome_unknown');
  const tools = [...client.asked.values()].map((one) => one.tool_name);
  const { asked, acknowledged } = client;
  return [
    ...unless(
      unknown.length === hidden.size,
      `A crash hid pay ${hidden.size} times, and an outcome was asked for ${unknown.length} times.`,
    ),
    ...unless(stored.length - unknown.length === 1, 'get_user_input did not ask exactly once.'),
    ...unless(
      !tools.includes('look_up'),
      'The person was asked about a tool that may be repeated.',
    ),
    ...stored
      .filter(({ status }) => status !== 'answered')
      .map(({ id, status }) => `Question ${id} is ${status} at the end.`),
    ...stored
      .filter(({ id }) => !acknowledged.has(String(id)))
      .map(({ id }) => `The answer to question ${id} was never acknowledged.`),
    ...unless(asked.size === stored.length, `The client saw ${asked.size} of the questions.`),
  ];
}

function requests({ refusals, requests: sent }: CrashRun): string[] {
  const turns = Map.groupBy(sent, (one) => `${one.agent} turn ${one.turn}`);
  return [
    ...refusals.map(({ status, message }) => `The model refused a request: ${status} ${message}`),
    ...sent.filter((one) => !inCallOrder(one)).map((one) => `${one.agent}: results out of order.`),
    ...[...turns]
      .filter(([, all]) => new Set(all.map((one) => JSON.stringify(one.body))).size > 1)
      .map(([turn]) => `${turn} was asked for again with another request.`),
  ];
}

function inCallOrder({ messages }: ModelRequest): boolean {
  return messages.every((message, index) => {
    if (message.role !== 'assistant') return true;
    return (message.tool_calls ?? []).every(({ id }, position) => {
      const result = messages[index + 1 + position];
      return result?.role === 'tool' && result.tool_call_id === id;
    });
  });
}

/** Nothing may be left that would still move, and nothing that is half done. */
function leftovers({ rows }: CrashRun): string[] {
  const left = (table: string, isDone: (row: Row) => boolean) =>
    (rows[table] ?? [])
      .filter((row) => !isDone(row))
      .map((row) => `Left in ${table}: ${JSON.stringify(row)}.`);
  const log = rows['log'] ?? [];
  const length = rows['run']?.[0]?.['log_length'];
  return [
    ...left('effect', ({ status }) => status === 'done' || status === 'cancelled'),
    ...left('inbox', ({ status }) => status === 'taken'),
    ...left('tool_call', ({ result }) => typeof result === 'string'),
    ...unless(
      log.length === length && log.every(({ seq }, index) => seq === index + 1),
      `The log has ${log.length} entries, the run says ${length}.`,
    ),
  ];
}

function unless(holds: boolean, sentence: string): string[] {
  return holds ? [] : [sentence];
}
