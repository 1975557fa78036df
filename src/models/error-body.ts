/** What a model server's error says, where servers and gateways say it. */

import { isLabel } from '../described.ts';

export interface ErrorBody {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly type?: unknown;
  readonly param?: unknown;
  /** OpenRouter's: its provider's own words in `raw`, and why its moderation flagged the input. */
  readonly metadata?: unknown;
}

/** The error as an object. */
export function bodyOf(error: unknown): ErrorBody {
  if (typeof error === 'string') return { message: error };
  return typeof error === 'object' && error !== null ? error : {};
}

/** All that it says in words. They may quote what was said to the model, so nobody is told them. */
export function wordsOf(body: ErrorBody): string {
  const { raw } = metadataOf(body);
  const own = typeof raw === 'object' ? JSON.stringify(raw) : raw;
  return [body.message, own].filter((text) => typeof text === 'string').join('\n');
}

/**
 * What the server calls its error, for whoever operates it: names only, of plain characters, never its
 * words. The request id is the server's.
 */
export function labelsOf({ code, type, param }: ErrorBody, requestId: unknown) {
  const labels = Object.entries({ code, type, param, requestId })
    .map(([name, value]) => [name, typeof value === 'number' ? String(value) : value])
    .filter(([, value]) => isLabel(value));
  return labels.length === 0 ? {} : { server: Object.fromEntries(labels) };
}

/** Whether what was said is refused, and not who says it: also with the status of a bad key. */
export function isModeration(body: ErrorBody): boolean {
  const { reasons, flagged_input: flagged } = metadataOf(body);
  return body.code === 'content_filter' || Array.isArray(reasons) || typeof flagged === 'string';
}

function metadataOf({ metadata }: ErrorBody): Readonly<Record<string, unknown>> {
  return typeof metadata === 'object' && metadata !== null ? { ...metadata } : {};
}
