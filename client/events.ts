/**
 * Follows a run to its end over server-sent events. A connection that breaks is made again from the
 * last event that came, so that none is missed and none comes twice.
 */
import { mayPass, pause } from './again.ts';
import type { EventBody } from './bodies.ts';
import type { Send } from './connection.ts';
import { readFrames } from './frames.ts';
import { CadenzaProblem } from './problem.ts';

export interface EventsOptions {
  /** Only what came after the event of this number. Default: from the start. */
  readonly after?: number;
  /** Ends the following; the loop throws its reason. */
  readonly signal?: AbortSignal;
}

/** The server says something at least every 30 seconds; after this time the connection is dead. */
const silenceMs = 45_000;

const ends: readonly EventBody['type'][] = ['run.completed', 'run.failed', 'run.cancelled'];

/** The events of a run until its end. */
export async function* followRun(
  send: Send,
  runId: string,
  { after = 0, signal }: EventsOptions,
): AsyncGenerator<EventBody, void, undefined> {
  const place: Place = { seen: after };
  for (let failed = 0; ; failed += 1) {
    const before = place.seen;
    let reason: unknown;
    try {
      for await (const event of connection(send, runId, place, signal)) {
        yield event;
        if (ends.includes(event.type)) return;
      }
      if (place.isOver) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!place.isAsked || !mayPass(error)) throw error;
      reason = error;
    }
    if (place.seen !== before) failed = 0;
    await pause(failed, reason, signal);
  }
}

interface Place {
  /** The number of the last event. */
  seen: number;
  /** Whether the last connection was asked for; your own `headers` may have failed before. */
  isAsked?: boolean;
  /** Whether the server says that nothing can come any more. */
  isOver?: boolean;
}

/** What one connection brings. */
async function* connection(
  send: Send,
  runId: string,
  place: Place,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventBody, void, undefined> {
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), silenceMs);
  };
  alive();
  place.isAsked = false;
  try {
    const response = await send('GET', `/runs/${encodeURIComponent(runId)}/events`, {
      headers: { accept: 'text/event-stream', 'last-event-id': String(place.seen) },
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
      onSent: () => {
        place.isAsked = true;
      },
    });
    place.isOver = response.status === 204;
    for await (const { event, id, data } of readFrames(response.body, alive)) {
      if (event === 'problem') {
        const problem = JSON.parse(data);
        throw new CadenzaProblem(Number(problem.status), problem);
      }
      if (id !== undefined) place.seen = Number(id);
      yield JSON.parse(data);
    }
  } finally {
    clearTimeout(timer);
  }
}
