/** What a store keeps of notices: who wants to be told of what, and how far each has come. */
import type { RunStatus } from '../../machines/vocabulary.ts';

/** What hooks and webhooks are told of. */
export type NoticeType = 'question.opened' | 'question.reminder' | 'run.settled';

/** A target, by its name, that wants to be told of something. */
export interface Subscription {
  readonly target: string;
  readonly type: NoticeType;
}

interface DeliveryBase {
  /** The notice's id: the same for every target and at every attempt. It holds no full stop. */
  readonly id: string;
  readonly target: string;
  readonly tenantId: string;
  readonly runId: string;
  /** When it happened, as Unix time in milliseconds. */
  readonly at: number;
  /** Counts from 1. */
  readonly attempt: number;
}

/** A notice on its way to one target. */
export type Delivery =
  | (DeliveryBase & {
      readonly type: 'question.opened' | 'question.reminder';
      readonly questionId: string;
    })
  | (DeliveryBase & {
      readonly type: 'run.settled';
      readonly runStatus: Exclude<RunStatus, 'working'>;
    });

/** How an attempt ended. `dead` is never tried again; `nextAt` is Unix time in milliseconds. */
export type DeliveryOutcome =
  | { readonly status: 'done' }
  | { readonly status: 'pending'; readonly nextAt: number; readonly error: string }
  | { readonly status: 'dead'; readonly error: string };
