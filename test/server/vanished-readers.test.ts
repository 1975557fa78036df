/** Readers that vanish, and readers that never read, cost a server nothing once they are gone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp } from '../kit/app.ts';
import { folderFor } from '../kit/folder.ts';
import { startStrictModel } from '../kit/strict-model.ts';
import { ask } from '../kit/turns.ts';
import { fetchRun, post } from '../kit/wire.ts';

interface Figures {
  readonly descriptors: number;
  readonly heap: number;
}

const isLinux = process.platform === 'linux';

/** The real server with a run that waits, and what its process holds. */
async function watchedServer(t: TestContext) {
  const file = folderFor(t);
  const agents = { Desk: [[ask('q', ...Array.from({ length: 50 }, (_, one) => `city_${one}`))]] };
  const model = await startStrictModel({ agents });
  t.after(() => model.close());
  const app = await startApp({
    team: 'test/teams/pauses.ts',
    db: file('runs.db'),
    model: model.url,
    preload: 'test/kit/tell-figures.ts',
    env: { FIGURES: file('figures'), CADENZA_STREAMS: '2000', CADENZA_CONNECTIONS: '3000' },
  });
  t.after(() => app.kill());
  const { body } = await post(app.url, '/chat', { message: 'x'.repeat(50_000) });
  const figures = async (): Promise<Figures> => {
    const asked = request({ socketPath: file('figures') }).end();
    const [answer] = await once(asked, 'response');
    return (await json(answer)) as Figures;
  };
  return { app, runId: body.run_id, figures };
}

/** Opens streams; each has begun, and is read from no more, or is not read from at all. */
async function streams(url: string, runId: string, count: number, reads: boolean) {
  const { port, hostname, host } = new URL(url);
  const open = async () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`GET /runs/${runId}/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    if (reads) await once(socket, 'data');
    socket.pause();
    return socket;
  };
  const opened: Socket[] = [];
  for (let left = count; left > 0; left -= 100) {
    const some = Array.from({ length: Math.min(left, 100) }, open);
    opened.push(...(await Promise.all(some)));
  }
  return opened;
}

function reset(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.resetAndDestroy();
}

test('1,000 streams that are reset, and 200 that were never read, leave nothing behind', {
  skip: !isLinux,
}, async (t) => {
  const { app, runId, figures } = await watchedServer(t);
  reset(await streams(app.url, runId, 50, true));
  await sleep(500);
  const base = await figures();
  const [read, unread] = await Promise.all([
    streams(app.url, runId, 1_000, true),
    streams(app.url, runId, 200, false),
  ]);
  const full = await figures();
  assert.ok(full.descriptors >= base.descriptors + 1_000, `${full.descriptors} descriptors`);
  assert.equal((await fetchRun(app.url, runId)).status, 'input_required', 'it still answers');
  reset([...read, ...unread]);
  let last = await figures();
  for (let tries = 0; tries < 150 && !isBack(last, base); tries += 1) {
    await sleep(200);
    last = await figures();
  }
  assert.ok(isBack(last, base), `${JSON.stringify(last)} is not ${JSON.stringify(base)}`);
  t.diagnostic(
    `base ${JSON.stringify(base)}, full ${JSON.stringify(full)}, then ${JSON.stringify(last)}`,
  );
});

/** The descriptors to the last one, but for a connection that is kept for the next request. */
function isBack(now: Figures, base: Figures): boolean {
  return now.descriptors <= base.descriptors + 2 && now.heap <= base.heap + 8 * 1_048_576;
}
