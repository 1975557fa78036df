/**
 * Sends requests by `node:http`. The built-in fetch puts every response through web streams, which
 * costs more than all the rest of a call.
 *
 * The process's own agents are used, so that its proxies and its certificates are.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestPlain,
} from 'node:http';
import { request as requestSecure } from 'node:https';
import { urlToHttpOptions } from 'node:url';

/** Longer errors are not read to their end, in bytes. */
const textMax = 1_048_576;

/** As much of a response as the package and the drivers ask for. */
class NodeResponse {
  readonly status: number;
  readonly ok: boolean;
  readonly url: string;
  readonly headers: Headers;
  readonly body: IncomingMessage;

  constructor(url: string, message: IncomingMessage) {
    this.status = message.statusCode ?? 0;
    this.ok = this.status >= 200 && this.status < 300;
    this.url = url;
    this.headers = headersOf(message);
    this.body = message;
  }

  /** Only errors are read so: the status of one says enough where its text has no end. */
  async text(): Promise<string> {
    const pieces: Buffer[] = [];
    let left = textMax;
    for await (const piece of this.body as AsyncIterable<Buffer>) {
      left -= piece.length;
      if (left < 0) return '';
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString('utf8');
  }
}

/**
 * Makes a fetch that sends texts and follows no redirect.
 *
 * @param connectMs how long a connection may take to be made, its encryption included
 */
export function nodeFetch(connectMs = 10_000): typeof fetch {
  let known: { readonly url: string; readonly options: RequestOptions } | undefined;
  return (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    // A model asks one address all its life.
    if (known?.url !== url) known = { url, options: urlToHttpOptions(new URL(url)) };
    return send(url, known.options, init, connectMs);
  };
}

function send(
  url: string,
  options: RequestOptions,
  init: RequestInit,
  connectMs: number,
): Promise<Response> {
  const { method = 'GET', body, signal } = init;
  const payload = typeof body === 'string' ? body : '';
  const headers: Record<string, string | number> = {
    'content-length': Buffer.byteLength(payload),
  };
  for (const [name, value] of new Headers(init.headers)) headers[name] = value;
  return new Promise((resolve, reject) => {
    const start = options.protocol === 'https:' ? requestSecure : requestPlain;
    const attempt = (isAgain: boolean) => {
      const request = start({ ...options, method, headers }, (message) => {
        resolve(new NodeResponse(url, message) as unknown as Response);
      });
      limitConnecting(request, options.protocol === 'https:', connectMs);
      const sending = new Sending(request, isAgain);
      const stop = () => request.destroy(signal?.reason);
      signal?.addEventListener('abort', stop);
      request.once('error', (error) => {
        if (sending.isSwallowed(error) && !signal?.aborted) attempt(true);
        else reject(error);
      });
      request.once('close', () => signal?.removeEventListener('abort', stop));
      request.end(payload);
    };
    signal?.throwIfAborted();
    attempt(false);
  });
}

/** How long after a request was sent its reset may still be the end of the connection, in milliseconds. */
const swallowedMs = 100;

/**
 * Tells whether a request was never read, so that it may be sent again: the server closed a connection
 * that was kept open just as it was used again. A server closes many at once under load, and each would
 * cost a try.
 *
 * A reset counts as that only on a kept connection, before anything was answered, and within
 * `swallowedMs`: later, the server may have worked, and be paid for it. It counts once: what is sent
 * again goes over a new connection, and the kept ones that come first are closed unused.
 *
 * Source: `request.reusedSocket` in Node's documentation of `http`.
 */
class Sending {
  #isUnsent = false;
  #mayBeSwallowed = false;

  constructor(request: ClientRequest, isAgain: boolean) {
    request.once('socket', () => {
      if (!request.reusedSocket) return;
      if (isAgain) {
        // Nothing is written before this event.
        this.#isUnsent = true;
        request.destroy();
        return;
      }
      this.#mayBeSwallowed = true;
      const over = () => {
        this.#mayBeSwallowed = false;
      };
      // A busy process may hear late of a reset that came in time: what waits is read before.
      const timer = setTimeout(() => setImmediate(over), swallowedMs);
      request.once('close', () => clearTimeout(timer));
      for (const sign of ['information', 'response']) request.once(sign, over);
    });
  }

  isSwallowed({ code }: NodeJS.ErrnoException): boolean {
    if (this.#isUnsent) return true;
    return this.#mayBeSwallowed && (code === 'ECONNRESET' || code === 'EPIPE');
  }
}

/** Gives a host up that does not answer at all, before anything was sent to it. */
function limitConnecting(request: ClientRequest, isSecure: boolean, connectMs: number): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      const what = `No connection was made within ${connectMs} ms.`;
      request.destroy(Object.assign(new Error(what), { code: 'ETIMEDOUT', syscall: 'connect' }));
    }, connectMs);
    const stop = () => clearTimeout(timer);
    socket.once(isSecure ? 'secureConnect' : 'connect', stop);
    request.once('close', stop);
  });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return headers;
}
