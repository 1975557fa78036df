/** How a model is reached and asked. */
import type OpenAI from 'openai';
import type { BreakerOptions } from './breaker.ts';
import type { Capabilities, Provider } from './capabilities.ts';
import type { Model } from './model.ts';
import type { Price } from './usage.ts';
import type { CallLimits } from './watch.ts';

export interface OpenAIOptions extends CallLimits {
  /**
   * Which of OpenAI's wires is spoken. Default: the environment's CADENZA_OPENAI_API; else
   * `responses` for OpenAI itself, and `chat` where a base URL is set.
   */
  readonly api?: 'responses' | 'chat';
  /**
   * The key, or what gives one: it is asked before each request, so it may give tokens that expire, as
   * Azure's Entra ID does. Default: the environment's OPENAI_API_KEY, read at the first call, and again
   * after the key was refused.
   */
  readonly apiKey?: string | (() => Promise<string>);
  /** Default: the environment's OPENAI_BASE_URL, else OpenAI itself. */
  readonly baseURL?: string;
  /** Whose server it is: a preset of what it takes. Default `openai`. */
  readonly provider?: Provider;
  /** What differs from the preset. */
  readonly capabilities?: Partial<Capabilities>;
  /** How hard the model thinks; no model knows all of these. Default: as the provider has it. */
  readonly reasoning?: NonNullable<OpenAI.ReasoningEffort>;
  /** Default: as the provider has it. */
  readonly temperature?: number;
  /**
   * The most tokens of one reply. Default: as the provider has it. The Responses API takes 16 at
   * least.
   */
  readonly maxOutputTokens?: number;
  /** Whether one reply may hold several calls. Several are taken either way. */
  readonly parallelToolCalls?: boolean;
  /**
   * False asks for replies in one piece, for servers that cannot stream. Default: false where the
   * environment's CADENZA_OPENAI_STREAM is `false`, else true.
   */
  readonly stream?: boolean;
  /** Sends the requests: for a proxy or certificates of your own. Default: the one of `node:http`. */
  readonly fetch?: typeof fetch;
  /**
   * Until there is a connection, in milliseconds, its encryption included. Default 10,000. A `fetch`
   * of your own has limits of its own.
   */
  readonly connectMs?: number;
  /** What its tokens cost. Default: not known; there is no list of prices, because lists grow old. */
  readonly price?: Price;
  /**
   * When a model that keeps failing is spared. What is known of it is shared by all runs of the
   * process that ask the same model at the same base URL.
   */
  readonly breaker?: BreakerOptions;
  /** Models that are asked, in turn, when this one cannot be had or its server does not know it. */
  readonly fallback?: readonly Model[];
}

/** What of the options goes into each request. */
export interface Sampling {
  readonly stream: boolean;
  readonly reasoning: OpenAIOptions['reasoning'];
  readonly temperature: number | undefined;
  readonly maxOutputTokens: number | undefined;
  readonly parallelToolCalls: boolean | undefined;
}

export function samplingOf(options: OpenAIOptions): Sampling {
  const {
    stream = environmentStreams(),
    reasoning,
    temperature,
    maxOutputTokens,
    parallelToolCalls,
  } = options;
  return { stream, reasoning, temperature, maxOutputTokens, parallelToolCalls };
}

function environmentStreams(): boolean {
  return process.env['CADENZA_OPENAI_STREAM'] !== 'false';
}
