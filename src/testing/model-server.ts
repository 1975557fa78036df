/**
 * A stand-in for OpenAI's API: a real HTTP server on the loopback address that refuses what the
 * API refuses and answers the rest from a script, or by playing the default team.
 *
 * It keeps no conversation. Whatever it answers follows from the request, so any number of
 * processes may use it, and stop and start again.
 */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { plainAnswer, send } from './answer.ts';
import { answerModel, type FaultyAnswer, type ModelBehaviour } from './answer-model.ts';
import { checkOptions } from './check-options.ts';
import type { Strikes } from './fault.ts';
import { readBody } from './read-body.ts';
import { missingKey, Refused, unknownRoute, wrongMethod } from './refused.ts';
import { base62 } from './spoken-turn.ts';
import type { ModelRequest, Wire } from './turn.ts';

export interface ModelServerOptions extends ModelBehaviour {
  /** Default: any free port. */
  readonly port?: number;
  /** `false` keeps no requests and no refusals: for a server that runs for long. Default: `true`. */
  readonly record?: boolean;
  /** `true` lets the process end while the server runs. Default: `false`. */
  readonly unref?: boolean;
}

/** A request that got an error answer which no turn asked for. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly code: string | null;
  /** What was sent: parsed where it is JSON, otherwise its text. */
  readonly body: unknown;
}

export interface ModelServer {
  /** `http://127.0.0.1:PORT/v1`: what `OPENAI_BASE_URL` takes. */
  readonly url: string;
  /** Every request that was accepted, in order. */
  readonly requests: readonly ModelRequest[];
  /** Every request that was refused, and every one that the scripts had no turn for. */
  readonly refusals: readonly Refusal[];
  /** The accepted requests of one agent, in order. */
  requestsOf(agent: string): readonly ModelRequest[];
  /** Stops answering and ends every connection, idle or not. */
  close(): Promise<void>;
}

/** What the routes share while the server runs. */
interface Desk {
  readonly options: ModelServerOptions;
  readonly requests: ModelRequest[];
  readonly refusals: Refusal[];
  readonly strikes: Strikes;
}

type Route = (desk: Desk, text: string, signal: AbortSignal) => Promise<FaultyAnswer>;

const ROUTES: ReadonlyMap<string, { method: string; answer: Route }> = new Map([
  ['/v1/chat/completions', { method: 'POST', answer: modelOn('chat') }],
  ['/v1/responses', { method: 'POST', answer: modelOn('responses') }],
  ['/v1/models', { method: 'GET', answer: listModels }],
]);

/**
 * Starts a model server. A script that has no turn for a request, or one that throws, answers 400,
 * which no client repeats.
 *
 * @throws TypeError for options, faults and turns that there are not
 *
 * @example
 * const server = await startModelServer({ agents: { Greeter: ['Good morning.'] } });
 * const client = new OpenAI({ baseURL: server.url, apiKey: 'any' });
 */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  checkOptions(options);
  const desk: Desk = { options, requests: [], refusals: [], strikes: new WeakMap() };
  const server = createServer((incoming, outgoing) => void serve(desk, incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  if (options.unref) server.unref().on('connection', (socket) => socket.unref());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  let closed: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests: desk.requests,
    refusals: desk.refusals,
    requestsOf: (agent) => desk.requests.filter((request) => request.agent === agent),
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

async function serve(
  desk: Desk,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  // A client that leaves in the middle of an answer is no fault of the server.
  outgoing.on('error', () => gone.abort());
  let text = '';
  try {
    const route = findRoute(incoming);
    text = await readBody(incoming);
    const { answer, faults } = await route(desk, text, gone.signal);
    outgoing.setHeader('x-request-id', requestId());
    await send(outgoing, answer, faults, gone.signal);
  } catch (cause) {
    if (gone.signal.aborted || outgoing.destroyed || incoming.errored) return;
    if (outgoing.headersSent) {
      outgoing.destroy();
      return;
    }
    const refused = cause instanceof Refused ? cause : new Refused(String(cause));
    note(desk, refused, text);
    await send(outgoing, plainAnswer(refused.status, refused.body), [], gone.signal);
  }
}

function note({ options, refusals }: Desk, { status, message, code }: Refused, text: string): void {
  if (options.record === false) return;
  refusals.push({ status, message, code, body: sentBody(text) });
}

function findRoute({ method = 'GET', url = '/', headers }: IncomingMessage): Route {
  const [path = '/'] = url.split('?', 1);
  const route = ROUTES.get(path);
  if (route === undefined) throw unknownRoute(method, path);
  if (route.method !== method) throw wrongMethod(method, path, route.method);
  if (!/^Bearer +\S/i.test(headers.authorization ?? '')) throw missingKey();
  return route.answer;
}

function modelOn(wire: Wire): Route {
  return ({ options, requests, strikes }, text, signal) =>
    answerModel({
      wire,
      text,
      behaviour: options,
      strikes,
      signal,
      accept: (request) => {
        if (options.record !== false) requests.push(request);
      },
    });
}

async function listModels(): Promise<FaultyAnswer> {
  const model = { id: 'gpt-4o-mini', object: 'model', created: 1_721_172_741, owned_by: 'system' };
  return { answer: plainAnswer(200, { object: 'list', data: [model] }), faults: [] };
}

function requestId(): string {
  return `req_${base62(24)}`;
}

function sentBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
