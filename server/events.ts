/**
 * Streams the events of runs as server-sent events.
 *
 * A stream is a reader of the run's log, so no run waits for it: a client that left is forgotten, one
 * that does not read is dropped, and both come back with `Last-Event-ID` to an unbroken sequence.
 * Every event is a plain `message`, so that `onmessage` of a browser's EventSource gets them all; its
 * type stands in its data. Only an error on the way is named: `event: problem`.
 */
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { EventsOptions, LogEvent, Run, TenantRuntime } from '../src/index.ts';
import { eventBody } from './event-body.ts';
import type { OpenRequests } from './open-requests.ts';
import { prefersAsync } from './prefer.ts';
import { problemBodyOf } from './problems.ts';
import { about } from './requests.ts';
import { newRouter, type Router } from './router.ts';
import { eventStream } from './schemas/events.ts';
import { queryNumber } from './schemas/numbers.ts';
import { problems } from './schemas/problems.ts';
import { streamed } from './stream.ts';
import { runBody } from './wire.ts';

const events = createRoute({
  method: 'get',
  path: '/runs/{id}/events',
  operationId: 'followRun',
  tags: ['Runs'],
  summary: 'Follows a run to its end, as server-sent events',
  description:
    'First the events of its log after the one that is named, then those to come, without a gap or a repeat. A comment tells that the stream is alive.',
  request: {
    params: z.object({ id: z.string().openapi({ description: 'The id of the run.' }) }),
    query: z.strictObject({
      after: queryNumber(0)
        .optional()
        .describe('The number of the last event that you have. Default 0.'),
    }),
    headers: z.object({
      'Last-Event-ID': z
        .string()
        .regex(/^\d{0,15}$/, 'must be a whole number of at most 15 digits')
        .optional()
        .describe('The same; browsers send it when they come back.'),
    }),
  },
  responses: {
    200: { description: 'The events.', content: { 'text/event-stream': { schema: eventStream } } },
    204: { description: 'The run is over and you have its last event: do not come back.' },
    ...problems('body_invalid', 'run_not_found', 'event_unknown', 'too_many_streams'),
  },
});

/** GET /runs/:id/events. */
export function eventRoutes(open: OpenRequests): Router {
  const app = newRouter();
  app.openapi(events, async (c) => {
    const { 'Last-Event-ID': last } = c.req.valid('header');
    const after = Number(last || c.req.valid('query').after || 0);
    const runtime = c.get('runtime');
    const run = await runtime.get(c.req.valid('param').id);
    if (after > run.lastSeq) await checkPlace(runtime, run.id, after);
    const isOver = run.status !== 'working' && run.status !== 'input_required';
    // A browser would come back for ever to a stream that ends; this tells it not to.
    if (isOver && after >= run.lastSeq) return c.body(null, 204);
    open.checkStream(c);
    return stream(c, runtime, run, { after }, open) as never;
  });
  return app;
}

/**
 * Asks for events and reads none, for what the runtime says of the place before the first byte is sent.
 *
 * @throws RequestError `event_unknown`
 */
async function checkPlace(runtime: TenantRuntime, runId: string, after: number): Promise<void> {
  const signal = AbortSignal.abort();
  for await (const _ of runtime.events(runId, { after, signal })) return;
}

/**
 * Answers a request that moves a run, as its client wants it: with the run once it pauses or ends;
 * with `Accept: text/event-stream`, with the events until then; with `Prefer: respond-async`, at once.
 *
 * @param move moves the run, and waits for it to pause or end, or not
 */
export async function answerMoved(
  c: Context,
  runtime: TenantRuntime,
  move: (wait: boolean) => Promise<Run>,
  open: OpenRequests,
): Promise<Response> {
  const place = (run: Run) => `${c.req.path.replace(/\/[^/]*$/, '')}/runs/${run.id}`;
  if (prefersAsync(c)) {
    const run = about(c, await move(false));
    const headers = { Location: place(run), 'Preference-Applied': 'respond-async' };
    return c.json(runBody(run), 202, headers);
  }
  if (/(^|[,\s])text\/event-stream($|[,;\s])/i.test(c.req.header('accept') ?? '')) {
    // Before the run moves: a refusal must change nothing.
    open.checkStream(c);
    const run = about(c, await move(false));
    c.header('Content-Location', `${place(run)}/events`);
    return stream(c, runtime, run, { after: run.lastSeq, until: 'settled' }, open);
  }
  return c.json(runBody(about(c, await move(true))));
}

function stream(
  c: Context,
  runtime: TenantRuntime,
  run: Run,
  following: EventsOptions,
  open: OpenRequests,
): Response {
  const stop = new AbortController();
  const events = runtime.events(run.id, { ...following, signal: stop.signal });
  return streamed(c, framesOf(c, run, events), stop, open);
}

async function* framesOf(c: Context, run: Run, events: AsyncIterable<LogEvent>) {
  try {
    for await (const event of events) {
      yield `id: ${event.seq}\ndata: ${JSON.stringify(eventBody(run, event))}\n\n`;
    }
  } catch (error) {
    yield `event: problem\ndata: ${JSON.stringify(problemBodyOf(c, error))}\n\n`;
  }
}
