/** Reads streams of server-sent events as a client does, and the logs that they come from. */
import type { LogEvent, Runtime } from '../../src/index.ts';
import { misfits } from './contract.ts';

/** An event as the server sends it. */
export interface WireEvent {
  readonly run_id: string;
  readonly seq: number;
  readonly type: string;
  readonly agent: string;
  readonly path: string;
  readonly [key: string]: unknown;
}

/** One frame of a stream: its id, its name, its data; or a comment. */
export interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

/** The frames of a response, one by one. */
export async function* framesOf(response: Response): AsyncGenerator<Frame, void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const frames = rest.split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const lines = frame.split('\n').map((line) => {
        const at = line.indexOf(': ');
        return [at === 0 ? 'comment' : line.slice(0, at), line.slice(at + 2)];
      });
      yield Object.fromEntries(lines);
    }
  }
}

/** Reads a stream to its end, or until so many events came; then the connection is cut. */
export async function readEvents(
  url: string,
  init: RequestInit = {},
  most = Number.POSITIVE_INFINITY,
): Promise<WireEvent[]> {
  const cut = new AbortController();
  const response = await fetch(url, { ...init, signal: cut.signal });
  if (response.status === 204) return [];
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const events: WireEvent[] = [];
  for await (const { id, data } of framesOf(response)) {
    if (data === undefined) continue;
    const event = JSON.parse(data) as WireEvent;
    const unlike = misfits(event, 'components', 'schemas', 'Event');
    if (unlike.length > 0) throw new Error(`${data} is unlike the contract: ${unlike.join('; ')}`);
    if (id !== String(event.seq)) throw new Error(`The frame ${id} has the event ${event.seq}.`);
    events.push(event);
    if (events.length === most) break;
  }
  cut.abort();
  return events;
}

/** The log of a run as it is now. */
export async function logOf(runtime: Runtime, runId: string): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  const { lastSeq } = await runtime.get(runId);
  if (lastSeq === 0) return events;
  for await (const event of runtime.events(runId)) {
    events.push(event);
    if (event.seq === lastSeq) break;
  }
  return events;
}

/** Reads on until the first event of a type. */
export async function untilEvent(
  runtime: Runtime,
  runId: string,
  type: LogEvent['type'],
): Promise<LogEvent> {
  for await (const event of runtime.events(runId)) if (event.type === type) return event;
  throw new Error(`The log has no ${type}.`);
}
