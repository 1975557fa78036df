/**
 * Keeps other sites off a server that knows no users: a page in your browser can reach this machine,
 * by its name or through a name of its own that leads here.
 */
import type { MiddlewareHandler } from 'hono';
import { problem } from './problems.ts';

const names = ['127.0.0.1', 'localhost', '[::1]'];

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return names.includes(host) || host === '::1';
}

/** Takes requests that are addressed to this machine and come from no other site. */
export const fromThisMachineOnly: MiddlewareHandler = async (c, next) => {
  const host = hostnameOf(`http://${c.req.header('host')}`);
  const origin = c.req.header('origin');
  const foreign = origin !== undefined && !names.includes(hostnameOf(origin));
  if (names.includes(host) && !foreign) return next();
  return problem(c, 'origin_refused', 'This server answers this machine and its own pages only.');
};

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
