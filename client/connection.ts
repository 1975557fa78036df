/** Sends requests to a server, and reads what it answers. */
import { CadenzaProblem } from './problem.ts';

export interface ClientOptions {
  /** Where the routes are mounted: `https://example.org/cadenza`, or `/cadenza` in a browser. */
  readonly baseURL: string;
  /** Default: the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request. A function is asked anew each time, for tokens that expire. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>);
}

type Headers = Readonly<Record<string, string>>;

interface Sent {
  readonly headers?: Headers;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Told when the request is on its way: what fails before fails for reasons of your own. */
  readonly onSent?: () => void;
}

/** Sends a request; resolves with any answer that is 2xx. */
export type Send = (method: string, path: string, sent?: Sent) => Promise<Response>;

/** A way to send requests; what is not 2xx is thrown as a CadenzaProblem. */
export function connect(options: ClientOptions): Send {
  const { baseURL, headers: own = {}, fetch: send = (url, init) => fetch(url, init) } = options;
  const base = baseURL.replace(/\/+$/, '');
  return async (method, path, { headers, body, signal, onSent } = {}) => {
    const always = typeof own === 'function' ? await own() : own;
    const request = {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...always,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    };
    onSent?.();
    const response = await send(base + path, request);
    if (response.ok) return response;
    const retryAfter = response.headers.get('retry-after');
    throw new CadenzaProblem(response.status, await bodyOf(response), retryAfter);
  };
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The part of a URL that asks for what is given. */
export function queryOf(query: Readonly<Record<string, unknown>>): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) given.set(key, String(value));
  }
  return given.size > 0 ? `?${given}` : '';
}
