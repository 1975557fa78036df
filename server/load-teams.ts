/** Loads the teams that the server serves, and how saved runs migrate to them, from a module. */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Agent, Migrate } from '../src/index.ts';
import { StartError } from './start-error.ts';

/** What a team's module may import though nothing is installed beside it. */
const ours = /^(cadenza|zod)(\/|$)/;

/** What a team's module exports. */
export interface TeamModule {
  readonly teams: readonly Agent[];
  readonly migrate?: Migrate;
}

/**
 * Loads a module's default export: an agent, a team, or an array of them; and its export `migrate`,
 * if it has one. Without a path, the team of this server.
 *
 * @throws StartError if there is no such module, or no team in it
 */
export async function loadTeams(path: string | undefined): Promise<TeamModule> {
  if (path !== undefined && !existsSync(path)) throw new StartError(`There is no "${path}".`);
  registerHooks({
    resolve(specifier, context, next) {
      if (!ours.test(specifier)) return next(specifier, context);
      try {
        return next(specifier, context);
      } catch {
        return next(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
  const loaded: { default?: Agent | readonly Agent[]; migrate?: unknown } =
    path === undefined
      ? await import('./teams/orchestrator-team.ts')
      : await import(pathToFileURL(resolve(path)).href);
  const { default: exported, migrate } = loaded;
  const teams = [exported ?? []].flat() as Agent[];
  const isMigrate = (given: unknown): given is Migrate => typeof given === 'function';
  if (teams.length > 0 && teams.every((team) => Array.isArray(team.members))) {
    return isMigrate(migrate) ? { teams, migrate } : { teams };
  }
  throw new StartError(
    `"${path}" has no default export of a team. Export one: export default defineTeam(…).`,
  );
}
