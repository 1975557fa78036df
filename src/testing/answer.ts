/**
 * An answer of HTTP as bytes, and how it is sent: in one piece or as a stream, whole or cut off,
 * at once or haltingly.
 */

import type { ServerResponse } from 'node:http';
import { setTimeout as delay, setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { type Cut, type FaultParts, faultNamed, has } from './fault.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body in the pieces in which it is sent. */
  readonly chunks: readonly Buffer[];
  /** Whether the body comes while it is made, so that its length is not announced. */
  readonly streams: boolean;
}

type Headers = Readonly<Record<string, string>>;

/** JSON, or text where the body is a string. */
export function plainAnswer(status: number, body: unknown, headers: Headers = {}): Answer {
  const isText = typeof body === 'string';
  const payload = isText ? body : JSON.stringify(body);
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    status,
    headers: { 'content-type': type, ...headers },
    chunks: payload === '' ? [] : [Buffer.from(payload)],
    streams: false,
  };
}

export function streamAnswer(frames: readonly string[]): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    chunks: frames.map((frame) => Buffer.from(frame)),
    streams: true,
  };
}

/** Long enough for what was written to arrive before the connection goes. */
const SETTLING_MS = 10;

/**
 * Sends an answer.
 *
 * @throws AbortError when the client leaves while the answer halts
 */
export async function send(
  outgoing: ServerResponse,
  answer: Answer,
  faults: readonly FaultParts[],
  signal: AbortSignal,
): Promise<void> {
  if (outgoing.destroyed) return;
  if (has(faults, 'reset_before_headers')) {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const stall = faultNamed(faults, 'stall');
  if (stall && stall.afterBytes === undefined) await halt(stall.forMs, signal);
  const chunks = rechunked(answer.chunks, faults);
  const total = lengthOf(chunks);
  const cut = faultNamed(faults, 'cut');
  const announcesLength = !answer.streams && (cut?.how ?? 'end') !== 'end';
  outgoing.writeHead(answer.status, {
    ...answer.headers,
    ...(announcesLength || (!answer.streams && !cut) ? { 'content-length': `${total}` } : {}),
  });
  const everyMs = faultNamed(faults, 'drip')?.everyMs;
  let sent = 0;
  for (const chunk of pieced(chunks, [stall?.afterBytes, cut?.afterBytes])) {
    if (sent > 0)
      await (everyMs === undefined ? turnOfTheLoop() : delay(everyMs, null, { signal }));
    if (sent === stall?.afterBytes) await halt(stall.forMs, signal);
    if (sent === cut?.afterBytes) break;
    if (outgoing.destroyed) return;
    outgoing.write(chunk);
    sent += chunk.length;
  }
  if (sent === stall?.afterBytes && sent === total) await halt(stall.forMs, signal);
  if (sent === cut?.afterBytes) await breakOff(outgoing, cut, signal);
  else outgoing.end();
}

async function breakOff(outgoing: ServerResponse, cut: Cut, signal: AbortSignal): Promise<void> {
  if (cut.how === undefined || cut.how === 'end') {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  await delay(SETTLING_MS, undefined, { signal });
  if (cut.how === 'reset') outgoing.socket?.resetAndDestroy();
  else outgoing.destroy();
}

/** Waits for a time, or until the client leaves or the server is closed. */
async function halt(forMs: number | undefined, signal: AbortSignal): Promise<void> {
  if (forMs !== undefined) {
    await delay(forMs, undefined, { signal });
    return;
  }
  signal.throwIfAborted();
  await new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function rechunked(chunks: readonly Buffer[], faults: readonly FaultParts[]): readonly Buffer[] {
  if (has(faults, 'one_chunk')) return [Buffer.concat(chunks)];
  if (has(faults, 'byte_by_byte')) {
    return Array.from(Buffer.concat(chunks), (byte) => Buffer.from([byte]));
  }
  if (!has(faults, 'split_characters')) return chunks;
  const whole = Buffer.concat(chunks);
  const inside: number[] = [];
  // After the first byte of each character that has several.
  for (const [at, byte] of whole.entries()) if (byte >= 0xc0) inside.push(at + 1);
  return pieced([whole], inside);
}

/** The chunks, with borders added at these bytes. */
function pieced(
  chunks: readonly Buffer[],
  borders: readonly (number | undefined)[],
): readonly Buffer[] {
  const sorted = borders.filter((border) => border !== undefined).sort((a, b) => a - b);
  const parts: Buffer[] = [];
  let start = 0;
  let next = 0;
  for (const chunk of chunks) {
    let from = 0;
    for (let border = sorted[next]; border !== undefined; border = sorted[++next]) {
      const at = border - start;
      if (at > chunk.length) break;
      if (at > from) parts.push(chunk.subarray(from, at));
      from = Math.max(from, at);
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    start += chunk.length;
  }
  return parts;
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
