/** The HTTP server around the app: it waits for nobody for long, and for no more than so many. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { answerUnreadable, boundConnections, boundReading, misaddressed } from './refusals.ts';
import { StartError } from './start-error.ts';

export interface ListenOptions {
  /** @param env tells who is at the other end of the connection, and lets a stream close it */
  readonly fetch: (request: Request, env: HttpBindings) => Response | Promise<Response>;
  readonly port: number;
  readonly host: string;
  /** Open connections; one more is answered 503 and closed. Default 1,000. */
  readonly connectionsMax?: number;
  /** How long the head of a request may take to arrive, in milliseconds. Default 10,000. */
  readonly headersMs?: number;
  /** How long a request may take to arrive as a whole; its answer takes what it takes. Default 30,000. */
  readonly requestMs?: number;
  /** How long a client may take nothing of an answer that is all written. Default 30,000. */
  readonly answerMs?: number;
  /** Told of connections that were refused because there were too many, at most once a minute. */
  readonly onTooMany?: (refused: number) => void;
}

export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Takes no more connections; resolves when every open request was answered, or after `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** How often requests are looked at that take too long to arrive, in milliseconds. */
const lookMs = 1_000;

const minuteMs = 60_000;

/**
 * Listens.
 *
 * @throws StartError if the address cannot be had; Node's own error if the port is taken
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { fetch, port, host, connectionsMax = 1_000 } = options;
  const { headersMs = 10_000, requestMs = 30_000, answerMs = 30_000, onTooMany } = options;
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(lookMs, headersMs, requestMs),
      // Asked for below, where its absence is told as a problem.
      requireHostHeader: false,
    },
    getRequestListener((request, env) => fetch(request, env as HttpBindings), {
      errorHandler: misaddressed,
    }),
  );
  // What clients expect beside 100-continue may be ignored.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  answerUnreadable(server);
  boundReading(server, answerMs);
  boundConnections(server, connectionsMax, told(onTooMany));
  server.listen(port, host);
  await once(server, 'listening').catch((error: unknown) => {
    throw inWords(error, host, port);
  });
  const listening = (server.address() as AddressInfo).port;
  return {
    port: listening,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    close: async (limitMs) => {
      const answered = new Promise<void>((resolve) => server.close(() => resolve()));
      const tooLong = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
      server.closeIdleConnections();
      await Promise.race([answered, tooLong]);
    },
  };
}

function inWords(error: unknown, host: string, port: number): unknown {
  const { code } = Object(error);
  if (code === 'EADDRINUSE') return error;
  return new StartError(
    `The server cannot listen on ${host}, port ${port}: ${code}. Set HOST or PORT to another.`,
    { cause: error },
  );
}

/** Tells of what happens often, at most once a minute. */
function told(tell: (count: number) => void = () => undefined): () => void {
  let count = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return () => {
    count += 1;
    if (Date.now() - toldAt < minuteMs) return;
    toldAt = Date.now();
    tell(count);
    count = 0;
  };
}
