/**
 * Decides what becomes of a model call that brought no reply: another try soon, another try later
 * while the run is stalled, or the end. Nothing waits here: the time lies in the effect's row.
 */
import { DefinitionError, RunError } from '../errors.ts';
import type { ModelFault } from '../models/model.ts';
import type { Effect } from '../stores/rows.ts';
import type { Postponement, Stall } from '../stores/tries.ts';

/** How a model call that met a passing fault is tried again. */
export interface RetryOptions {
  /**
   * The most tries of one call before the run is stalled. Default: 5 where the model cannot be
   * reached, is overloaded or limits the rate, 3 where its answer breaks off or cannot be used, 2
   * where it answers 409; a number here lowers these.
   */
  readonly tries?: number;
  /**
   * The longest wait before the second try, in milliseconds; doubled for each further one, and a
   * random part of it is waited. Default 500.
   */
  readonly firstWaitMs?: number;
  /** Default 30,000. */
  readonly longestWaitMs?: number;
  /** How long a stalled run waits before it tries again by itself; doubled each time. Default 30,000. */
  readonly firstPauseMs?: number;
  /** Default 900,000. */
  readonly longestPauseMs?: number;
}

export type FullRetryOptions = Required<RetryOptions>;

/** What another try may cure. */
type PassingFault = Exclude<ModelFault, 'model_unknown'>;

/** The most tries, by what went wrong. */
const triesOf: Readonly<Record<PassingFault, number>> = {
  unreached: 5,
  overloaded: 5,
  rate_limited: 5,
  cut: 3,
  unusable: 3,
  conflict: 2,
  key_refused: 1,
  account_empty: 1,
  breaker_open: 1,
};

/**
 * A call is given up after so many rounds of tries in a row that each ended in the middle of a reply:
 * the model is there and is paid each time. A model that says nothing at all is waited for.
 */
const brokenMax = 5;

/** A call whose server asks for a longer wait than this stalls its run, in milliseconds. */
const askedMax = 60_000;

/** Nobody is kept waiting longer, whatever the server asks for: 30 days, in milliseconds. */
const longestMs = 2_592_000_000;

/** @throws DefinitionError `limit_unusable` */
export function retriesOf(options: RetryOptions = {}): FullRetryOptions {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new DefinitionError(
      'limit_unusable',
      `A runtime has the retry option ${name} ${value}. Use a whole number from 1.`,
    );
  }
  return Object.freeze({
    tries: 5,
    firstWaitMs: 500,
    longestWaitMs: 30_000,
    firstPauseMs: 30_000,
    longestPauseMs: 900_000,
    ...options,
  });
}

type Later = Omit<Postponement, 'uses'>;

/** What a call comes to that ended in an error: a later try, or its end. */
export type AfterError = { readonly later: Later } | { readonly end: unknown };

/** When a call is tried again that ended in an error, or what it fails with if that would not help. */
export function afterError(error: unknown, effect: Effect, retries: FullRetryOptions): AfterError {
  if (!(error instanceof RunError)) return { end: error };
  const fault = faultOf(error);
  const later = fault && laterOf(error, fault, effect, retries);
  if (!later) return { end: error };
  return (later.stall?.broken ?? 0) < brokenMax ? { later } : { end: alwaysBroken(error) };
}

function alwaysBroken({ code, message, details, cause }: RunError): RunError {
  const what = `${message} Its reply broke off in ${brokenMax} rounds of tries in a row, so it is not asked again.`;
  return new RunError(code, what, details, cause);
}

/** When a call is tried again; undefined if that would not help. */
function laterOf(
  error: RunError,
  fault: PassingFault,
  effect: Effect,
  retries: FullRetryOptions,
): Later | undefined {
  const { firstWaitMs, longestWaitMs, firstPauseMs, longestPauseMs } = retries;
  const askedMs = waitAskedBy(error);
  const { times = 0, broken = 0 } = effect.stall ?? {};
  if (fault === 'key_refused' || fault === 'account_empty') {
    return stalled(error, effect, { waitMs: null, times, broken });
  }
  if (fault === 'breaker_open') {
    // Not at once, all of them, when the time has come. This try was none.
    const waitMs = (askedMs ?? firstPauseMs) * (1 + Math.random() / 10);
    return stalled(error, effect, {
      waitMs,
      times,
      broken,
      tries: effect.tries - 1,
      unusable: effect.unusable,
    });
  }
  if (askedMs !== undefined && askedMs > askedMax) {
    const waitMs = Math.min(askedMs, longestMs);
    return stalled(error, effect, { waitMs, times, broken: 0, isAsked: true });
  }
  const { tries, stall } = effect;
  const unusable = effect.unusable + (fault === 'unusable' ? 1 : 0);
  if (tries < Math.min(triesOf[fault], retries.tries)) {
    const waitMs = Math.random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1));
    const wakeAt = Math.ceil(Date.now() + (askedMs ?? waitMs));
    const log = { type: 'model.retrying', ...toldOf(error, effect), wakeAt } as const;
    return { wakeAt, tries, unusable, stall, log };
  }
  // The model is there, and all it says is of no use: waiting changes nothing.
  if (unusable >= tries) return undefined;
  const waitMs = Math.min(longestPauseMs, firstPauseMs * 2 ** times);
  const hasBroken = fault === 'cut' && error.details['hasBegun'] === true;
  return stalled(error, effect, { waitMs, times: times + 1, broken: hasBroken ? broken + 1 : 0 });
}

/** What went wrong; undefined if another try would not help. */
function faultOf({ code, details }: RunError): PassingFault | undefined {
  const { fault, retryable } = details;
  if (typeof fault === 'string' && Object.hasOwn(triesOf, fault)) return fault as PassingFault;
  if (retryable !== true) return undefined;
  // A driver of your own need not say more.
  return code === 'model_reply_unusable' ? 'unusable' : 'overloaded';
}

/** How long the server asks to wait, in milliseconds. */
function waitAskedBy({ details }: RunError): number | undefined {
  const asked = details['longWaitMs'] ?? details['retryAfterMs'];
  return typeof asked === 'number' && asked > 0 ? asked : undefined;
}

/** Lets the run stall. The next try begins a new round, unless this one was none. */
function stalled(
  error: RunError,
  effect: Effect,
  how: {
    /** Null waits until somebody asks, or the next start. */
    readonly waitMs: number | null;
    readonly times: number;
    readonly broken: number;
    readonly tries?: number;
    readonly unusable?: number;
    readonly isAsked?: boolean;
  },
): Later {
  const { waitMs, times, broken, tries = 0, unusable = 0, isAsked = false } = how;
  const now = Date.now();
  const wakeAt = waitMs === null ? null : Math.ceil(now + waitMs);
  const { code } = error;
  const message = `${error.message} The run is kept: resume it without answers to try again at once.`;
  const since = effect.stall?.since ?? now;
  const stall: Stall = { code, message, since, times, broken, isAsked };
  const log = { type: 'model.stalled', ...toldOf(error, effect), wakeAt } as const;
  return { wakeAt, tries, unusable, stall, log };
}

function toldOf({ code, message }: RunError, { name: agent, path, attempt }: Effect) {
  return { agent, path, attempt, failure: { code, message } };
}
