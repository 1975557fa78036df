/**
 * A client that knows nothing but TCP: it sees the chunks in which an answer was sent, and how the
 * connection ended.
 */

import { connect } from 'node:net';
import type { ModelServer, Wire } from '../../src/testing/index.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** The body in the pieces in which the server wrote it; one piece where its length was announced. */
  readonly chunks: readonly Buffer[];
  readonly text: string;
  /** `end`: as HTTP wants it. `close`: in the middle. `ECONNRESET`. `open`: the time was over. */
  readonly ending: string;
}

/** Sends a body and listens until the connection ends or the time is over. */
export function rawPost(
  server: ModelServer,
  sent: object,
  { wire = 'chat', forMs = 10_000 }: { wire?: Wire; forMs?: number } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify(sent);
  const head = [
    `POST /v1/${wire === 'chat' ? 'chat/completions' : 'responses'} HTTP/1.1`,
    `Host: ${hostname}`,
    'Authorization: Bearer test',
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    let ending = 'close';
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    });
    const timer = setTimeout(() => {
      ending = 'open';
      socket.destroy();
    }, forMs);
    socket.on('data', (data) => received.push(data));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      ending = error.code ?? error.message;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(readAnswer(Buffer.concat(received), ending));
    });
  });
}

function readAnswer(received: Buffer, ending: string): RawAnswer {
  const border = received.indexOf('\r\n\r\n');
  const [first = '', ...lines] = received.subarray(0, Math.max(border, 0)).toString().split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const [name = '', ...value] = line.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    }),
  );
  const body = border === -1 ? Buffer.alloc(0) : received.subarray(border + 4);
  const length = headers.get('content-length');
  const { chunks, complete } =
    length === undefined
      ? readChunks(body)
      : { chunks: [body], complete: body.length === Number(length) };
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers,
    chunks,
    text: Buffer.concat(chunks).toString(),
    ending: ending === 'close' && complete && first !== '' ? 'end' : ending,
  };
}

function readChunks(body: Buffer): { chunks: Buffer[]; complete: boolean } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = body.indexOf('\r\n', at);
    if (line === -1) return { chunks, complete: false };
    const size = Number.parseInt(body.subarray(at, line).toString(), 16);
    if (size === 0) return { chunks, complete: true };
    chunks.push(body.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}

/** The data of the events of a stream, parsed where it is JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was sent
export function eventsIn(text: string): any[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
}
