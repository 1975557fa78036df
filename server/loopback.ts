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

const elsewhere =
  'Without `auth` this server answers what is addressed to this machine, as 127.0.0.1, localhost or [::1]. Give createApp() an `auth`, or set CADENZA_TOKEN, to serve others.';

const foreign =
  "Without `auth` this server answers its own pages only, and this request comes from another site's. Name its origin in createApp()'s `cors` to let it in.";

/**
 * Takes requests that are addressed to this machine and come from no other site's page. Another port
 * is another site.
 *
 * @param origins other sites whose pages may ask
 */
export function fromThisMachineOnly(origins: readonly string[] = []): MiddlewareHandler {
  return async (c, next) => {
    // Without a server there is no header, and the url is what was asked for.
    const host = c.req.header('host') ?? new URL(c.req.url).host;
    if (!isThisMachine(host)) return problem(c, 'origin_refused', elsewhere);
    const origin = c.req.header('origin');
    const isForeign =
      origin === undefined
        ? isFromAnotherSite(c.req.header('sec-fetch-site'), c.req.header('sec-fetch-mode'))
        : !isOwn(origin, host) && !origins.includes(origin);
    return isForeign ? problem(c, 'origin_refused', foreign) : next();
  };
}

/** Browsers say this also where they send no Origin; a link from another site may still lead here. */
function isFromAnotherSite(site: string | undefined, mode: string | undefined): boolean {
  return (site === 'cross-site' || site === 'same-site') && mode !== 'navigate';
}

/** Whether a request's headers say that it is addressed to this machine, by no other site's page. */
export function isFromThisMachine(host = '', origin?: string): boolean {
  return isThisMachine(host) && (origin === undefined || isOwn(origin, host));
}

function isThisMachine(host: string): boolean {
  return names.includes(urlOf(`http://${host}`)?.hostname ?? '');
}

/** Whether an origin is that of the host itself; of what lies before it, TLS may be another's. */
function isOwn(origin: string, host: string): boolean {
  const from = urlOf(origin);
  if (from?.protocol !== 'http:' && from?.protocol !== 'https:') return false;
  return from.host === urlOf(`${from.protocol}//${host}`)?.host;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
