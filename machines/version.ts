/**
 * The version of both charts, saved beside every snapshot because XState saves none.
 *
 * Raise it whenever a state, an event that a saved run may still receive, or the shape of a context
 * changes: a run that was saved by another version is refused and kept, never guessed at.
 */
export const chartVersion = 2;

/**
 * How a snapshot becomes one of the next version: pure functions, by the version that they start
 * from. A version that leads nowhere is refused. There is none yet.
 */
export const snapshotMigrations: Readonly<Record<number, (snapshot: unknown) => unknown>> = {};
