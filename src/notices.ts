/** What hooks and webhooks are told: that a question opened, a reminder of it, that a run settled. */
import type { RunStatus } from '../machines/vocabulary.ts';
import { InvariantError } from './errors.ts';
import type { Question } from './questions/question.ts';
import { type Run, readRun } from './run.ts';
import type { Delivery, NoticeType } from './stores/deliveries.ts';
import type { Store } from './stores/store.ts';

interface NoticeBase {
  /** The same whenever the notice is repeated: whoever has seen it may ignore it. */
  readonly id: string;
  /** When it happened, which may be long before it is told. */
  readonly at: Date;
}

/** A question opened, or has been open for as long as its tool said to remind of it. */
export interface QuestionNotice extends NoticeBase {
  readonly type: 'question.opened' | 'question.reminder';
  /** As it is now; an opened one may have been answered meanwhile. */
  readonly question: Question;
}

/** A run paused or ended. */
export interface SettledNotice extends NoticeBase {
  readonly type: 'run.settled';
  /** What it settled as. */
  readonly status: Exclude<RunStatus, 'working'>;
  /** As it is now; one that paused may have gone on meanwhile. */
  readonly run: Run;
}

export type Notice = QuestionNotice | SettledNotice;

/**
 * Functions of this process that are told of notices. Each is told at least once: a notice is kept
 * until its function has returned, or its promise is fulfilled, within 10 seconds, and tried again
 * after an error, later and later, up to 10 times. Runs never wait for it.
 */
export interface Hooks {
  /** Told of questions that open, and reminded of those that stay open. */
  onQuestion?(notice: QuestionNotice): void | Promise<void>;
  /** Told of runs that pause or end. */
  onSettled?(notice: SettledNotice): void | Promise<void>;
}

/** Somebody who is told of notices. */
export interface Target {
  /** Stays the same over restarts: what it was not told yet is kept under this name. */
  readonly name: string;
  readonly types: readonly NoticeType[];
  /** Rejects if the notice did not arrive; `signal` ends the attempt. */
  send(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** The hooks as one target; undefined if there are none. */
export function hookTarget(hooks: Hooks): Target | undefined {
  const types: NoticeType[] = [
    ...(hooks.onQuestion ? (['question.opened', 'question.reminder'] as const) : []),
    ...(hooks.onSettled ? (['run.settled'] as const) : []),
  ];
  if (types.length === 0) return undefined;
  return {
    name: 'hook',
    types,
    send: async (notice) => {
      if (notice.type === 'run.settled') await hooks.onSettled?.(notice);
      else await hooks.onQuestion?.(notice);
    },
  };
}

/** What a delivery tells of, as it is now. */
export async function noticeOf(store: Store, delivery: Delivery): Promise<Notice> {
  const { id, tenantId, runId } = delivery;
  const at = new Date(delivery.at);
  if (delivery.type !== 'run.settled') {
    const question = await store.question(tenantId, delivery.questionId);
    if (!question) throw new InvariantError(`There is no question "${delivery.questionId}".`);
    return { id, type: delivery.type, at, question };
  }
  const row = await store.runOf(tenantId, runId);
  if (!row) throw new InvariantError(`There is no run "${runId}" for notice "${id}".`);
  const run = await readRun(store, row);
  return { id, type: delivery.type, at, status: delivery.runStatus, run };
}
