/**
 * Streams the events of runs as server-sent events.
 *
 * A stream is a reader of the run's log, so no run waits for it: a client that left is forgotten, one
 * that does not read is dropped, and both come back with `Last-Event-ID` to an unbroken sequence.
 * Every event is a plain `message`, so that `onmessage` of a browser's EventSource gets them all; its
 * type stands in its data. Only an error on the way is named: `event: problem`.
 */
import { type Context, Hono } from 'hono';
import {
  type EventsOptions,
  type LogEvent,
  RequestError,
  type Run,
  type Runtime,
} from '../src/index.ts';
import { eventBody } from './event-body.ts';
import { problemBodyOf } from './problems.ts';
import { runBody } from './wire.ts';

export interface StreamOptions {
  /** How long a stream may say nothing before it says that it is alive. Default: 15,000. */
  readonly heartbeatMs?: number;
  /** A client that takes nothing for so long is dropped. Default: 15,000. */
  readonly stallMs?: number;
}

/** GET /runs/:id/events. */
export function eventRoutes(runtime: Runtime, options: StreamOptions): Hono {
  const app = new Hono();
  app.get('/runs/:id/events', async (c) => {
    const after = lastSeen(c);
    const run = await runtime.get(c.req.param('id'));
    const isOver = run.status !== 'working' && run.status !== 'input_required';
    // A browser would come back for ever to a stream that ends; this tells it not to.
    if (isOver && after >= run.lastSeq) return c.body(null, 204);
    return stream(c, runtime, run, { after }, options);
  });
  return app;
}

/**
 * Answers a request that moves a run, as its client wants it: with the run once it pauses or ends;
 * with `Accept: text/event-stream`, with the events until then; with `Prefer: respond-async`, at once.
 *
 * @param move moves the run, and waits for it to pause or end, or not
 */
export async function answerMoved(
  c: Context,
  runtime: Runtime,
  move: (wait: boolean) => Promise<Run>,
  options: StreamOptions = {},
): Promise<Response> {
  const place = (run: Run) => `${c.req.path.replace(/\/[^/]*$/, '')}/runs/${run.id}`;
  if (/(^|[,;\s])respond-async($|[,;\s])/i.test(c.req.header('prefer') ?? '')) {
    const run = await move(false);
    const headers = { Location: place(run), 'Preference-Applied': 'respond-async' };
    return c.json(runBody(run), 202, headers);
  }
  if (/(^|[,\s])text\/event-stream($|[,;\s])/i.test(c.req.header('accept') ?? '')) {
    const run = await move(false);
    c.header('Content-Location', `${place(run)}/events`);
    return stream(c, runtime, run, { after: run.lastSeq, until: 'settled' }, options);
  }
  return c.json(runBody(await move(true)));
}

/** @throws RequestError `body_invalid` */
function lastSeen(c: Context): number {
  const [name, text] = c.req.header('last-event-id')
    ? ['Last-Event-ID', c.req.header('last-event-id')]
    : ['after', c.req.query('after')];
  if (!text) return 0;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RequestError(
    'body_invalid',
    `${name} must be the number of an event, or 0. Leave it out to read from the start.`,
    [{ pointer: `/${name}`, message: 'must be a whole number of at most 15 digits' }],
  );
}

function stream(
  c: Context,
  runtime: Runtime,
  run: Run,
  following: EventsOptions,
  options: StreamOptions,
): Response {
  const stop = new AbortController();
  const events = runtime.events(run.id, { ...following, signal: stop.signal });
  const frames = framesOf(c.req.path, run, events);
  return c.body(drained(frames, stop, options), 200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
}

async function* framesOf(path: string, run: Run, events: AsyncIterable<LogEvent>) {
  try {
    for await (const event of events) {
      yield `id: ${event.seq}\ndata: ${JSON.stringify(eventBody(run, event))}\n\n`;
    }
  } catch (error) {
    yield `event: problem\ndata: ${JSON.stringify(problemBodyOf(path, error))}\n\n`;
  }
}

/** A body that is written as fast as its client reads, and no longer than it does. */
function drained(
  frames: AsyncGenerator<string>,
  stop: AbortController,
  { heartbeatMs = 15_000, stallMs = 15_000 }: StreamOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next: Promise<IteratorResult<string>> | undefined;
  let stalled: NodeJS.Timeout | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(stalled);
    clearTimeout(heartbeat);
    stop.abort();
  };
  return new ReadableStream<Uint8Array>(
    {
      // Asked for as soon as the client has taken what was written before.
      async pull(controller) {
        clearTimeout(stalled);
        next ??= frames.next();
        const silence = new Promise<undefined>((resolve) => {
          heartbeat = setTimeout(resolve, heartbeatMs, undefined);
        });
        const frame = await Promise.race([next, silence]);
        clearTimeout(heartbeat);
        if (stop.signal.aborted) return;
        if (frame?.done) {
          end();
          return controller.close();
        }
        if (frame) next = undefined;
        controller.enqueue(encoder.encode(frame ? frame.value : ': heartbeat\n\n'));
        stalled = setTimeout(() => {
          end();
          controller.error(new Error(`A client took nothing for ${stallMs} ms and was dropped.`));
        }, stallMs);
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}
