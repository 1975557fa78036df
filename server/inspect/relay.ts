/**
 * Brings messages to whoever looks: a page on this machine that shows Stately's inspector, and any
 * other receiver of its protocol. It listens on loopback only, and to no other site's pages.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { WebSocketServer } from 'ws';
import { isFromThisMachine } from '../loopback.ts';

export interface Relay {
  readonly url: string;
  send(message: StatelyInspectionEvent): void;
  close(): void;
}

/** Of so many actors a receiver that comes late is told; the oldest are forgotten first. */
const actorsMax = 1_000;

/** The site whose inspector the page shows. */
const inspector = 'https://stately.ai';

/** Listens on 127.0.0.1. A receiver first gets every actor in its last state, then what follows. */
export async function startRelay(port: number): Promise<Relay> {
  const actors = new Map<string, StatelyInspectionEvent>();
  const server = createServer(({ headers }, response) => {
    if (!isFromThisMachine(headers.host, headers.origin)) return response.writeHead(403).end();
    return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req: { headers } }: { readonly req: IncomingMessage }) =>
      isFromThisMachine(headers.host, headers.origin),
  });
  sockets.on('connection', (socket) => {
    for (const actor of actors.values()) socket.send(JSON.stringify(actor));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    send(message) {
      keep(actors, message);
      for (const socket of sockets.clients) socket.send(JSON.stringify(message));
    },
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
    },
  };
}

/** What a late receiver is told of an actor: all of its first message, in its last state. */
function keep(actors: Map<string, StatelyInspectionEvent>, message: StatelyInspectionEvent): void {
  const { sessionId } = message;
  if (message.type === '@xstate.actor') {
    actors.set(sessionId, message);
    const [oldest] = actors.keys();
    if (actors.size > actorsMax && oldest !== undefined) actors.delete(oldest);
  }
  const known = actors.get(sessionId);
  if (message.type !== '@xstate.snapshot' || known?.type !== '@xstate.actor') return;
  actors.set(sessionId, { ...known, snapshot: message.snapshot });
}

/** Hands what the relay sends to the inspector in the frame, once that says that it is there. */
const page = `<!doctype html>
<title>Cadenza in Stately's inspector</title>
<style>html, body, iframe { margin: 0; width: 100%; height: 100%; border: 0; display: block }</style>
<iframe src="${inspector}/inspect"></iframe>
<script>
  const frame = document.querySelector('iframe').contentWindow;
  const waiting = [];
  let isThere = false;
  const show = (message) => frame.postMessage(message, '${inspector}');
  addEventListener('message', ({ origin, data }) => {
    if (origin !== '${inspector}' || data?.type !== '@statelyai.connected') return;
    isThere = true;
    waiting.splice(0).forEach(show);
  });
  new WebSocket('ws://' + location.host).onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (isThere) show(message);
    else waiting.push(message);
  };
</script>
`;
