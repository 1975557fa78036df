/** What the doors of front-end protocols share: how a team is named, and how errors are told in a stream. */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type FieldError,
  RequestError,
  type Run,
  RunError,
  shortened,
  type TenantRuntime,
} from '../src/index.ts';
import { errorsMax, HttpError, problemBodyOf } from './problems.ts';

export const teamParam = z.object({
  team: z.string().openapi({ description: 'The name of the team.' }),
});

/** @throws HttpError `team_not_found` */
export function checkTeam({ teams }: Pick<TenantRuntime, 'teams'>, team: string): void {
  if (teams.includes(team)) return;
  const known = teams.map((name) => `"${name}"`).join(', ');
  throw new HttpError(
    'team_not_found',
    `There is no team "${shortened(team)}". There is: ${known}.`,
  );
}

/** What keeps the server from serving for now: any client knows what to do with a 503 or 429. */
const unserved: readonly string[] = [
  'runtime_closed',
  'store_busy',
  'too_many_runs',
  'too_many_tenant_runs',
];

/** What a move comes to, or why it was refused. */
export async function tried<T>(move: () => Promise<T>): Promise<T | RequestError> {
  try {
    return await move();
  } catch (error) {
    if (error instanceof RequestError && !unserved.includes(error.code)) return error;
    throw error;
  }
}

/** An error in words, for a stream; what does not fit is named in them. */
export function toldOf(
  c: Context,
  error: unknown,
): {
  readonly code: string;
  readonly message: string;
  readonly errors: readonly FieldError[];
} {
  if (error instanceof RunError) return { code: error.code, message: error.message, errors: [] };
  const { code, detail } = problemBodyOf(c, error);
  const errors = error instanceof RequestError ? error.errors.slice(0, errorsMax) : [];
  const places = errors
    .map(({ pointer, message }) => `${pointer || 'it'} ${message}`)
    .filter((place) => !detail.includes(place))
    .join('; ');
  return { code, message: places === '' ? detail : `${detail} (${places})`, errors };
}

/** Why a stream ends although its run neither pauses nor ends. */
export function stoppedShort(run: Run): RequestError | RunError {
  if (run.status === 'working' && run.stalled) {
    const { code, message } = run.stalled;
    return new RunError(
      code as RunError['code'],
      `${message} Nothing is lost: run again to go on.`,
    );
  }
  return new RequestError('runtime_closed', 'The server is stopping. Run again to go on.');
}
