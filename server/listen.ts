/** The HTTP server around the app: it waits for nobody for long, and for no more than so many. */
import { once } from 'node:events';
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';

export interface ListenOptions {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly port: number;
  readonly host: string;
  /** Open connections; one more is closed as soon as it comes. Default 1,000. */
  readonly connectionsMax?: number;
  /** How long the head of a request may take to arrive, in milliseconds. Default 10,000. */
  readonly headersMs?: number;
  /** How long a request may take to arrive as a whole; its answer takes what it takes. Default 30,000. */
  readonly requestMs?: number;
  /** Told of connections that were closed because there were too many, at most once a minute. */
  readonly onTooMany?: (closed: number) => void;
}

export interface Listening {
  readonly port: number;
  /** Takes no more connections; resolves when every open request was answered, or after `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** How often requests are looked at that take too long to arrive, in milliseconds. */
const lookMs = 1_000;

const minuteMs = 60_000;

/** Listens; rejects if the address cannot be had. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { fetch, port, host, connectionsMax = 1_000 } = options;
  const { headersMs = 10_000, requestMs = 30_000, onTooMany } = options;
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(lookMs, headersMs, requestMs),
    },
  });
  if (!(server instanceof Server)) throw new TypeError('The server must speak HTTP/1.1.');
  server.maxConnections = connectionsMax;
  if (onTooMany) tellOfDropped(server, onTooMany);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async (limitMs) => {
      const answered = new Promise<void>((resolve) => server.close(() => resolve()));
      const tooLong = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
      server.closeIdleConnections();
      await Promise.race([answered, tooLong]);
    },
  };
}

function tellOfDropped(server: Server, tell: (closed: number) => void): void {
  let closed = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  server.on('drop', () => {
    closed += 1;
    if (Date.now() - toldAt < minuteMs) return;
    toldAt = Date.now();
    tell(closed);
    closed = 0;
  });
}
