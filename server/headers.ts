/** The headers of every response: what a browser may do with it, and which other sites may read it. */
import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';

/** Which sites' pages may ask, beside those of the server's own origin. */
export interface CorsOptions {
  /** Origins such as `https://app.example.com`; there is no wildcard. */
  readonly origins: readonly string[];
}

/**
 * Nothing may frame, sniff or embed what the server sends; the page and the docs set their own policy.
 * A server behind TLS says so to browsers itself, so no `Strict-Transport-Security` is sent here.
 */
export function guardedHeaders(): MiddlewareHandler {
  return secureHeaders({
    strictTransportSecurity: false,
    xFrameOptions: 'DENY',
    // Settings of browsers that are gone.
    xDownloadOptions: false,
    xXssProtection: false,
    xPermittedCrossDomainPolicies: false,
  });
}

/** No cache on the way keeps an answer for somebody else, unless the answer itself says that it may. */
export function keptByNobody(): MiddlewareHandler {
  return (c, next) => {
    c.header('Cache-Control', 'no-store');
    return next();
  };
}

/** Lets pages of the named origins read answers, with what they need to send and to see. */
export function readableFrom({ origins }: CorsOptions): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowMethods: ['GET', 'POST', 'DELETE'],
    allowHeaders: [
      'Accept',
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'Last-Event-ID',
      'Prefer',
      'X-Request-Id',
    ],
    exposeHeaders: [
      'Content-Location',
      'Idempotency-Replayed',
      'Location',
      'Preference-Applied',
      'Retry-After',
      'X-Request-Id',
    ],
    maxAge: 600,
  });
}
