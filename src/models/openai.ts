/** Models that are reached by OpenAI's wires, which many other servers speak too. */
import type OpenAI from 'openai';
import type { APIError } from 'openai';
import { RunError } from '../errors.ts';
import { serverAt } from './answered.ts';
import { Breaker } from './breaker.ts';
import { capabilitiesOf } from './capabilities.ts';
import { chatReply } from './chat/driver.ts';
import { chatRequest } from './chat/request.ts';
import type { Wire } from './exchange.ts';
import { firstOf } from './fallback.ts';
import { keyless, keyNotGiven, optionLost, refusalOf, unreachable } from './faults.ts';
import type { Model, ModelRequest, Reply, ReplyOptions } from './model.ts';
import { nodeFetch } from './node-fetch.ts';
import { type OpenAIOptions, type Sampling, samplingOf } from './options.ts';
import { cannotReadReasoning, optionLostBy, type Remedy, remedyFor } from './remedies.ts';
import { responsesReply } from './responses/driver.ts';
import { responsesRequest } from './responses/request.ts';
import { checkPrice, modelUse } from './usage.ts';
import { Watch } from './watch.ts';

/** What is known of a server once it was asked. */
interface Connection {
  readonly package: typeof OpenAI;
  readonly client: OpenAI;
  readonly api: 'responses' | 'chat';
  readonly sampling: Sampling;
}

/**
 * A model that is reached by OpenAI's Responses API or by Chat Completions.
 *
 * @example
 * const model = openai('gpt-5-mini', { reasoning: 'low', fallback: [openai('gpt-4o-mini')] });
 * const local = openai('qwen3', { provider: 'ollama', baseURL: 'http://127.0.0.1:11434/v1' });
 */
export function openai(name: string, options: OpenAIOptions = {}): Model {
  const { fallback = [], price, provider = 'openai' } = options;
  if (price) checkPrice(name, price);
  const capabilities = capabilitiesOf(provider, options.capabilities);
  const remedies = new Set<Remedy>();
  const breaker = new Breaker(name, options.breaker);
  let connection: Promise<Connection> | undefined;

  async function ask(request: ModelRequest, replyOptions: ReplyOptions): Promise<Reply> {
    connection ??= connect(name, options);
    const connected = await connection.catch((error: unknown) => {
      connection = undefined;
      throw error;
    });
    replyOptions.signal.throwIfAborted();
    const { package: sdk, client, api, sampling } = connected;
    const write = api === 'chat' ? chatRequest : responsesRequest;
    // What was left out of this request: a call beside it may teach more meanwhile.
    const known = new Set(remedies);
    const params = write(name, request, sampling, capabilities, known);
    const watch = new Watch(name, replyOptions.signal, options, 'stream' in params);
    const discard: Wire['discard'] = (usage) => {
      if (usage.inputTokens > 0) replyOptions.onDiscarded?.(modelUse(name, usage, price));
    };
    const wire: Wire = { client, model: name, capabilities, watch, discard };
    try {
      const reply = await ('input' in params
        ? responsesReply(wire, params, request, replyOptions)
        : chatReply(wire, params, replyOptions));
      const server = serverAt(client.baseURL);
      const answered = { provider, ...(server ? { server } : {}), ...reply.answered };
      return { ...reply, ...modelUse(name, reply.usage, price), answered };
    } catch (error) {
      watch.check();
      if (error instanceof RunError) throw error;
      if (!(error instanceof sdk.APIError)) throw notSent(error, watch);
      // The environment may have another key by the next try.
      if (error.status === 401 || error.status === 403) connection = undefined;
      const other = remedied(error, params, request, known, replyOptions.onLost);
      if (other === undefined) throw refusalOf(name, error);
      return ask(other, replyOptions);
    } finally {
      watch.end();
    }
  }

  /** The package wraps what an author's `apiKey` throws. */
  function notSent(error: unknown, { hasBegun }: Watch): RunError {
    const { cause } = Object(error);
    return cause instanceof RunError ? cause : unreachable(name, error, hasBegun);
  }

  /** The request as the server may take it after all; undefined if there is none. */
  function remedied(
    error: APIError,
    params: object,
    request: ModelRequest,
    known: ReadonlySet<Remedy>,
    onLost: ReplyOptions['onLost'],
  ): ModelRequest | undefined {
    if (cannotReadReasoning(error)) return withoutReasoning(request);
    const remedy = remedyFor(error, params);
    if (remedy === undefined || known.has(remedy)) return undefined;
    // Once, and remembered: the server will not take it the next time either.
    if (remedies.has(remedy)) return request;
    remedies.add(remedy);
    const option = optionLostBy(remedy, remedies, options);
    if (option) onLost?.(optionLost(name, option, remedy, error));
    return request;
  }

  const reply: Model['reply'] = (request, replyOptions) =>
    breaker.call(urlOf(options) ?? '', replyOptions, () => ask(request, replyOptions));

  return Object.freeze({
    name,
    provider,
    reply: firstOf([{ name, reply }, ...fallback]),
  });
}

/** The same request in neutral form; undefined if it was in neutral form already. */
function withoutReasoning(request: ModelRequest): ModelRequest | undefined {
  let kept = 0;
  const transcript = request.transcript.map((message) => {
    if (message.role === 'user' || !message.verbatim) return message;
    kept += 1;
    const { verbatim, ...neutral } = message;
    return neutral;
  });
  return kept === 0 ? undefined : { ...request, transcript };
}

function urlOf({ baseURL = process.env['OPENAI_BASE_URL'] }: OpenAIOptions): string | undefined {
  return baseURL;
}

async function connect(name: string, options: OpenAIOptions): Promise<Connection> {
  const url = urlOf(options);
  // Servers of your own often want no key, but the package does.
  const apiKey = options.apiKey ?? process.env['OPENAI_API_KEY'] ?? (url ? 'none' : undefined);
  if (!apiKey) throw keyless(name);
  const giveKey = typeof apiKey === 'string' ? apiKey : () => keyFrom(name, apiKey);
  // Loaded at the first call, because it takes longer to load than all the rest.
  const { default: sdk } = await import('openai');
  // Retries and time limits are ours: the package obeys a Retry-After of any length, and its time
  // limit ends with the response's headers.
  const client = new sdk({
    apiKey: giveKey,
    maxRetries: 0,
    timeout: 2_147_483_647,
    logLevel: 'off',
    fetch: options.fetch ?? nodeFetch(options.connectMs),
    ...(url ? { baseURL: url } : {}),
  });
  const api = options.api ?? environmentsApi(url);
  // The environment is read here and not where the model is defined, as that of the wire is.
  return { package: sdk, client, api, sampling: samplingOf(options) };
}

/** @throws RunError `model_unavailable` if there is none now */
async function keyFrom(name: string, give: () => Promise<string>): Promise<string> {
  let key: unknown;
  try {
    key = await give();
  } catch (error) {
    throw keyNotGiven(name, error);
  }
  if (typeof key !== 'string' || key === '') throw keyNotGiven(name);
  return key;
}

function environmentsApi(url: string | undefined): 'responses' | 'chat' {
  const asked = process.env['CADENZA_OPENAI_API'];
  if (asked === 'responses' || asked === 'chat') return asked;
  return url ? 'chat' : 'responses';
}
