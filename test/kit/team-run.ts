/** Short words for runs of teams in this process. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run, Runtime } from '../../src/index.ts';
import { call, type ToolCallTurn } from '../../src/testing/index.ts';
import { openQuestions, type TestRuntime } from './runtime.ts';

/** The id of the open question that an agent asks. */
export function askedBy(run: Run, agent: string): string {
  const found = openQuestions(run).filter(({ askedBy }) => `/${askedBy}`.endsWith(`/${agent}`));
  assert.equal(found.length, 1, `${agent} has ${found.length} open questions`);
  return found[0]?.id ?? '';
}

/** The names of the agents that ask, in order. */
export function askersOf(run: Run): string[] {
  return openQuestions(run)
    .map(({ askedBy }) => askedBy)
    .sort();
}

/** How often the model of an agent was called. */
export function modelCalls({ model }: Pick<TestRuntime, 'model'>, agent: string): number {
  return model.requests.filter((request) => request.agent === agent).length;
}

/** Waits until a run that was queued pauses or ends. */
export async function settled(runtime: Pick<Runtime, 'get'>, runId: string): Promise<Run> {
  for (;;) {
    const run = await runtime.get(runId);
    if (run.status !== 'working') return run;
    await sleep(10);
  }
}

/** The content of a run that completed. */
export function contentOf(run: Run): string {
  assert.equal(run.status, 'completed', JSON.stringify(run));
  return run.status === 'completed' ? run.content : '';
}

/** The failure of a run that failed, and what was done until then. */
export function failureOf(run: Run): { code: string; message: string; content: string } {
  if (run.status !== 'failed') throw new Error(`The run is ${JSON.stringify(run)}.`);
  return { ...run.failure, content: run.content };
}

/** Delegates a task to all members. */
export function delegateToAll(id: string, task = 'task for all'): ToolCallTurn {
  return call('delegate_task_to_members', { task }, id);
}

/** One task of a list: its id, its member, and the tasks that it builds on. */
export type PlannedTask = readonly [id: string, member: string, ...after: string[]];

/** Gives a list of tasks; the text of a task is `do` and its id. */
export function runTasks(id: string, ...tasks: readonly PlannedTask[]): ToolCallTurn {
  const list = tasks.map(([task, member, ...after]) => ({
    id: task,
    member_id: member,
    task: `do ${task}`,
    ...(after.length > 0 ? { depends_on: after } : {}),
  }));
  return call('run_tasks', { tasks: list }, id);
}
