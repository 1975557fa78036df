/** A run as a caller sees it: a union on `status`, so that each status has just its own fields. */
import type { Question } from './questions/question.ts';
import { shortNames } from './questions/short-form.ts';
import type { Failure } from './stores/events.ts';
import type { ReportRow, RunRow } from './stores/rows.ts';
import type { TenantStore } from './stores/tenant-store.ts';
import { type RunUsage, usageOf } from './usage.ts';

interface RunBase {
  readonly id: string;
  /** Whose run it is; `default` where nobody says. */
  readonly tenantId: string;
  readonly sessionId: string;
  readonly team: string;
  /** The person's message that began it. */
  readonly message: string;
  /** The message's id: what `start` was given, or one made up. */
  readonly messageId: string;
  readonly userId: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The number of the last event of its log, as `events` counts them; 0 before the first. */
  readonly lastSeq: number;
  /** What its models used until now. */
  readonly usage: RunUsage;
}

/** A question that waits for its answer. */
export interface OpenQuestion extends Question {
  /** The name by which the short form of answers can mean each field and no other of the run. */
  readonly shortNames: Readonly<Record<string, string>>;
}

/** What a run stands still for. Nothing is lost: resumed without answers, it tries again at once. */
export interface Stalled {
  readonly code: string;
  readonly message: string;
  readonly since: Date;
  /** When it tries again by itself; undefined if it does so only when it is resumed. */
  readonly retryAt?: Date;
}

/**
 * A run. `input_required` means that only the person can move it. A run that still works may have
 * open questions already; they can be answered at once.
 */
export type Run =
  | (RunBase & {
      readonly status: 'working';
      /** True while it waits for an earlier run of its session to end. */
      readonly queued: boolean;
      /**
       * Why it stands still: a model cannot be had, and nothing else of the run is under way. Its
       * open questions can be answered all the same.
       */
      readonly stalled?: Stalled;
      readonly questions: readonly OpenQuestion[];
    })
  | (RunBase & { readonly status: 'input_required'; readonly questions: readonly OpenQuestion[] })
  | (RunBase & { readonly status: 'completed'; readonly content: string })
  | (RunBase & {
      readonly status: 'failed';
      readonly failure: Failure;
      /** What was done: what the leader said last, else what its members reported, by name. */
      readonly content: string;
    })
  | (RunBase & { readonly status: 'cancelled' });

const unknownFailure: Failure = { code: 'internal_error', message: 'The run failed.' };

/** Reads a run together with its questions, or with what was done before it failed. */
export async function readRun(store: TenantStore, row: RunRow): Promise<Run> {
  const questions = await store.questions(row.tenantId, row.id);
  const isSilent = row.status === 'failed' && !row.content;
  const reports = isSilent ? await store.reports(row.tenantId, row.id, '') : [];
  const usage = usageOf(await store.usageByAgent(row.tenantId, row.id));
  const mayStall = row.status === 'working' && !row.queued;
  const stalled = mayStall ? await stalledOf(store, row) : {};
  return runFrom(row, questions, reports, usage, stalled);
}

async function stalledOf(
  store: TenantStore,
  { tenantId, id }: RunRow,
): Promise<{ readonly stalled?: Stalled }> {
  const stall = await store.stall(tenantId, id);
  if (!stall) return {};
  const { code, message, since, wakeAt } = stall;
  const retryAt = wakeAt === null ? {} : { retryAt: new Date(wakeAt) };
  return { stalled: { code, message, since: new Date(since), ...retryAt } };
}

/** Waits for a run to settle; anew, if its last question was closed while it was read. */
export async function readSettled(
  store: TenantStore,
  runId: string,
  engine: { settled(runId: string): Promise<RunRow> },
): Promise<Run> {
  let before: number | undefined;
  for (;;) {
    const row = await engine.settled(runId);
    const run = await readRun(store, row);
    const isSettled = run.status !== 'working' || row.queued || run.stalled !== undefined;
    if (isSettled || row.revision === before) return run;
    before = row.revision;
  }
}

function runFrom(
  row: RunRow,
  questions: readonly Question[],
  reports: readonly ReportRow[],
  usage: RunUsage,
  stalled: { readonly stalled?: Stalled },
): Run {
  const { id, tenantId, sessionId, team, message, messageId, metadata, status, content, failure } =
    row;
  const userId = row.userId ?? undefined;
  const createdAt = new Date(row.createdAt);
  const updatedAt = new Date(row.updatedAt);
  const lastSeq = row.logLength;
  const who = { tenantId, sessionId, userId };
  const when = { createdAt, updatedAt, lastSeq };
  const base = { id, ...who, team, message, messageId, metadata, ...when, usage };
  switch (status) {
    case 'working':
    case 'input_required': {
      const open = questions
        .filter((one) => one.status === 'open')
        .map((one) => ({ ...one, shortNames: shortNames(one, questions) }));
      // Without one its last question was closed, and the step that takes this up is about to come.
      if (status === 'input_required' && open.length > 0) {
        return { ...base, status, questions: open };
      }
      return { ...base, status: 'working', queued: row.queued, ...stalled, questions: open };
    }
    case 'completed':
      return { ...base, status, content: content ?? '' };
    case 'failed':
      return {
        ...base,
        status,
        failure: failure ?? unknownFailure,
        content: content || reported(reports),
      };
    case 'cancelled':
      return { ...base, status };
  }
}

function reported(reports: readonly ReportRow[]): string {
  const done = reports.filter(({ outcome }) => outcome === 'reported');
  return done.map(({ assignment, text }) => `[${assignment}] ${text}`).join('\n');
}
