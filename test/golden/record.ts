/** Makes golden records: a run of now is played, and the step that continues its wait is kept. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRuntime,
  type OpenQuestion,
  openai,
  type Run,
  type Runtime,
  type Store,
  sqliteStore,
} from '../../src/index.ts';
import type { RunEvent } from '../../src/stores/events.ts';
import type { SavedRun, StepChange } from '../../src/stores/rows.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { type WaitingRun, waitingTeam } from './waiting-runs.ts';

/** A run as it waits, the event that continues it, and what must come of that. */
export interface GoldenRecord {
  readonly chartVersion: number;
  readonly revision: number;
  readonly snapshot: unknown;
  readonly reports: Readonly<Record<string, string>>;
  readonly event: RunEvent;
  readonly expected: Outcome;
}

/** What a step changes, in short. */
export interface Outcome {
  readonly status: string;
  readonly snapshot: unknown;
  readonly effects: readonly string[];
  readonly questions: readonly string[];
  readonly results: readonly string[];
  readonly reports: readonly string[];
}

interface Taken {
  readonly run: SavedRun;
  readonly event: RunEvent;
  readonly change: StepChange | undefined;
}

/** The id that every record's run has. */
export const runId = 'run_0';

export function outcomeOf(change: StepChange | undefined): Outcome {
  assert.ok(change, 'the charts do not take the event');
  return {
    status: change.status,
    snapshot: JSON.parse(change.snapshot),
    effects: change.effects.map((effect) =>
      [
        effect.id,
        effect.kind,
        effect.kind === 'callModel' ? effect.agent : effect.call,
        effect.name,
      ].join(' '),
    ),
    questions: change.questions.map(({ id, call, askedBy, reason }) =>
      [id, reason, call, askedBy].join(' '),
    ),
    results: change.results.map(({ call, source, result }) => `${call} ${source}: ${result}`),
    reports: change.reports.map(({ agent, outcome, text }) => `${agent} ${outcome}: ${text}`),
  };
}

/** Plays a run to its end and keeps the step that ended its wait. */
export async function recordOf(waiting: WaitingRun): Promise<GoldenRecord> {
  const folder = mkdtempSync(join(tmpdir(), 'cadenza-golden-'));
  const model = await startStrictModel({ agents: waiting.agents });
  const taken: Taken[] = [];
  try {
    await play(waiting, model.url, () => recording(sqliteStore(join(folder, 'runs.db')), taken));
    assert.deepEqual(model.refusals, []);
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const [type, nth = 0] = waiting.continuedBy;
  const kept = taken.filter(({ event }) => event.type === type)[nth];
  assert.ok(kept, `There is no step ${nth} of ${type}.`);
  const { run, event, change } = kept;
  const record: GoldenRecord = {
    chartVersion: change?.chartVersion ?? 0,
    revision: run.revision,
    snapshot: run.snapshot && JSON.parse(run.snapshot),
    reports: run.reports,
    event,
    expected: outcomeOf(change),
  };
  return JSON.parse(JSON.stringify(record).replaceAll(run.id.replace('run_', ''), '0'));
}

function recording(store: Store, taken: Taken[]): Store {
  return {
    ...store,
    step: (id, decide) =>
      store.step(id, (run, event) => {
        const change = decide(run, event);
        taken.push({ run, event, change });
        return change;
      }),
  };
}

async function play(waiting: WaitingRun, baseURL: string, open: () => Store): Promise<void> {
  const began = Promise.withResolvers<void>();
  let isFirst = waiting.interrupted === true;
  const work = { began: began.resolve, isFirst: () => isFirst };
  const model = openai('gpt-4o-mini', { baseURL, apiKey: 'test' });
  const teams = [waitingTeam(model, waiting.mode ?? 'coordinate', work)];
  const opened = () => createRuntime({ teams, store: open() });
  let runtime = await opened();
  try {
    const ids: string[] = [];
    const started = runtime.start({ message: 'Trip', sessionId: 'ses_0' });
    if (waiting.interrupted) {
      const cut = started.catch(() => undefined);
      await began.promise;
      isFirst = false;
      await runtime.close({ graceMs: 0 });
      await cut;
      runtime = await opened();
      ids.push(await untilAsked(runtime));
    } else ids.push((await started).id);
    if (waiting.queued) {
      ids.push((await runtime.start({ message: 'Trip', sessionId: 'ses_0' })).id);
    }
    for (const id of ids) await finish(runtime, id);
  } finally {
    await runtime.close({ graceMs: 0 });
  }
}

/** The id of the run that asks what became of its tool, once the start has got that far. */
async function untilAsked(runtime: Runtime): Promise<string> {
  for (;;) {
    const [question] = await runtime.questions({ sessionId: 'ses_0' });
    if (question) return question.runId;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Answers whatever a run asks, one question at a time, until it ends. */
async function finish(runtime: Runtime, id: string): Promise<void> {
  let run: Run = await runtime.resume(id, {});
  while (run.status === 'input_required') {
    const [question] = run.questions;
    assert.ok(question);
    run = await runtime.resume(id, { [question.id]: answerTo(question) });
  }
  assert.equal(run.status, 'completed', JSON.stringify(run));
}

function answerTo({ reason, fields }: OpenQuestion): Record<string, unknown> {
  switch (reason) {
    case 'approval':
      return { approved: true };
    case 'outcome_unknown':
      return { outcome: 'run_it_again' };
    default:
      return Object.fromEntries(fields.map(({ name }) => [name, 'x']));
  }
}
