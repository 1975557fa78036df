/** What serves the app on Node hands over with each request. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** The request and the answer of Node; some servers nest them. Nothing where there is no server of Node. */
export function bindingsOf(c: Context): Partial<HttpBindings> {
  const env: Partial<HttpBindings> & { readonly server?: HttpBindings } = c.env ?? {};
  return env.server ?? env;
}
