/**
 * The contract of a model driver: a transcript in, one reply out.
 *
 * A call in a transcript carries its result, so a transcript with an unanswered call cannot be
 * written down. The transcript is neutral: each driver writes its own wire from it, so a run may
 * pause with one model and go on with another.
 */
import type { RunError, RunErrorCode } from '../errors.ts';
import type { Answered } from './answered.ts';

/** A tool call of an earlier reply, together with its one result. */
export interface AnsweredCall {
  /** The id that the model knows the call by; unique within a transcript. */
  readonly id: string;
  readonly name: string;
  /** The arguments as JSON text. */
  readonly arguments: string;
  readonly result: string;
}

/**
 * A reply as its provider wrote it, kept where the provider wants it back word for word: reasoning
 * models do. Another model is told the same in neutral form.
 */
export interface Verbatim {
  readonly model: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

export type TranscriptMessage =
  | { readonly role: 'user'; readonly text: string }
  | {
      readonly role: 'assistant';
      readonly text: string | null;
      readonly calls: readonly AnsweredCall[];
      readonly verbatim?: Verbatim;
    };

/** A tool as the model sees it. `parameters` is a JSON Schema of type object. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ModelRequest {
  readonly instructions: string;
  readonly transcript: readonly TranscriptMessage[];
  readonly tools: readonly ToolSpec[];
}

/** A tool call as the model wrote it: `arguments` is text that may not be JSON. */
export interface RequestedCall {
  /** Empty where the provider gave none. */
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** Tokens as the provider counts them; 0 where it does not say. */
export interface TokenUsage {
  readonly inputTokens: number;
  /** Those of the input that came from the provider's cache. Default 0. */
  readonly cachedInputTokens?: number;
  readonly outputTokens: number;
  /** Those of the output that the model thought with. Default 0. */
  readonly reasoningTokens?: number;
}

/** What one answer of a model used. */
export interface ModelUse {
  /** The name of the model that answered. */
  readonly model: string;
  readonly usage: TokenUsage;
  /** In millionths of the currency of its price, a whole number. Absent where it is not known. */
  readonly costMicros?: number;
}

/** A model that could not be had, so that another one was asked. */
export interface UnavailableModel {
  readonly model: string;
  readonly failure: { readonly code: RunErrorCode; readonly message: string };
}

export interface Reply {
  readonly text: string | null;
  readonly calls: readonly RequestedCall[];
  /** `length`: the reply was cut off, so its calls may be incomplete. */
  readonly finish: 'stop' | 'calls' | 'length';
  readonly usage: TokenUsage;
  /** The name of the model that answered, where it may be another than the one that was asked. */
  readonly model?: string;
  /** In millionths of the currency of the model's price, a whole number. Absent: not known. */
  readonly costMicros?: number;
  /** The models that were asked before it and could not be had, in that order. */
  readonly insteadOf?: readonly UnavailableModel[];
  readonly answered?: Answered;
  readonly verbatim?: Verbatim;
}

/**
 * A piece of a reply that is still being written. It counts for nothing until the reply is whole. A
 * restart says that the pieces before it belong to a reply that will not be: another one begins.
 */
export type Delta =
  | { readonly type: 'restart' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'arguments'; readonly call: number; readonly text: string };

/**
 * Why there is no reply, where another try may bring one: it decides how often and when to try.
 *
 * - `unreached`: nothing was sent
 * - `cut`: the connection broke, or nothing came for too long
 * - `overloaded`: the server could not answer
 * - `rate_limited`: too many requests
 * - `conflict`: the server was busy with the same
 * - `unusable`: an answer came that is no reply
 * - `key_refused`: the key is missing, or may not do this; only a person can change that
 * - `account_empty`: the account or its quota is used up; only a person can change that
 * - `model_unknown`: the server has no such model; no other try helps, but another model may
 * - `breaker_open`: nothing was sent, because the model failed several times in a row
 */
export type ModelFault =
  | 'unreached'
  | 'cut'
  | 'overloaded'
  | 'rate_limited'
  | 'conflict'
  | 'unusable'
  | 'key_refused'
  | 'account_empty'
  | 'model_unknown'
  | 'breaker_open';

export interface ReplyOptions {
  readonly signal: AbortSignal;
  /** True asks even a model that is spared because it failed several times in a row. */
  readonly insists?: boolean;
  readonly onDelta?: ((delta: Delta) => void) | undefined;
  /** Told of what an answer used that was no reply and was thrown away, as far as that is known. */
  readonly onDiscarded?: (use: ModelUse) => void;
  /**
   * Told of what is lost though a reply may come: a model that only a person can bring back and in whose
   * place another one answered, once until it answers again; an option of the author that the server
   * does not take, named by `details.option`, once.
   */
  readonly onLost?: (error: RunError) => void;
}

export interface Model {
  /** The model's name, as the provider knows it. */
  readonly name: string;
  /** Whose it is, by the names that OpenTelemetry has for providers. */
  readonly provider?: string;
  /**
   * Asks for one reply. It is whole or it is none: what came before a fault is thrown away.
   *
   * @throws RunError when no reply can be had, or none that can be used; `details.retryable` tells
   *   whether the same request may work later, `details.retryAfterMs` when, `details.fault`, a
   *   `ModelFault`, why there is none, `details.hasBegun` whether a reply that was cut had begun,
   *   `details.server` the code, type, parameter and request id that the server gives,
   *   `details.failed` the names of the models that failed, where several were asked
   */
  reply(request: ModelRequest, options: ReplyOptions): Promise<Reply>;
}
