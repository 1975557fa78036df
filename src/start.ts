/** Checks what a run is started with, and makes room for it in its session. */

import { randomBytes } from 'node:crypto';
import type { Core } from './core.ts';
import type { Agent } from './define/agent.ts';
import { definitionOf } from './define/describe.ts';
import { firstObjection } from './effects/read-reply.ts';
import { RequestError } from './errors.ts';
import { type Known, known as knownAs } from './identity.ts';
import { checkMessageId, checkSessionId } from './ids.ts';
import type { StartOptions } from './runtime-options.ts';
import type { JoinedMessage, NewRun, RunRow } from './stores/rows.ts';
import type { Created } from './stores/tenant-store.ts';
import { shortened } from './text.ts';

/** The longest message, and the longest metadata as JSON, in UTF-16 units. */
const textMax = 100_000;

const joinedMax = 100;

/**
 * A run as it is written, from what `start` was given.
 *
 * @throws RequestError `message_invalid`, `identity_invalid`, `team_unknown`, `dependency_unknown`,
 *   `input_refused`
 * @throws RunError `internal_error` if a guard fails
 */
export async function newRun(
  options: StartOptions,
  me: Known,
  { agents, dependencies: known }: Pick<Core, 'agents' | 'dependencies'>,
): Promise<{ readonly run: NewRun; readonly agent: Agent }> {
  const { message, team = [...agents.keys()][0] ?? '', metadata = {} } = options;
  const { dependencies = [], sessionId = `ses_${randomId()}` } = options;
  const { userId = me.userId ?? null } = options;
  checkMessage(message);
  checkSessionId(sessionId);
  if (options.messageId !== undefined) checkMessageId(options.messageId);
  checkJoined(options.joined ?? []);
  if (userId !== null) knownAs({ userId });
  const agent = agents.get(team);
  if (!agent) throw teamUnknown(team, [...agents.keys()]);
  const missing = dependencies.find((name) => !Object.hasOwn(known, name));
  if (missing !== undefined) {
    throw new RequestError(
      'dependency_unknown',
      `The runtime has no dependency "${shortened(missing)}".`,
    );
  }
  const kept = jsonOf(metadata);
  const objection = await firstObjection(agent.name, agent.inputGuards, message);
  if (objection !== undefined) throw new RequestError('input_refused', objection);
  const id = `run_${randomId()}`;
  const messageId = options.messageId ?? `${id}/user`;
  const definition = definitionOf(agent);
  const what = { team, message, messageId, metadata: kept, dependencies, definition };
  const run = { id, tenantId: me.tenantId, sessionId, userId, ...what };
  return { run, agent };
}

/** The refusal of a team that is not served. */
function teamUnknown(team: string, names: readonly string[]): RequestError {
  const known = names.map((name) => `"${name}"`).join(', ');
  return new RequestError(
    'team_unknown',
    `There is no team "${shortened(team)}". There is: ${known}.`,
    [{ pointer: '/team', message: `must be one of ${known}` }],
  );
}

function randomId(): string {
  return randomBytes(12).toString('hex');
}

function checkMessage(message: string): void {
  const fits =
    message.trim() !== '' &&
    message.length <= textMax &&
    message.isWellFormed() &&
    !message.includes('\0');
  if (fits) return;
  throw new RequestError(
    'message_invalid',
    `The message must be well-formed text of 1 to ${textMax} characters.`,
    [{ pointer: '/message', message: `must be text of 1 to ${textMax} characters` }],
  );
}

function checkJoined(joined: readonly JoinedMessage[]): void {
  for (const { messageId, message } of joined) {
    checkMessageId(messageId);
    checkMessage(message);
  }
  if (joined.length <= joinedMax) return;
  throw new RequestError(
    'message_invalid',
    `At most ${joinedMax} messages may be joined in one; there are ${joined.length}.`,
  );
}

function jsonOf(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const text = written(metadata);
  if (text === undefined) {
    throw new RequestError('message_invalid', 'The metadata cannot be written as JSON.', [
      { pointer: '/metadata', message: 'must be JSON' },
    ]);
  }
  if (text.length <= textMax) return JSON.parse(text);
  throw new RequestError(
    'message_invalid',
    `The metadata must be at most ${textMax} characters as JSON.`,
    [{ pointer: '/metadata', message: `must be at most ${textMax} characters as JSON` }],
  );
}

/** Undefined for a cycle or a bigint, which no JSON can say. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/**
 * Writes a run, by a policy for a session whose run is not over.
 *
 * @param create writes it, or tells why not
 * @param cancel ends a run and resolves when it has ended
 * @returns the run that its message began before, if that is so
 * @throws RequestError `run_paused`, `run_busy`
 */
export async function createInSession(
  create: (whilePaused: 'refuse' | 'queue') => Promise<Created>,
  whilePaused: Agent['whilePaused'],
  cancel: (runId: string) => Promise<unknown>,
): Promise<RunRow | undefined> {
  for (;;) {
    const { inTheWay, known } = await create(whilePaused === 'queue' ? 'queue' : 'refuse');
    if (known || !inTheWay || whilePaused === 'queue') return known;
    if (whilePaused !== 'cancel') throw occupied(inTheWay);
    await cancelled(cancel(inTheWay.id));
  }
}

/** A run that ended by itself meanwhile is out of the way too. */
async function cancelled(ending: Promise<unknown>): Promise<void> {
  try {
    await ending;
  } catch (error) {
    if (!(error instanceof RequestError) || error.code !== 'run_finished') throw error;
  }
}

function occupied({ id, sessionId, status }: RunRow): RequestError {
  return status === 'input_required'
    ? new RequestError(
        'run_paused',
        `Session "${sessionId}" waits for answers to run "${id}". Answer them, or cancel the run.`,
      )
    : new RequestError(
        'run_busy',
        `Session "${sessionId}" is at work on run "${id}". Try again when it has ended.`,
      );
}
