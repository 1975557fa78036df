/** How a client wants to be told of a run: by its `Prefer` header (RFC 7240). */
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Run, TenantRuntime } from '../src/index.ts';

/** So many seconds a client may wait for one answer: what stands between may cut off who waits longer. */
const waitMax = 60;

/** The header as a route that moves runs describes it. */
export const asyncHeader = z.object({
  Prefer: z.string().optional().openapi({
    description: 'With `respond-async` the answer comes at once.',
    example: 'respond-async',
  }),
});

/** The header as a route that reads a run describes it. */
export const waitHeader = z.object({
  Prefer: z
    .string()
    .optional()
    .openapi({
      description: `With \`wait=20\` the answer comes when the run pauses, ends or is stalled, or is queued behind another, and after so many seconds, ${waitMax} at most, however it stands.`,
      example: 'wait=20',
    }),
});

export function prefersAsync(c: Context): boolean {
  return /(^|[,;\s])respond-async($|[,;\s])/i.test(c.req.header('prefer') ?? '');
}

/** The seconds that a client wants to wait; undefined if it wants its answer at once. */
export function waitOf(c: Context): number | undefined {
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d+)/i.exec(c.req.header('prefer') ?? '') ?? [];
  return seconds === undefined ? undefined : Math.min(Number(seconds), waitMax);
}

/**
 * Reads a run once it pauses, ends, is stalled or is queued, or once the signal is aborted.
 *
 * @throws RequestError what keeps the run from going on
 */
export async function whenSettled(
  runtime: TenantRuntime,
  runId: string,
  signal: AbortSignal,
): Promise<Run> {
  let run = await runtime.get(runId);
  // One that waits for the person may have an answer that its next step is yet to take.
  while (isAtWork(run) || run.status === 'input_required') {
    const { lastSeq } = run;
    const events = runtime.events(runId, { until: 'settled', after: lastSeq, signal });
    for await (const _ of events);
    run = await runtime.get(runId);
    if (signal.aborted || !isAtWork(run) || run.lastSeq === lastSeq) return run;
  }
  return run;
}

function isAtWork(run: Run): boolean {
  return run.status === 'working' && !run.queued;
}
