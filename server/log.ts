/**
 * What the served process writes down: one JSON line on stderr for each request and each error. It
 * never says what a person, a model or a tool said.
 */
import { type LevelWithSilent, type Logger, pino } from 'pino';
import {
  DefinitionError,
  DeliveryError,
  InvariantError,
  RequestError,
  RunError,
} from '../src/index.ts';
import type { AnsweredRequest } from './requests.ts';
import { StartError } from './start-error.ts';

const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Codes whose sentence was written by an author's check of what somebody said, and may quote it. */
const quoting: readonly string[] = ['input_refused', 'output_refused', 'output_invalid'];

const own = [DefinitionError, DeliveryError, InvariantError, RequestError, RunError];

/** Routes that machines ask every few seconds. */
const probes: readonly (string | undefined)[] = ['/health', '/ready', '/metrics'];

/** @throws StartError if LOG_LEVEL is no level */
export function createLog(level = process.env['LOG_LEVEL'] || 'info'): Logger {
  if (!levels.includes(level)) {
    throw new StartError(`LOG_LEVEL is "${level}". Use one of ${levels.join(', ')}.`);
  }
  return pino(
    {
      level: level as LevelWithSilent,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    // Written at once: the last lines before the process ends are the ones that matter.
    pino.destination({ fd: 2, sync: true }),
  );
}

export function logRequest(
  log: Logger,
  { requestId, method, route, status, ms, runId }: AnsweredRequest,
): void {
  const level = status >= 500 ? 'warn' : probes.includes(route) ? 'debug' : 'info';
  log[level](
    { request_id: requestId, method, route: route ?? null, status, ms, ...named('run_id', runId) },
    'request',
  );
}

/** Where an error happened. */
export interface Where {
  readonly runId?: string;
  readonly effectId?: string;
  readonly requestId?: string;
}

export function logError(log: Logger, error: unknown, where: Where): void {
  const { runId, effectId, requestId } = where;
  // The world's fault ends a run, as it should; the rest is somebody's to mend.
  const level = error instanceof RunError ? 'warn' : 'error';
  log[level](
    {
      ...named('run_id', runId || undefined),
      ...named('effect_id', effectId),
      ...named('request_id', requestId),
      error: described(error, log.isLevelEnabled('debug')),
    },
    'error',
  );
}

/**
 * What may be told of an error. Cadenza's own sentences quote nobody; those of tools and their
 * libraries may quote anything, so of them only the kind and the place are told.
 *
 * @param full tells every sentence, for finding a fault where nothing is secret
 */
function described(error: unknown, full: boolean): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error, ...(full ? { said: error } : {}) };
  const { name, message, stack = '', cause } = error;
  const code: unknown = Object(error).code;
  const isOwn = own.some((kind) => error instanceof kind) && !quoting.includes(String(code));
  return {
    kind: name,
    ...(typeof code === 'string' && /^\w{1,64}$/.test(code) ? { code } : {}),
    ...(isOwn || full ? { message } : {}),
    ...(isOwn && !(error instanceof InvariantError) ? {} : { at: placesIn(stack, message) }),
    ...(cause === undefined ? {} : { cause: described(cause, full) }),
  };
}

/** The lines of a stack below the message, which may look like anything. */
function placesIn(stack: string, message: string): string[] {
  const begin = stack.indexOf(message);
  return (begin === -1 ? '' : stack.slice(begin + message.length))
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 10)
    .map((line) => line.trim().slice('at '.length));
}

function named(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}
