/** The dependencies that a run names, and what becomes of it where one of them is missing. */
import { RequestError } from './errors.ts';
import type { RunRow } from './stores/rows.ts';

/**
 * Refuses to go on with a run that names a dependency which this runtime was not given.
 *
 * @throws RequestError `dependency_missing`
 */
export function checkDependencies(
  { id, dependencies }: Pick<RunRow, 'id' | 'dependencies'>,
  known: Readonly<Record<string, unknown>>,
): void {
  const missing = dependencies.find((name) => !Object.hasOwn(known, name));
  if (missing === undefined) return;
  throw new RequestError(
    'dependency_missing',
    `Run "${id}" uses the dependency "${missing}", which this runtime was not given. The run is unchanged: create the runtime with it, and ask again.`,
  );
}
