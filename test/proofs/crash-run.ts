/**
 * One run of the paying team over servers that die at given boundaries, driven to its end by one
 * client. What happened is told, not judged: that is done by `crash-check.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelRequest, Refusal } from '../../src/testing/index.ts';
import { type App, startApp } from '../kit/app.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import type { WireBody } from '../kit/wire.ts';
import { Client, Stuck } from './crash-client.ts';
import { agents } from './paying-scripts.ts';
import { boundariesIn, type Deed, deedsIn, type Query, type Row, readImage } from './witness.ts';

export interface CrashPlan {
  /** The boundary at which each server dies, counted from 1. One more server follows that lives. */
  readonly crashAt: readonly number[];
  /** Whether the client answers while others are still at work. Default false. */
  readonly eager?: boolean;
  /** Done to the database after each death, to see that a fault is found. */
  readonly sabotage?: (db: string) => void;
}

export interface Death {
  readonly boundary: string;
  /** The effect of `pay` as the file has it, if it has one. */
  readonly pay: Row | undefined;
}

export interface CrashRun {
  readonly plan: CrashPlan;
  readonly deaths: readonly Death[];
  /** The boundaries that each server passed. */
  readonly traces: readonly (readonly string[])[];
  readonly client: Client;
  /** How the client saw the run each time that it saw an end; the last time after the last start. */
  readonly endings: readonly WireBody[];
  readonly deeds: readonly Deed[];
  readonly requests: readonly ModelRequest[];
  readonly refusals: readonly Refusal[];
  /** What the servers complained of. */
  readonly stderr: string;
  /** Why the client gave up, if it did. */
  readonly stuck: string | undefined;
  readonly rows: Readonly<Record<string, readonly Row[]>>;
}

const tables = ['run', 'inbox', 'message', 'tool_call', 'effect', 'question', 'log'];

/** Where one run keeps its files, and what its servers have in common. */
interface Stage {
  readonly file: (name: string) => string;
  readonly model: string;
}

/**
 * Carries out a plan in a folder of its own.
 *
 * @param folder an existing folder
 */
export async function crashRun(folder: string, plan: CrashPlan): Promise<CrashRun> {
  const own = mkdtempSync(join(folder, 'run-'));
  const file = (name: string) => join(own, name);
  const model = await startStrictModel({ agents }, { mayRefuse: true });
  const stage: Stage = { file, model: model.url };
  const client = new Client(() => deedsIn(file('witness')), plan.eager ?? false);
  try {
    const { deaths, endings, stderr, stuck } = await live(stage, plan, client);
    return {
      plan,
      client,
      deaths,
      endings,
      stderr,
      stuck,
      traces: [...plan.crashAt, 0].map((_, index) => boundariesIn(file(`trace-${index}`))),
      deeds: deedsIn(file('witness')),
      requests: model.requests,
      refusals: model.refusals,
      rows: readImage(file('runs.db'), (query) =>
        Object.fromEntries(tables.map((table) => [table, query(`SELECT * FROM ${table}`)])),
      ),
    };
  } finally {
    await model.close();
    rmSync(own, { recursive: true, force: true });
  }
}

async function live(stage: Stage, plan: CrashPlan, client: Client) {
  const deaths: Death[] = [];
  const endings: WireBody[] = [];
  const db = stage.file('runs.db');
  let stderr = '';
  let stuck: string | undefined;
  for (const [index, at] of [...plan.crashAt, undefined].entries()) {
    const trace = stage.file(`trace-${index}`);
    const app = await start(stage, trace, at);
    if (app) {
      stuck = await serve(app, client, at, (body) => endings.push(body));
      stderr += app.stderr();
      if (stuck !== undefined) break;
    }
    const passed = boundariesIn(trace);
    if (passed.length !== at) continue;
    deaths.push({ boundary: passed.at(-1) ?? '', pay: readImage(db, effectOfPay) });
    if (client.seeksItsRun) client.found(readImage(db, runIdOf));
    plan.sabotage?.(db);
  }
  return { deaths, endings, stderr, stuck };
}

/** Starts a server; undefined if it died of its plan before it could be reached. */
async function start(stage: Stage, trace: string, at: number | undefined) {
  try {
    return await startApp({
      team: 'test/teams/paying-team.ts',
      preload: 'test/kit/crash.ts',
      db: stage.file('runs.db'),
      model: stage.model,
      env: {
        // Requests are no complaint; what failed is.
        LOG_LEVEL: 'warn',
        WITNESS: stage.file('witness'),
        CRASH_TRACE: trace,
        ...(at === undefined ? {} : { CRASH_AT: String(at) }),
      },
    });
  } catch (error) {
    if (boundariesIn(trace).length === at) return undefined;
    throw error;
  }
}

/** Drives the client while the server lives. Returns why it gave up, if it did. */
async function serve(
  app: App,
  client: Client,
  at: number | undefined,
  onEnd: (body: WireBody) => void,
): Promise<string | undefined> {
  try {
    onEnd(await client.drive(app.url));
    // The last boundaries lie behind the last answer.
    if (at !== undefined) await within(2_000, app.ended);
    return undefined;
  } catch (error) {
    if (error instanceof Stuck) return error.message;
    const ended = at === undefined ? undefined : await within(5_000, app.ended);
    return ended?.signal === 'SIGKILL' ? undefined : `The connection broke: ${error}`;
  } finally {
    await app.stop();
  }
}

async function within<T>(ms: number, result: Promise<T>): Promise<T | undefined> {
  const patience = new AbortController();
  const late = sleep(ms, undefined, { signal: patience.signal }).catch(() => undefined);
  const first = await Promise.race([result, late]);
  patience.abort();
  return first;
}

function effectOfPay(query: Query): Row | undefined {
  return query(`
    SELECT effect.* FROM effect JOIN tool_call USING (run_id, path)
    WHERE kind = 'runTool' AND tool_call.name = 'pay'`)[0];
}

function runIdOf(query: Query): string | undefined {
  return query('SELECT id FROM run')[0]?.['id'] as string | undefined;
}
