/**
 * Writes a stream of events as fast as its client takes it, and no longer than it does. It is written in
 * small pieces: whoever reads slowly takes one after the other, and whoever does not read is noticed.
 */
import type { Context } from 'hono';
import { DeliveryError } from '../src/index.ts';
import { bindingsOf } from './bindings.ts';
import type { OpenRequests } from './open-requests.ts';
import { report } from './problems.ts';

/** So many bytes are written at once. */
const pieceMax = 65_536;

/** Answers with frames as the client takes them; once it is gone, `stop` is aborted. */
export function streamed(
  c: Context,
  frames: AsyncGenerator<string>,
  stop: AbortController,
  open: OpenRequests,
): Response {
  c.header('Content-Type', 'text/event-stream');
  c.header('X-Accel-Buffering', 'no');
  // Of an answer to HEAD nobody reads the body.
  return c.req.method === 'HEAD' ? c.body(null) : c.body(drained(c, frames, stop, open));
}

function drained(
  c: Context,
  frames: AsyncGenerator<string>,
  stop: AbortController,
  open: OpenRequests,
): ReadableStream<Uint8Array> {
  const { stallMs } = open;
  const leave = open.keep(c);
  const said = withHeartbeats(frames, open.heartbeatMs);
  const encoder = new TextEncoder();
  let rest = new Uint8Array();
  let stalled: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(stalled);
    said.stop();
    leave();
    stop.abort();
  };
  const watch = (controller: ReadableStreamDefaultController) => {
    stalled = setTimeout(() => {
      end();
      cutOff(c, controller, stalledReader(stallMs));
    }, stallMs);
  };
  return new ReadableStream<Uint8Array>(
    {
      // It may never be read at all.
      start(controller) {
        watch(controller);
        stalled?.unref();
      },
      // Asked for as soon as the client has taken the piece that was written before.
      async pull(controller) {
        clearTimeout(stalled);
        try {
          if (rest.length === 0) {
            const text = await said.next();
            if (stop.signal.aborted) return;
            if (text === undefined) {
              end();
              return controller.close();
            }
            rest = encoder.encode(text);
          }
          controller.enqueue(rest.subarray(0, pieceMax));
          rest = rest.subarray(pieceMax);
          watch(controller);
        } catch (error) {
          end();
          cutOff(c, controller, error);
        }
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

/** The next frame, or a comment when there is none for so long; undefined after the last. */
function withHeartbeats(frames: AsyncGenerator<string>, heartbeatMs: number) {
  let next: Promise<IteratorResult<string>> | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  return {
    async next(): Promise<string | undefined> {
      next ??= frames.next();
      const silence = new Promise<undefined>((resolve) => {
        heartbeat = setTimeout(resolve, heartbeatMs, undefined);
      });
      const frame = await Promise.race([next, silence]);
      clearTimeout(heartbeat);
      if (!frame) return ': heartbeat\n\n';
      next = undefined;
      return frame.done ? undefined : frame.value;
    },
    stop: () => clearTimeout(heartbeat),
  };
}

function stalledReader(stallMs: number): DeliveryError {
  return new DeliveryError(
    'reader_stalled',
    `The reader of a stream took nothing for ${stallMs} ms and was dropped. It can come back for the rest.`,
  );
}

/**
 * Ends a stream before its end, so that its client notices, and tells of it. Node's connection is closed
 * under it, which gives the body up, too: an error in the body would be printed by whatever serves it,
 * with its stack.
 */
function cutOff(c: Context, controller: ReadableStreamDefaultController, error: unknown): void {
  try {
    report(c, error);
  } catch {
    // Whoever is told may fail too; thrown from a timer, that would end the process.
  }
  const connection: { destroy?: () => void } | undefined = bindingsOf(c).outgoing;
  if (connection?.destroy) connection.destroy();
  else controller.error(error);
}
