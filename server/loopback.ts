/**
 * Keeps other sites off a server that knows no users: a page in your browser can reach this machine,
 * by its name or through a name of its own that leads here.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { bindingsOf } from './bindings.ts';
import { hostOf, isFromAnotherSite, isOwn, urlOf } from './other-sites.ts';
import { problem } from './problems.ts';

const names = ['127.0.0.1', 'localhost', '[::1]'];

/** What sockets call this machine, also where one takes both kinds of addresses. */
const loopbackAddress = /^(::1|(::ffff:)?127(\.\d+){3})$/;

/** What proxies add, which pass on what others ask. */
const proxyHeader = /^(forwarded|via|x-real-ip|x-forwarded.*)$/;

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return names.includes(host) || host === '::1';
}

const remote =
  'Without `auth` this server answers this machine only, and this request comes from another one. Give createApp() an `auth`, or set CADENZA_TOKEN, to serve others.';

const elsewhere =
  'Without `auth` this server answers what is addressed to this machine, as 127.0.0.1, localhost or [::1]. Give createApp() an `auth`, or set CADENZA_TOKEN, to serve others.';

const foreign =
  "Without `auth` this server answers its own pages only, and this request comes from another site's. Name its origin in createApp()'s `cors` to let it in.";

/**
 * Takes requests that are addressed to this machine, and come from it and from no other site's page.
 * Another port is another site. Who sent a request is known where the server hands over the request of
 * Node; a proxy on this machine is known by the headers that it adds, and by nothing if it adds none.
 *
 * @param origins other sites whose pages may ask
 */
export function fromThisMachineOnly(origins: readonly string[] = []): MiddlewareHandler {
  return async (c, next) => {
    if (!isFromLoopback(c)) return problem(c, 'origin_refused', remote);
    const added = Object.keys(c.req.header()).find((name) => proxyHeader.test(name));
    if (added) return problem(c, 'origin_refused', proxied(added));
    const host = hostOf(c);
    if (!isThisMachine(host)) return problem(c, 'origin_refused', elsewhere);
    if (isFromAnotherSite(c, host, origins)) return problem(c, 'origin_refused', foreign);
    return next();
  };
}

/** A socket without an address is closed already, or is a file that a proxy may have opened. */
function isFromLoopback(c: Context): boolean {
  const { incoming } = bindingsOf(c);
  return !incoming || loopbackAddress.test(incoming.socket.remoteAddress ?? '');
}

function proxied(header: string): string {
  return `Without \`auth\` this server answers this machine only, and a proxy passed this request on (${header}), perhaps for others. Give createApp() an \`auth\`, or set CADENZA_TOKEN; behind a guard of your own, \`auth: () => ({})\` is enough.`;
}

/** Whether a request's headers say that it is addressed to this machine, by no other site's page. */
export function isFromThisMachine(host = '', origin?: string): boolean {
  return isThisMachine(host) && (origin === undefined || isOwn(origin, host));
}

function isThisMachine(host: string): boolean {
  return names.includes(urlOf(`http://${host}`)?.hostname ?? '');
}
