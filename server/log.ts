/**
 * What the served process writes down: one JSON line on stderr for each request and each error. It
 * never says what a person, a model or a tool said.
 */
import { type LevelWithSilent, type Logger, pino } from 'pino';
import { described, RunError } from '../src/index.ts';
import type { AnsweredRequest } from './requests.ts';
import { StartError } from './start-error.ts';

const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Routes that machines ask every few seconds. */
const probes: readonly (string | undefined)[] = ['/health', '/ready', '/metrics'];

/** @throws StartError if LOG_LEVEL is no level */
export function createLog(level = process.env['LOG_LEVEL'] || 'info', fd = 2): Logger {
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
    destination(fd),
  );
}

/** What waits for room to be written, at most, in bytes. */
const waitingMax = 1_000_000;

/**
 * Written at once: the last lines before the process ends are the ones that matter. A line that cannot
 * be written, as on a full disk, waits for the next, and ends neither a request nor the process.
 */
function destination(fd: number) {
  const stream = pino.destination({ fd, sync: true, maxLength: waitingMax });
  stream.on('error', () => undefined);
  // A fatal line flushes, which would try for ever what cannot be written.
  stream.flushSync = () => undefined;
  return stream;
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
  // The world's fault ends a run or a stream, as it should; the rest is somebody's to mend.
  const isOurs = !(error instanceof RunError) && Object(error).code !== 'reader_stalled';
  const level = isOurs ? 'error' : 'warn';
  log[level](
    {
      ...named('run_id', runId || undefined),
      ...named('effect_id', effectId),
      ...named('request_id', requestId),
      error: described(error, log.isLevelEnabled('trace')),
    },
    'error',
  );
}

/** An error that ends the process. */
export function logFatal(log: Logger, error: unknown): void {
  log.fatal({ error: described(error, log.isLevelEnabled('trace')) }, 'uncaught');
}

function named(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}
