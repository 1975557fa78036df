/**
 * Keeps pages of other sites from asking: a browser sends them with whatever it has for this server, be
 * it a cookie, a password that it remembers, or its place in the network.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { problem } from './problems.ts';

const refused =
  "This request comes from another site's page, and would change something. Name its origin in createApp()'s `cors` to let it in; in front of a page of your own, let the proxy pass on `Host`.";

const reads = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Lets other sites' pages change nothing; what they read, browsers keep from them. Programs are no
 * pages: they send no Origin.
 *
 * @param origins other sites whose pages may ask
 */
export function changedByOwnPagesOnly(origins: readonly string[] = []): MiddlewareHandler {
  return async (c, next) => {
    // What browsers say themselves, and no page can: it holds also where a proxy changes Host.
    const isOwnPage = c.req.header('sec-fetch-site') === 'same-origin';
    const mayChange = isOwnPage || !isFromAnotherSite(c, hostOf(c), origins);
    return mayChange || reads.includes(c.req.method)
      ? next()
      : problem(c, 'origin_refused', refused);
  };
}

/** What a request is addressed to. Without a server there is no header, and the url is what was asked for. */
export function hostOf(c: Context): string {
  return c.req.header('host') ?? new URL(c.req.url).host;
}

/** Whether a page of another site sent a request. Another port is another site. */
export function isFromAnotherSite(c: Context, host: string, origins: readonly string[]): boolean {
  const origin = c.req.header('origin');
  if (origin !== undefined) return !isOwn(origin, host) && !origins.includes(origin);
  // Browsers say this also where they send no Origin; a link from another site may still lead here.
  const site = c.req.header('sec-fetch-site');
  const isLink = reads.includes(c.req.method) && c.req.header('sec-fetch-mode') === 'navigate';
  return (site === 'cross-site' || site === 'same-site') && !isLink;
}

/** Whether an origin is that of the host itself; of what lies before it, TLS may be another's. */
export function isOwn(origin: string, host: string): boolean {
  const from = urlOf(origin);
  if (from?.protocol !== 'http:' && from?.protocol !== 'https:') return false;
  return from.host === urlOf(`${from.protocol}//${host}`)?.host;
}

export function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
