/** Plays bytes to a driver: by a real server, or straight into the package's own fetch option. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openai, RunError } from '../../../src/index.ts';
import type { Delta, Model, Reply } from '../../../src/models/model.ts';
import type { OddStream } from './stream.ts';

/** What is played: the pieces of a body, and how it ends. */
export interface Playing {
  readonly type: string;
  readonly pieces: readonly Buffer[];
  readonly ending: 'end' | 'reset';
}

/** How a call ended. */
export type Outcome = { readonly reply: Reply } | { readonly error: RunError };

export const eventStreamType = 'text/event-stream; charset=utf-8';

/** Asks a model once. Anything but a reply and a RunError fails the test. */
export async function outcomeOf(model: Model, onDelta?: (delta: Delta) => void): Promise<Outcome> {
  const request = {
    instructions: '',
    transcript: [{ role: 'user', text: 'Hi' } as const],
    tools: [],
  };
  const { signal } = new AbortController();
  try {
    return { reply: await model.reply(request, { signal, ...(onDelta ? { onDelta } : {}) }) };
  } catch (error) {
    assert.ok(error instanceof RunError, `a RunError, not ${error}`);
    return { error };
  }
}

/** A model that is played what `next` says, without a network. */
export function modelPlaying({ api, capabilities }: OddStream, next: () => Playing): Model {
  return openai('m', {
    api,
    baseURL: 'http://127.0.0.1:1/v1',
    breaker: { failures: Number.POSITIVE_INFINITY },
    ...(capabilities ? { capabilities } : {}),
    fetch: async () => {
      const { type, ...rest } = next();
      const headers = new Headers({ 'content-type': type });
      return { ok: true, status: 200, headers, body: bodyOf(rest) } as unknown as Response;
    },
  });
}

async function* bodyOf({ pieces, ending }: Omit<Playing, 'type'>) {
  yield* pieces;
  if (ending === 'reset') throw new TypeError('terminated');
}

/** A real server that plays what `next` says, whatever it is asked. */
export async function playServer(t: TestContext, next: () => Playing): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => void play(outgoing, next()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`;
}

async function play(outgoing: ServerResponse, { type, pieces, ending }: Playing): Promise<void> {
  outgoing.writeHead(200, { 'content-type': type });
  outgoing.flushHeaders();
  for (const piece of pieces) outgoing.write(piece);
  if (ending === 'end') {
    outgoing.end();
    return;
  }
  // What was written has to arrive before the connection goes.
  await delay(2);
  outgoing.socket?.resetAndDestroy();
}
