/** A runtime in this process that serves the pausing team, and short words for what it is asked. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { openai, type Question, type Run, type RuntimeOptions } from '../../src/index.ts';
import type { Turn } from '../../src/testing/index.ts';
import { pausingTeam } from '../teams/pauses.ts';
import type { PausingTools } from '../teams/pausing-tools.ts';
import { lastRequest } from './fresh-client.ts';
import { openQuestions, type TestRuntime, testRuntime } from './runtime.ts';

export interface PausingRuntime extends TestRuntime {
  /** What tools wrote down. */
  readonly written: string[];
  /** What a model read as the result of each call, by the call's id. */
  results(agent?: string): Readonly<Record<string, string>>;
}

/** Everything but what the tools write is optional. */
type Options = Omit<Partial<RuntimeOptions>, 'teams' | 'store'> & {
  readonly tools?: Omit<PausingTools, 'write'>;
};

/** Serves the pausing team with scripts, and checks at the end that no model request was refused. */
export async function pausingRuntime(
  t: TestContext,
  agents: Readonly<Record<string, readonly Turn[]>>,
  { tools = {}, ...options }: Options = {},
): Promise<PausingRuntime> {
  const written: string[] = [];
  const write = (line: string) => {
    written.push(line);
  };
  const teams = (baseURL: string) => {
    const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
    return [
      pausingTeam(model, { write, ...tools }),
      pausingTeam(model, { write, ...tools }, { name: 'QueueDesk', whilePaused: 'queue' }),
      pausingTeam(model, { write, ...tools }, { name: 'CancelDesk', whilePaused: 'cancel' }),
    ];
  };
  const kit = await testRuntime(t, agents, teams, options);
  return {
    get runtime() {
      return kit.runtime;
    },
    model: kit.model,
    db: kit.db,
    reported: kit.reported,
    reopen: kit.reopen,
    written,
    results: (agent = 'Desk') => resultsIn(lastRequest(kit.model, agent)),
  };
}

/** The results in the lines of a request, by call id. */
export function resultsIn(lines: readonly string[]): Record<string, string> {
  const found = lines.map((line) => /^tool\[(.*?)\]: ([\s\S]*)$/.exec(line));
  return Object.fromEntries(found.flatMap((match) => (match ? [[match[1], match[2]]] : [])));
}

/** The open question of a call; fails where there is none. */
export function questionOf(run: Run, callId: string): Question {
  const found = openQuestions(run).filter(({ toolCallId }) => toolCallId === callId);
  assert.equal(found.length, 1, `call "${callId}" has ${found.length} open questions`);
  return found[0] as Question;
}

/** The ids of the calls that have an open question, sorted. */
export function openCalls(run: Run): string[] {
  if (run.status !== 'input_required' && run.status !== 'working') return [];
  return run.questions.map(({ toolCallId }) => toolCallId).sort();
}
