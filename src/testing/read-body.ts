/**
 * Reads the body of an HTTP request as text, within a limit.
 */

import type { IncomingMessage } from 'node:http';
import { bodyTooLarge, unparsableBody } from './refused.ts';

const BODY_BYTES_MAX = 50 * 1024 * 1024;

export async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    else chunks.length = 0;
    // A client that is still sending would miss an early answer, so what is too much is read to its
    // end, unless it is far too much.
    if (bytes > 2 * BODY_BYTES_MAX) incoming.socket.destroy();
  }
  if (bytes > BODY_BYTES_MAX) throw bodyTooLarge(BODY_BYTES_MAX);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw unparsableBody();
  }
}
