/** What is known of who answered, and what they call their answer. Nothing of it is needed later. */
import * as z from 'zod';

/** For whoever watches models: it goes into spans and metrics, and is not kept with the run. */
export interface Answered {
  /** Whose the model is that answered, by the names that OpenTelemetry has for providers. */
  readonly provider?: string;
  /** Where it was asked. */
  readonly server?: { readonly address: string; readonly port: number };
  /** The answer's id, as the server gives it. */
  readonly id?: string;
  /** The model's name, as the server gives it: `gpt-5-mini-2025-08-07` for `gpt-5-mini`. */
  readonly model?: string;
  /** Why the answer ended, in the server's own word. */
  readonly finishReason?: string;
}

/** A name that a server gives: what is longer, or has spaces, may say something, and is none. */
export const givenName = z
  .string()
  .regex(/^[\w.:/@+[\]-]{1,200}$/)
  .nullish()
  .catch(null);

/** What a server says of its answer, without what it does not say. */
export function answeredAs(given: {
  readonly id?: string | null | undefined;
  readonly model?: string | null | undefined;
  readonly finishReason?: string | null | undefined;
}): Answered {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => givenName.parse(value) != null),
  );
}

/** Where a base URL leads; undefined if it is none. */
export function serverAt(baseURL: string): Answered['server'] {
  const url = URL.parse(baseURL);
  if (!url?.hostname) return undefined;
  const port = Number(url.port) || (url.protocol === 'http:' ? 80 : 443);
  // An IPv6 address stands in brackets in a URL only.
  return { address: url.hostname.replace(/^\[|\]$/g, ''), port };
}
