/** Serves the routes of a runtime in this process, for clients that speak HTTP themselves. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { serve } from '@hono/node-server';
import { type AppOptions, createApp } from '../../server/app.ts';
import type { Runtime } from '../../src/index.ts';

/** @returns the url of the server, which is closed at the end of the test */
export async function serveRuntime(
  t: TestContext,
  runtime: Runtime,
  options: AppOptions = {},
): Promise<string> {
  const server = serve({
    fetch: createApp(runtime, options).fetch,
    port: 0,
    hostname: '127.0.0.1',
  });
  await once(server, 'listening');
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
