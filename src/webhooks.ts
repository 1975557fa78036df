/**
 * Tells other systems of notices by HTTP, signed so that they know who speaks, and never in reach of
 * a private network that was not allowed.
 */
import { createHash, createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { DefinitionError } from './errors.ts';
import type { Notice, Target } from './notices.ts';
import { isPrivateAddress } from './private-address.ts';
import type { NoticeType } from './stores/deliveries.ts';

/**
 * An HTTP endpoint that is told of notices, each at least once.
 *
 * It gets a POST as Standard Webhooks 1.0.0 has it (https://www.standardwebhooks.com): the body is
 * `{ type, timestamp, data }`, and the headers are `webhook-id`, which stays the same when a notice
 * is sent again; `webhook-timestamp`, the Unix time of the attempt in seconds; and
 * `webhook-signature`, `v1,` and the base64 of HMAC-SHA256 with the secret over
 * `id.timestamp.body`. `data` says which question or run it is about and what is asked; arguments,
 * answers and content stay behind the API, where `question_id` and `run_id` lead to them.
 *
 * A status of 2xx within 10 seconds is a success. All else is tried again, later and later, up to
 * 10 times. Redirects are not followed. What was not sent yet belongs to the url: it waits while the
 * url is not configured.
 */
export interface Webhook {
  /** `http:` or `https:`, without a user name or password. */
  readonly url: string;
  /**
   * The key of the signature: text, or base64 after `whsec_`; at least 16 bytes. Standard Webhooks
   * asks for 24 to 64 random ones.
   */
  readonly secret: string;
  /** Default: all. */
  readonly events?: readonly NoticeType[];
  /** Whether it may be on this machine or in a private network. Default: false. */
  readonly allowPrivate?: boolean;
}

const everyType: readonly NoticeType[] = ['question.opened', 'question.reminder', 'run.settled'];

const secretMinBytes = 16;

/**
 * A webhook as a target.
 *
 * @throws DefinitionError `webhook_unusable`
 */
export function webhookTarget(webhook: Webhook): Target {
  const { events = everyType, allowPrivate = false } = webhook;
  const url = checkUrl(webhook.url, allowPrivate);
  const key = keyOf(webhook.secret, url.host);
  const unknown = events.find((type) => !everyType.includes(type));
  if (unknown !== undefined || events.length === 0) {
    throw unusable(
      `The webhook at "${url.host}" wants ${unknown === undefined ? 'no events' : `"${unknown}"`}. There are: ${everyType.map((type) => `"${type}"`).join(', ')}.`,
    );
  }
  return {
    // The path of a url is often a secret itself, and names are written into files and errors.
    name: `webhook ${url.host} ${createHash('sha256').update(url.href).digest('hex').slice(0, 12)}`,
    types: [...new Set(events)],
    send: (notice, signal) => {
      const body = Buffer.from(JSON.stringify(bodyOf(notice)));
      return post(url, body, headersOf(notice.id, body, key), allowPrivate, signal);
    },
  };
}

function checkUrl(text: string, allowPrivate: boolean): URL {
  if (!URL.canParse(text)) {
    throw unusable('A webhook has a url that is none. Use an absolute http or https url.');
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw unusable(`The webhook at "${url.host}" is "${url.protocol}". Use http or https.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw unusable(
      `The webhook at "${url.host}" has a user name or password in its url. The signature says who sends: leave them out.`,
    );
  }
  const address = url.hostname.replace(/^\[|\]$/g, '');
  // Of a name this is known only once it is resolved.
  if (!allowPrivate && isIP(address) !== 0 && isPrivateAddress(address)) {
    throw unusable(`${privateSentence(url.host)} Set allowPrivate if it is meant to be.`);
  }
  return url;
}

function keyOf(secret: string, host: string): Buffer {
  const encoded = /^whsec_(.*)$/s.exec(secret)?.[1];
  if (encoded !== undefined && !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    throw unusable(`The secret of the webhook at "${host}" is not base64 after "whsec_".`);
  }
  const key = encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
  if (key.length >= secretMinBytes) return key;
  throw unusable(
    `The secret of the webhook at "${host}" has ${key.length} bytes. Use at least ${secretMinBytes} random ones.`,
  );
}

function unusable(message: string): DefinitionError {
  return new DefinitionError('webhook_unusable', message);
}

function bodyOf(notice: Notice) {
  const timestamp = notice.at.toISOString();
  if (notice.type === 'run.settled') {
    const { status, run } = notice;
    const data = {
      run_id: run.id,
      tenant_id: run.tenantId,
      session_id: run.sessionId,
      team: run.team,
      status,
    };
    return { type: notice.type, timestamp, data };
  }
  const { question } = notice;
  const data = {
    question_id: question.id,
    run_id: question.runId,
    tenant_id: question.tenantId,
    session_id: question.sessionId,
    team: question.team,
    asked_by: question.askedBy,
    tool_name: question.toolName,
    reason: question.reason,
    prompt: question.prompt,
    status: question.status,
    opened_at: question.openedAt.toISOString(),
    ...(question.expiresAt ? { expires_at: question.expiresAt.toISOString() } : {}),
    ...(question.assignee === undefined ? {} : { assignee: question.assignee }),
  };
  return { type: notice.type, timestamp, data };
}

function headersOf(id: string, body: Buffer, key: Buffer): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
  return {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'user-agent': 'Cadenza',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${signature.digest('base64')}`,
  };
}

/** @throws Error unless the answer's status is 2xx */
function post(
  url: URL,
  body: Buffer,
  headers: Record<string, string>,
  allowPrivate: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    method: 'POST',
    headers,
    signal,
    // A connection of its own: one that is kept might be to an address that was not checked.
    agent: false,
    ...(allowPrivate ? {} : { lookup: publicOnly }),
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const { statusCode = 0 } = response;
    // The status says it all. What follows it could be endless.
    response.destroy();
    if (statusCode >= 200 && statusCode < 300) resolve();
    else reject(new Error(`"${url.host}" answered ${statusCode}.`));
  });
  request.end(body);
  return promise;
}

/**
 * Resolves a name as Node does, and refuses it if any of its addresses is private. The connection is
 * made to what is returned here, so a name cannot be checked as one address and used as another.
 */
const publicOnly: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error || !first) return callback(error ?? new Error(`No address of "${hostname}".`), []);
    if (addresses.some(({ address }) => isPrivateAddress(address))) {
      return callback(new Error(privateSentence(hostname)), []);
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function privateSentence(host: string): string {
  return `The webhook at "${host}" is on this machine or in a private network.`;
}
