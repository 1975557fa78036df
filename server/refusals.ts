/**
 * What is answered where no request gets as far as the app: one that cannot be read, takes too long,
 * or comes on a connection too many. These are problem documents too.
 */
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ProblemCode, problemDocument } from './problems.ts';

/** How long a connection that is refused may take to ask, in milliseconds. */
const askMs = 2_000;

/** So many connections are told that there are too many; more are closed without a word. */
const refusedMax = 100;

/** Tells a client what is wrong with its request, unless another answer is on its way already. */
export function answerUnreadable(server: Server): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, answer) => answers.set(socket, answer));
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket);
    const isAnswering = answer?.headersSent && !answer.writableEnded;
    if (code === 'ECONNRESET' || !socket.writable || isAnswering) return socket.destroy();
    return socket.end(written(...reasonOf(code)), () => socket.destroy());
  });
}

type Reason = readonly [ProblemCode, string];

function reasonOf(code: string | undefined): Reason {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['request_timeout', 'The request did not arrive in time. Nothing was changed.'];
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['headers_too_large', 'The head of the request is too large. Send shorter headers.'];
  return unreadable;
}

const unreadable: Reason = ['request_malformed', 'The request is not HTTP/1.1 as it is written.'];

/** The answer to a request whose target or Host is of no use. */
export function misaddressed(): Response {
  const { headers, body, status } = documented(...unreadable);
  return new Response(body, { status, headers });
}

/**
 * Serves so many connections, and tells those beyond to come again.
 *
 * @param tell is told of each that is refused
 */
export function boundConnections(server: Server, max: number, tell: () => void): void {
  let open = 0;
  const serving = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    if (open >= max) {
      tell();
      return refuse(socket, max);
    }
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    for (const serve of serving) serve.call(server, socket);
  });
  server.maxConnections = max + refusedMax;
  server.on('drop', tell);
}

/**
 * Drops a client that takes nothing of its answer for so long: it is kept in memory until all of it is
 * taken. One that is slow may be.
 */
export function boundReading(server: Server, maxMs: number): void {
  // Before the listener that answers, which may be done at once.
  server.prependListener('request', (_, answer) => {
    answer.once('prefinish', () => answer.setTimeout(maxMs));
  });
}

/** Answers what a connection asks first; an answer before the question would be lost on clients. */
function refuse(socket: Socket, max: number): void {
  const tooLong = setTimeout(() => socket.destroy(), askMs);
  socket.once('close', () => clearTimeout(tooLong));
  socket.on('error', () => undefined);
  socket.once('data', (head) => {
    const [, path] = /^[A-Z]+ (\/[!-~]*)/.exec(head.subarray(0, 2_048).toString('latin1')) ?? [];
    const detail = `${max} connections are open, which is as many as may be. Try again in a moment.`;
    socket.end(written('too_many_connections', detail, path));
    socket.resume();
  });
}

function written(code: ProblemCode, detail: string, path?: string): string {
  const { status, headers, body } = documented(code, detail, path);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}

function documented(code: ProblemCode, detail: string, path = '/') {
  const document = problemDocument(code, detail, path.split('?')[0] ?? path);
  const body = JSON.stringify(document);
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json',
    'Content-Length': `${Buffer.byteLength(body)}`,
    'X-Content-Type-Options': 'nosniff',
    ...(document.retryable ? { 'Retry-After': '1' } : {}),
    Connection: 'close',
  };
  return { status: document.status, headers, body };
}
