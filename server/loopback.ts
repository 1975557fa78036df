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
  const foreign = isCrossSite(c.req.header('sec-fetch-site'), c.req.header('sec-fetch-mode'));
  if (!foreign && isFromThisMachine(c.req.header('host'), c.req.header('origin'))) return next();
  return problem(c, 'origin_refused', 'This server answers this machine and its own pages only.');
};

/** Browsers say this also where they send no Origin; a link from another site may still lead here. */
function isCrossSite(site: string | undefined, mode: string | undefined): boolean {
  return site === 'cross-site' && mode !== 'navigate';
}

/** Whether a request's headers say that it is addressed to this machine, by no other site's page. */
export function isFromThisMachine(host: string | undefined, origin: string | undefined): boolean {
  const foreign = origin !== undefined && !names.includes(hostnameOf(origin));
  return names.includes(hostnameOf(`http://${host}`)) && !foreign;
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
